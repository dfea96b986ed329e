package worker

import (
	"context"
	"testing"
)

// The way to the worker and back of a cell that prints one line.
func BenchmarkExecute(b *testing.B) {
	c, err := New(Options{Args: []string{"fake"}})
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	for b.Loop() {
		if _, err := c.Execute(context.Background(), Request{Code: "print x"}, func(Event) {}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkOutput(b *testing.B) {
	c, err := New(Options{Args: []string{"fake"}})
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	bytes, events := 0, 0
	for b.Loop() {
		if _, err := c.Execute(context.Background(), Request{Code: "lines 200000"}, func(e Event) { bytes += len(e.Text); events++ }); err != nil {
			b.Fatal(err)
		}
	}
	b.SetBytes(int64(bytes / b.N))
	b.ReportMetric(float64(events)/float64(b.N), "events/op")
}

// From nothing to the end of the first cell.
func BenchmarkStart(b *testing.B) {
	for b.Loop() {
		c, err := New(Options{Args: []string{"fake"}})
		if err != nil {
			b.Fatal(err)
		}
		if _, err := c.Execute(context.Background(), Request{Code: "print x"}, func(Event) {}); err != nil {
			b.Fatal(err)
		}
		c.Close()
	}
}

// The same with a session.
func BenchmarkSession(b *testing.B) {
	c, err := New(Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	for b.Loop() {
		if _, err := c.Execute(context.Background(), Request{Code: "1+1"}, func(Event) {}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSessionStart(b *testing.B) {
	for b.Loop() {
		c, err := New(Options{})
		if err != nil {
			b.Fatal(err)
		}
		if _, err := c.Execute(context.Background(), Request{Code: "1+1"}, func(Event) {}); err != nil {
			b.Fatal(err)
		}
		c.Close()
	}
}

func BenchmarkSessionOutput(b *testing.B) {
	c, err := New(Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	bytes, events := 0, 0
	for b.Loop() {
		req := Request{Code: "for i := 0; i < 200000; i++ {\n\tfmt.Println(\"a line of some length, fifty bytes in all, \", i)\n}"}
		if _, err := c.Execute(context.Background(), req, func(e Event) { bytes += len(e.Text); events++ }); err != nil {
			b.Fatal(err)
		}
	}
	b.SetBytes(int64(bytes / b.N))
	b.ReportMetric(float64(events)/float64(b.N), "events/op")
}
