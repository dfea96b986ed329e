package nasbench101

import (
	"math/rand/v2"
	"strings"
	"testing"
)

func TestFormatParse(t *testing.T) {
	s := enumerated(t)
	rng := rand.New(rand.NewPCG(2, 2))
	for range 2000 {
		c := s.Cell(rng.IntN(s.Len()))
		text, err := s.Format(c)
		if err != nil {
			t.Fatal(err)
		}
		if d, err := s.Parse(text); err != nil || d != c {
			t.Fatalf("Parse(%q) = %v, %v; want %v", text, d, err, c)
		}
		h, err := s.ClassHash(c)
		if err != nil {
			t.Fatal(err)
		}
		if d, err := s.Parse(h); err != nil || d != c {
			t.Fatalf("Parse(%s) = %v, %v; want %v", h, d, err, c)
		}
	}
	if _, err := s.Parse(strings.Repeat("0", 32)); err == nil || !strings.Contains(err.Error(), "no cell has the graph hash") {
		t.Errorf("a hash of no cell: %v", err)
	}
}

func TestParseErrors(t *testing.T) {
	s := &Space{}
	for _, c := range []struct{ text, says string }{
		{"", "column 1: want one of input"},
		{"conv", "column 1: want one of input"},
		{"input:1|pool:2|output", "column 9: want one of"},
		{"input:|output", "column 7: want a node from 1 to 6"},
		{"input:1|maxpool3x3:1|output", "column 20: want a node from 2 to 6"},
		{"input:1,1|output", "column 9: want a node from 2 to 6"},
		{"input:1,|output", "column 9: want a node"},
		{"input:+1|output", "column 7: want a node"},
		{"input:01|output", "column 7: want a node"},
		{"input:7|output", "column 7: want a node"},
		{"input:2|output", "0 -> 2"},
		{"input:1|output|", "column 16: want one of"},
		{"input|output", "no path"},
		{"input:2|maxpool3x3|output", "on no path"},
		{"input:1|output:2|output", "inner node 1"},
		{"input:1|maxpool3x3:2|maxpool3x3:3|maxpool3x3:4|maxpool3x3:5|maxpool3x3:6|maxpool3x3|output", "column 84: want the end"},
		{strings.Repeat("A", 32), "want one of"},
	} {
		if _, err := s.Parse(c.text); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("Parse(%q): %v; want %q", c.text, err, c.says)
		}
	}
}

// FuzzParse checks that Parse takes exactly what Format writes.
func FuzzParse(f *testing.F) {
	f.Add("input:1|output")
	f.Add("input:1,2|conv3x3-bn-relu:2|output")
	f.Add("input:1,3|maxpool3x3:2|conv1x1-bn-relu:3|output")
	f.Add("input:1|output|")
	f.Add("00005c142e6f48ac74fdcf73e3439874")
	f.Fuzz(func(t *testing.T, text string) {
		s := &Space{}
		c, err := s.Parse(text)
		if err != nil {
			return
		}
		if again, err := s.Format(c); err != nil || again != text {
			t.Errorf("Parse took %q, Format writes %q, %v", text, again, err)
		}
	})
}
