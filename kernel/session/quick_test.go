package session

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"
)

// The interpreter must be laid out as quick.go expects; otherwise all works, slowly.
func TestQuickLayout(t *testing.T) {
	if !quick().ok {
		t.Error("the interpreter is not laid out as expected: loops are slow")
	}
}

// Quick nodes compute what Go does, and leave to the interpreter what they must.
func TestQuick(t *testing.T) {
	for code, want := range map[string]string{
		"s := 0\nfor i := 0; i < 10; i++ {\n\ts += i\n}\ns": "45",
		"x := 0.5\nfor x < 100 {\n\tx *= 3\n}\nx":           "121.5",
		"x := 1.5\nx += 2\nx -= 1\nx++\nx":                  "3.5",
		"n := 10\nfor n >= 3 {\n\tn--\n}\nn":                "2",
		"func f(n int) int {\n\ts := 0\n\tfor i := 1; i <= n; i++ {\n\t\ts += i * i\n\t}\n\treturn s\n}\nf(4)": "30",
		"type D int\nd := D(3)\nd += 4\nd++\nd < 9 && d != 7":                                                  "true",
		"var b int8 = 127\nb++\nb += 1\nb":                                                                     "-127",
		"var u uint = 0\nu--\nu > 5":                                                                           "true",
		"big := 1<<63 - 1\nbig++\nbig < 0":                                                                     "true",
		"m := map[string]int{}\nm[\"a\"]++\nm[\"a\"] += 4\nm[\"a\"]":                                           "5",
		"p := new(int)\n*p += 3\n*p++\n*p":                                                                     "4",
		"type P struct{ X int; Y float64 }\nvar v P\nv.X++\nv.Y += 0.5\nv.X < 2 && v.Y == 0.5":                 "true",
		"a := []int{1, 2}\na[1] += a[0]\na[1]++\na":                                                            "[1 4]",
		"s := \"a\"\ns += \"b\"\ns < \"b\"":                                                                    "true",
		"var e any = 3\ne == 3":                                                                                "true",
		"c := 1 + 2i\nc += 1\nc":                                                                               "(2+2i)",
		"n := 0\nf := func() { n++ }\nfor i := 0; i < 3; i++ {\n\tf()\n}\nn":                                   "3",
		"n := 0\nfunc() {\n\tfor i := 0; i < 3; i++ {\n\t\tfunc() { n += i }()\n\t}\n}()\nn":                   "3",
		"n := 0\nL:\nn++\nif n < 5 {\n\tgoto L\n}\nn":                                                          "5",
		"n := 0\nfor {\n\tn++\n\tif n == 7 {\n\t\tbreak\n\t}\n}\nn":                                            "7",
		"x, y := 3, 4.5\nz := float64(x)*y + 1 - y\nz":                                                         "10",
		"i, j := 2, 3\nk := i*j - i + 1\nl := (i + j) * k\nl":                                                  "25",
		"i, j := 2, 3\ni < j && (j > 5 || i != 2) || i+j == 5":                                                 "true",
		"i := 3\ni += i\ni *= i\ni":                                                                            "36",
		"const c = 2.0\ni := 3\ni *= c\nf := 1.5\nf *= c\nf > float64(i)":                                      "false",
		"var fs []func() int\nfor i := 0; i < 3; i++ {\n\tfs = append(fs, func() int { i += 10; return i })\n}\n[]int{fs[0](), fs[2](), fs[2]()}": "[10 12 22]",
		"x := 0.0\ny := x / x\ny == y || y < 1 || y >= 1": "false",
		"n := 0\n" + strings.Repeat("n++\n", 3000) + "n":  "3000",
	} {
		s, err := New(Options{})
		if err != nil {
			t.Fatal(err)
		}
		r, e := s.Execute(context.Background(), Cell{1, code})
		if e != nil {
			t.Errorf("%s\n%s", code, strings.Join(e.Traceback, "\n"))
		} else if got := strings.TrimSpace(fmt.Sprintln(r.Values...)); got != want {
			t.Errorf("%s\nis %s, want %s", code, got, want)
		}
	}
}

// Loops that only compute end when they are interrupted.
func TestQuickInterrupt(t *testing.T) {
	s, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	interruptAll(t, s,
		"n := 0\nfor {\n\tn++\n}", "n := 0\nfor n >= 0 {\n\tn += 1\n\tn -= 1\n}", "n := 0\nL:\nn++\nn--\ngoto L",
		"func spin() {\n\tx := 1.0\n\tfor i := 0; i < 2; i *= 1 {\n\t\tx *= 1\n\t}\n}\nspin()",
	)
	if r, e := s.Execute(context.Background(), Cell{2, "n >= 0"}); e != nil || r.Values[0] != true {
		t.Errorf("afterwards: %v, %+v", r.Values, e)
	}
}

// interruptAll executes endless cells, and interrupts each.
func interruptAll(t *testing.T, s *Session, cells ...string) {
	t.Helper()
	for _, code := range cells {
		ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
		_, e := s.Execute(ctx, Cell{1, code})
		cancel()
		if e == nil || e.Name != "Interrupted" {
			t.Errorf("%s\n%+v", code, e)
		}
	}
}
