package space_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"arch2vec/native/space"
)

// TestMain keeps the user's own cache out of the tests.
func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "space-")
	if err != nil {
		panic(err)
	}
	os.Setenv("XDG_CACHE_HOME", dir)
	status := m.Run()
	os.RemoveAll(dir)
	os.Exit(status)
}

// open opens a space, and a small sample in place of a large one.
func open(t *testing.T, name string) space.Space {
	t.Helper()
	id := name
	if name == "darts" {
		id = "darts-2000-5"
	}
	s, err := space.Open(id)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestOpen opens every space by its name and by its ID.
func TestOpen(t *testing.T) {
	for _, name := range space.Names() {
		s := open(t, name)
		again, err := space.Open(s.ID())
		if err != nil || s.Name() != name || again.ID() != s.ID() || again.Len() != s.Len() || again.Cell(again.Len()-1) != s.Cell(s.Len()-1) {
			t.Errorf("Open(%q): %v, %v", s.ID(), again, err)
		}
	}
	for _, name := range []string{"", "nosuchspace", "darts-", "darts-0-x", "nasbench101-5-1"} {
		if s, err := space.Open(name); s != nil || err == nil || !strings.Contains(err.Error(), "nasbench201") {
			t.Errorf("Open(%q): %v, %v, want an error that lists the spaces", name, s, err)
		}
	}
	if s, err := space.Open("darts-0-1"); s != nil || err == nil {
		t.Errorf("an empty sample: %v, %v", s, err)
	}
}

// TestPublishedSample draws the sample of the published size, once.
func TestPublishedSample(t *testing.T) {
	if testing.Short() {
		t.Skip("600,000 cells")
	}
	s, err := space.Open("darts")
	if err != nil || s.Len() != 600_000 || s.ID() != "darts-600000-1" {
		t.Errorf("%v, %v", s.ID(), err)
	}
}

func TestSample(t *testing.T) {
	ctx := context.Background()
	s, err := space.Sample(ctx, "darts", 100, 3, 2)
	if err != nil || s.Len() != 100 || s.ID() != "darts-100-3" {
		t.Errorf("%v, %v", s, err)
	}
	for _, name := range []string{"nasbench101", "nasbench201"} {
		if _, err := space.Sample(ctx, name, 100, 3, 2); !errors.Is(err, space.ErrNotSampled) {
			t.Errorf("a sample of %s: %v", name, err)
		}
	}
	if _, err := space.Sample(ctx, "nosuchspace", 100, 3, 2); err == nil {
		t.Error("a sample of no space")
	}
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	if s, err := space.Sample(cancelled, "darts", 100, 3, 2); s != nil || !errors.Is(err, context.Canceled) {
		t.Errorf("%v, %v", s, err)
	}
}

// TestEdits checks, for every space, what the interface promises of one edit.
func TestEdits(t *testing.T) {
	for _, name := range space.Names() {
		s := open(t, name)
		rng := rand.New(rand.NewPCG(1, 2))
		for range 100 {
			c := s.Random(rng)
			if _, ok := s.Index(c); !ok {
				t.Fatalf("%s: %v is not of the space", name, c)
			}
			d, err := s.Mutate(c, rng)
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Check(d); err != nil {
				t.Fatal(err)
			}
			before, _ := s.ClassHash(c)
			if after, err := s.ClassHash(d); err != nil || after == before {
				t.Fatalf("%s: %v became %v, the same network (%v)", name, c, d, err)
			}
			if n, err := s.EditDistance(c, d); n != 1 || err != nil {
				t.Fatalf("%s: %v became %v: %d edits, %v", name, c, d, n, err)
			}
		}
		again := rand.New(rand.NewPCG(1, 2))
		first := rand.New(rand.NewPCG(1, 2))
		a, _ := s.Mutate(s.Random(first), first)
		if b, _ := s.Mutate(s.Random(again), again); a != b {
			t.Errorf("%s: the same seed gives %v and %v", name, a, b)
		}
	}
}

func Example() {
	s, err := space.Open("nasbench201")
	if err != nil {
		panic(err)
	}
	arch, _ := s.Format(s.Cell(0))
	fmt.Println(s.Len(), "cells; the first is", arch)
	// Output: 15625 cells; the first is |nor_conv_1x1~0|+|nor_conv_1x1~0|nor_conv_1x1~1|+|nor_conv_1x1~0|nor_conv_1x1~1|nor_conv_1x1~2|
}
