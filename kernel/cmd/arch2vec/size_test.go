package main

import "testing"

func TestSize(t *testing.T) {
	for text, want := range map[string]int64{
		"0": 0, "123": 123, "1k": 1 << 10, "512 MB": 512 << 20, "4GiB": 4 << 30, "1.5g": 3 << 29, "2TB": 2 << 40, "77B": 77,
	} {
		var s, again size
		if err := s.UnmarshalText([]byte(text)); err != nil || int64(s) != want {
			t.Errorf("%q: %d, %v", text, s, err)
		}
		if err := again.UnmarshalText([]byte(s.String())); err != nil || again != s {
			t.Errorf("%q becomes %q, and that %d, %v", text, s.String(), again, err)
		}
	}
	for _, text := range []string{"", "B", "iB", "GB", "-1", "1e40", "nan", "4 apples", "1PB"} {
		var s size
		if err := s.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q passes as %d", text, s)
		}
	}
}
