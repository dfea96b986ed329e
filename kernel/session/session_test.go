package session

import (
	"context"
	"testing"
	"time"
)

func TestInterrupt(t *testing.T) {
	s, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, e := s.Execute(context.Background(), Cell{1, "n := 0\nch := make(chan int)"}); e != nil {
		t.Fatal(e)
	}
	for _, code := range []string{"for { n++ }", "<-ch", "select {}", "func loop() { for { n++ } }\nloop()", `time.Sleep(time.Hour)`} {
		ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
		_, e := s.Execute(ctx, Cell{2, code})
		cancel()
		if e == nil || e.Name != "Interrupted" {
			t.Fatalf("%s: %v", code, e)
		}
	}
	res, e := s.Execute(context.Background(), Cell{3, "n > 0"})
	if e != nil || len(res.Values) != 1 || res.Values[0] != true {
		t.Fatalf("after the interrupt: %v %v", res, e)
	}
}
