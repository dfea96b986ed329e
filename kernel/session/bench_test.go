package session

import (
	"context"
	"fmt"
	"math"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/traefik/yaegi/interp"
)

// What a cell costs before and apart from what it computes: split, check,
// lower, compile.
func BenchmarkCell(b *testing.B) {
	for _, globals := range []int{0, 2000} {
		b.Run(fmt.Sprintf("globals=%d", globals), func(b *testing.B) {
			s, err := New(Options{})
			if err != nil {
				b.Fatal(err)
			}
			for i := range globals / 100 {
				code := ""
				for j := range 100 {
					code += fmt.Sprintf("v%d_%d := %d\n", i, j, j)
				}
				if _, e := s.Execute(context.Background(), Cell{1, code}); e != nil {
					b.Fatal(e)
				}
			}
			cell := "type P struct{ X, Y int }\nfunc (p P) Sum() int { return p.X + p.Y }\nps := []P{{1, 2}, {3, 4}}\nn := 0\nfor _, p := range ps { n += p.Sum() }\nn"
			for b.Loop() {
				if _, e := s.Execute(context.Background(), Cell{1, cell}); e != nil {
					b.Fatal(e)
				}
			}
		})
	}
}

// Checking and lowering alone.
func BenchmarkCheckLower(b *testing.B) {
	s, err := New(Options{})
	if err != nil {
		b.Fatal(err)
	}
	code := "type P struct{ X, Y int }\nfunc (p P) Sum() int { return p.X + p.Y }\nps := []P{{1, 2}, {3, 4}}\nn := 0\nfor _, p := range ps { n += p.Sum() }\nn"
	for b.Loop() {
		file := s.addText(text{"cell[1]", code})
		p, problems := parseCell(s.fset, file, code)
		if problems != nil {
			b.Fatal(problems)
		}
		c, problems := s.check(p)
		if problems != nil {
			b.Fatal(problems)
		}
		if _, err := s.lower.Lower(c.unit); err != nil {
			b.Fatal(err)
		}
		s.lower.Undo()
	}
}

func BenchmarkLoops(b *testing.B) {
	for _, bm := range []struct{ name, setup, code string }{
		{"add", "", "n := 0\nfor i := 0; i < 1000000; i++ { n += i }"},
		{"index", "a := make([]float64, 1000)", "s := 0.0\nfor k := 0; k < 1000; k++ { for i := 0; i < 1000; i++ { s += a[i] * 2 } }"},
		{"call", "func f(x int) int { return x + 1 }", "n := 0\nfor i := 0; i < 1000000; i++ { n = f(n) }"},
		{"native", "import \"math\"", "x := 0.0\nfor i := 0; i < 1000000; i++ { x = math.Sqrt(x) }"},
	} {
		b.Run(bm.name, func(b *testing.B) {
			s, err := New(Options{})
			if err != nil {
				b.Fatal(err)
			}
			if _, e := s.Execute(context.Background(), Cell{1, bm.setup}); e != nil {
				b.Fatal(e)
			}
			raw := interp.New(interp.Options{})
			if err := raw.Use(interp.Exports{"math/math": {"Sqrt": reflect.ValueOf(math.Sqrt)}}); err != nil {
				b.Fatal(err)
			}
			if _, err := raw.Eval(bm.setup); err != nil {
				b.Fatal(err)
			}
			var own, bare []time.Duration // in turn, so that a busy machine slows both
			for b.Loop() {
				start := time.Now()
				if _, e := s.Execute(context.Background(), Cell{2, bm.code}); e != nil {
					b.Fatal(e)
				}
				middle := time.Now()
				if _, err := raw.Eval(bm.code); err != nil {
					b.Fatal(err)
				}
				own, bare = append(own, middle.Sub(start)), append(bare, time.Since(middle))
			}
			ours, theirs := slices.Min(own).Seconds()*1e3, slices.Min(bare).Seconds()*1e3
			b.ReportMetric(ours, "ns/iteration")
			b.ReportMetric(theirs, "yaegi-ns/iteration")
			b.ReportMetric(ours/theirs, "ratio")
		})
	}
}
