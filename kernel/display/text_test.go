package display

import (
	"errors"
	"fmt"
	"go/token"
	"go/types"
	"math/big"
	"strings"
	"testing"
	"time"

	"gonum.org/v1/gonum/mat"
)

type point struct{ X, Y int }

type named struct{ name string }

func (n named) String() string { return "named " + n.name }

type node struct {
	Value int
	Next  *node
}

type broken struct{}

func (broken) String() string { panic("broken") }

func TestText(t *testing.T) {
	ring := &node{Value: 1}
	ring.Next = &node{Value: 2, Next: ring}
	self := map[string]any{}
	self["self"] = self
	million := make([]int, 1e6)
	for i := range million {
		million[i] = i
	}
	var nilPoint *point
	var nilMatrix *mat.Dense
	five := 5
	for _, c := range []struct {
		value any
		want  string
	}{
		{nil, "<nil>"},
		{42, "42"},
		{int8(-3), "-3"},
		{2.5, "2.5"},
		{float32(0.1), "0.1"},
		{1e21, "1e+21"},
		{complex(1, -2), "(1-2i)"},
		{true, "true"},
		{"héllo", "héllo"},
		{[]string{"a", "b"}, "[a b]"},
		{[3]bool{true}, "[true false false]"},
		{[]byte("hi"), "[104 105]"},
		{[]int(nil), "[]"},
		{map[string]int{"b": 2, "a": 1}, "map[a:1 b:2]"},
		{map[int]string{10: "x", 9: "y", -1: "z"}, "map[-1:z 9:y 10:x]"},
		{map[point]int{{2, 1}: 2, {1, 2}: 1}, "map[{X:1 Y:2}:1 {X:2 Y:1}:2]"},
		{map[float64]int(nil), "map[]"},
		{point{1, 2}, "{X:1 Y:2}"},
		{&point{1, 2}, "&{X:1 Y:2}"},
		{&five, "&5"},
		{nilPoint, "<nil>"},
		{nilMatrix, "<nil>"},
		{struct{ P *point }{}, "{P:<nil>}"},
		{struct{ e error }{errors.New("bad")}, "{e:&{s:bad}}"}, // unexported: its methods cannot be called
		{struct{ E error }{errors.New("bad")}, "{E:bad}"},
		{named{"n"}, "named n"},
		{[]named{{"a"}, {"b"}}, "[named a named b]"},
		{3 * time.Second, "3s"},
		{big.NewInt(7), "7"},
		{fmt.Errorf("wrapped: %w", errors.New("in")), "wrapped: in"},
		{broken{}, "%!v(PANIC=String method: broken)"},
		{func(int) string { return "" }, "func(int) string"},
		{make(chan int, 2), "chan int(len 0, cap 2)"},
		{ring, "&{Value:1 Next:&{Value:2 Next:(cycle)}}"},
		{self, "map[self:(cycle)]"},
		{[]any{1, nil, "x", []int{1}}, "[1 <nil> x [1]]"},
		{million, "[0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 … 999990 999991 999992 999993 999994 999995 999996 999997 999998 999999](len 1000000)"},
		{[][]int{million}, "[[0 1 2 3 … 999998 999999](len 1000000)]"},
	} {
		if got := Text(c.value); got != c.want {
			t.Errorf("Text(%T)\n got %s\nwant %s", c.value, got, c.want)
		}
	}
}

// No value takes more than the limit, however it is nested.
func TestTextBounded(t *testing.T) {
	wide := map[int][]string{}
	for i := range 1000 {
		wide[i] = []string{strings.Repeat("x", 1000), strings.Repeat("é", 5000)}
	}
	for _, v := range []any{
		strings.Repeat("é", 1e6),
		[]string{strings.Repeat("a", 1e6), strings.Repeat("b", 1e6)},
		wide,
		errors.New(strings.Repeat("e", 1e6)),
		[1000][1000][10]float64{},
	} {
		got := Text(v)
		if len(got) > textLimit+100 {
			t.Errorf("%T takes %d bytes", v, len(got))
		}
		if !strings.Contains(got, "…") {
			t.Errorf("%T: nothing says that it was shortened", v)
		}
		if strings.Contains(got, "\uFFFD") {
			t.Errorf("%T: a character was cut", v)
		}
	}
	if got := Text(strings.Repeat("x", 1e6)); !strings.Contains(got, "(1000000 bytes)") {
		t.Error("the length of a shortened string is not told")
	}
}

// An interpreted struct has mangled field names at run time; go/types knows.
func TestTextAs(t *testing.T) {
	record := types.NewStruct([]*types.Var{
		types.NewField(token.NoPos, nil, "name", types.Typ[types.String], false),
		types.NewField(token.NoPos, nil, "Size", types.Typ[types.Int], false),
	}, nil)
	v := struct {
		Xname string
		Size  int
	}{"n", 3}
	for _, c := range []struct {
		v    any
		t    types.Type
		want string
	}{
		{v, record, "{name:n Size:3}"},
		{&v, types.NewPointer(record), "&{name:n Size:3}"},
		{map[string]any{"k": 1}, record, "map[k:1]"}, // a type that does not match is ignored
	} {
		if got := TextAs(c.v, c.t); got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
	}
	slice := []struct {
		Xname string
		Size  int
	}{{"n", 3}}
	if got := TextAs(slice, types.NewSlice(record)); got != "[{name:n Size:3}]" {
		t.Errorf("slice: %s", got)
	}
}
