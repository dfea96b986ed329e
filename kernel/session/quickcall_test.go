package session

import (
	"context"
	"io"
	"testing"
)

// Calls of common functions go around package reflect, which would allocate for
// each of them. What they compute is in testdata/sessions/calls.txt.
func TestQuickCalls(t *testing.T) {
	if !calls().ok {
		t.Fatal("the interpreter is not laid out as expected: calls of compiled functions are slow")
	}
	s, err := New(Options{Stdout: io.Discard})
	if err != nil {
		t.Fatal(err)
	}
	if _, e := s.Execute(context.Background(), Cell{1, "x, n, ok := 2.0, 0, false"}); e != nil {
		t.Fatal(e)
	}
	const turns = 2000
	for body, most := range map[string]float64{ // allocations of a call
		"x = math.Sqrt(x)":                            0,
		"x = math.Max(x, float64(i))":                 2,
		"n = strings.Index(\"abc\", \"c\")":           0,
		"ok = strings.HasPrefix(\"abc\", \"ab\")":     0,
		"if strings.Contains(\"abc\", \"d\") { n++ }": 0,
		"if unicode.IsUpper('x') { n++ }":             0,
		"x = rand.Float64()":                          0,
		"fmt.Println(\"a\", 7, true)":                 3,
		"fmt.Printf(\"%d\\n\", 7)":                    3,
		"_ = fmt.Sprint(7)":                           4,
	} {
		code := "for i := 0; i < 2000; i++ { " + body + " }"
		allocations := testing.AllocsPerRun(2, func() {
			if _, e := s.Execute(context.Background(), Cell{2, code}); e != nil {
				t.Errorf("%s: %v", body, e)
			}
		})
		if allocations > turns*(most+0.5)+1500 {
			t.Errorf("%s: %.1f allocations a call: it is made by reflection", body, allocations/turns)
		}
	}
}

// Loops of nothing but calls end when they are interrupted.
func TestQuickCallInterrupt(t *testing.T) {
	s, err := New(Options{Stdout: io.Discard})
	if err != nil {
		t.Fatal(err)
	}
	interruptAll(t, s,
		"for {\n\tfmt.Print(\"x\")\n}", "x := 1.0\nfor {\n\tx = math.Sqrt(x)\n}", "for strings.HasPrefix(\"a\", \"a\") {\n}",
		"func spin(x float64) float64 {\n\tfor math.Abs(x) >= 0 {\n\t\tx = math.Floor(x)\n\t}\n\treturn math.Sqrt(x)\n}\nspin(2)",
	)
}
