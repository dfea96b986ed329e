package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"strconv"
	"strings"
	"text/template"
	"time"
)

type Logger interface{ Log(string) }
type LoggerFunc func(string)

func (f LoggerFunc) Log(s string) { f(s) }

type Service struct {
	Logger
	*bytes.Buffer
	name string
}

type State uint8

const (
	Idle State = iota + 1
	Busy
)

func (s State) MarshalText() ([]byte, error) { return []byte("state" + strconv.Itoa(int(s))), nil }

type Person struct {
	Name  string         `json:"name"`
	Age   int            `json:"age,omitempty"`
	Tags  []string       `json:"tags"`
	Extra map[string]any `json:"extra"`
	inner int
}

type Visitor interface {
	Visit(n Node) Visitor
}
type Node interface{ Children() []Node }
type Leaf int
type Branch []Node

func (Leaf) Children() []Node     { return nil }
func (b Branch) Children() []Node { return b }

type counter struct{ n *int }

func (c counter) Visit(n Node) Visitor {
	*c.n++
	if _, ok := n.(Leaf); ok {
		return nil
	}
	return c
}

func walk(v Visitor, n Node) {
	if v = v.Visit(n); v == nil {
		return
	}
	for _, c := range n.Children() {
		walk(v, c)
	}
}

type NotFound struct{ Key string }

func (n NotFound) Error() string { return "not found: " + n.Key }

var ErrBase = errors.New("base")

func find(k string) (string, error) {
	switch k {
	case "a":
		return "A", nil
	case "b":
		return "", NotFound{k}
	case "c":
		return "", &os.PathError{Op: "open", Path: k, Err: ErrBase}
	}
	return "", fmt.Errorf("find %q: %w", k, ErrBase)
}

type Queue[T any] struct {
	items []T
	less  func(a, b T) bool
}

func NewQueue[T any](less func(a, b T) bool) *Queue[T] { return &Queue[T]{less: less} }
func (q *Queue[T]) Push(x T) {
	q.items = append(q.items, x)
	for i := len(q.items) - 1; i > 0 && q.less(q.items[i], q.items[i-1]); i-- {
		q.items[i], q.items[i-1] = q.items[i-1], q.items[i]
	}
}
func (q *Queue[T]) Pop() (x T, ok bool) {
	if len(q.items) == 0 {
		return
	}
	x, q.items = q.items[0], q.items[1:]
	return x, true
}

type Money struct {
	Amount   int
	Currency string
}

func (m Money) Format(f fmt.State, c rune) { fmt.Fprintf(f, "%d %s", m.Amount, m.Currency) }

type Grid [3][3]rune

func (g *Grid) Set(r, c int, v rune) *Grid { g[r][c] = v; return g }
func (g Grid) String() string {
	var b strings.Builder
	for _, row := range g {
		for _, c := range row {
			if c == 0 {
				c = '.'
			}
			b.WriteRune(c)
		}
		b.WriteByte('/')
	}
	return b.String()
}

type Expr interface {
	Eval(env map[string]float64) float64
}
type (
	Num float64
	Var string
	Bin struct {
		Op   byte
		L, R Expr
	}
)

func (n Num) Eval(map[string]float64) float64     { return float64(n) }
func (v Var) Eval(env map[string]float64) float64 { return env[string(v)] }
func (b Bin) Eval(env map[string]float64) float64 {
	l, r := b.L.Eval(env), b.R.Eval(env)
	switch b.Op {
	case '+':
		return l + r
	case '*':
		return l * r
	}
	panic(fmt.Sprintf("op %c", b.Op))
}

func memo[K comparable, V any](f func(K) V) func(K) V {
	m := map[K]V{}
	return func(k K) V {
		if v, ok := m[k]; ok {
			return v
		}
		v := f(k)
		m[k] = v
		return v
	}
}

func main() {
	var out []string
	s := Service{LoggerFunc(func(x string) { out = append(out, x) }), &bytes.Buffer{}, "svc"}
	s.Log("one")
	s.WriteString("buffered")
	fmt.Fprintf(s, " %d", 1)
	fmt.Println(out, s.String(), s.Len(), s.name)
	var w io.Writer = s
	io.WriteString(w, "!")
	var l Logger = s
	l.Log("two")
	fmt.Println(out, s.Buffer.String())

	b, err := json.Marshal(Person{"Al", 0, []string{"x"}, map[string]any{"k": Leaf(2), "s": []any{1, "a", Money{1, "x"}}}, 3})
	fmt.Println(string(b), err)
	var p Person
	err = json.Unmarshal([]byte(`{"name":"Bo","age":3,"tags":null,"extra":{"a":[1,2]}}`), &p)
	fmt.Println(p, err, p.Extra["a"].([]any)[1].(float64))
	err = json.Unmarshal([]byte(`{"name":1}`), &p)
	fmt.Println(err != nil)
	b, _ = json.MarshalIndent(Busy, "", " ")
	fmt.Println(string(b))

	n := 0
	walk(counter{&n}, Branch{Leaf(1), Branch{Leaf(2), Leaf(3)}, Leaf(4)})
	fmt.Println(n)

	for _, k := range []string{"a", "b", "c", "d"} {
		v, err := find(k)
		var nf NotFound
		var pe *os.PathError
		switch {
		case err == nil:
			fmt.Println(v)
		case errors.As(err, &nf):
			fmt.Println("nf", nf.Key, err)
		case errors.As(err, &pe):
			fmt.Println("pe", pe.Op, errors.Is(err, ErrBase))
		default:
			fmt.Println(err, errors.Is(err, ErrBase), errors.Unwrap(err) == ErrBase)
		}
		switch e := err.(type) {
		case nil:
		case NotFound:
			fmt.Println("type", e.Key)
		case *os.PathError:
			fmt.Println("path", e.Path)
		default:
			fmt.Printf("%T\n", e)
		}
	}
	var e1, e2 error = NotFound{"x"}, NotFound{"x"}
	fmt.Println(e1 == e2, e1 == error(NotFound{"y"}), errors.Is(e1, e2))

	q := NewQueue(func(a, b Money) bool { return a.Amount < b.Amount })
	q.Push(Money{3, "EUR"})
	q.Push(Money{1, "USD"})
	x, ok := q.Pop()
	fmt.Println(x, ok, []Money{x}, &x, map[string]Money{"a": x})
	fmt.Printf("%v %s %d\n", x, x, x)
	var g Grid
	g.Set(1, 1, 'x').Set(0, 2, 'o')
	fmt.Println(g, &g, []*Grid{nil}[0] == nil)
	ex := Bin{'+', Num(2), Bin{'*', Var("x"), Num(3)}}
	fmt.Println(ex.Eval(map[string]float64{"x": 4}), ex)
	fmt.Printf("%v %+v %T\n", ex, ex, ex.L)
	var fib func(int) int
	fib = memo(func(n int) int {
		if n < 2 {
			return n
		}
		return fib(n-1) + fib(n-2)
	})
	fmt.Println(fib(50))
	t := template.Must(template.New("t").Parse("{{.Name}} {{len .Tags}} {{range .Tags}}<{{.}}>{{end}}\n"))
	var page strings.Builder
	t.Execute(&page, Person{Name: "T", Tags: []string{"p", "q"}})
	fmt.Print(page.String())
	sc := bufio.NewScanner(strings.NewReader("l1\nl2"))
	for sc.Scan() {
		fmt.Print(sc.Text(), ";")
	}
	fmt.Println()
	fmt.Println(reflect.DeepEqual([]Money{{1, "a"}}, []Money{{1, "a"}}), reflect.TypeOf(3).Kind(), reflect.ValueOf(p).NumField())
	var fs []func() int
	for i := 0; i < 3; i++ {
		j := i * 10
		fs = append(fs, func() int { j++; return i + j })
	}
	for _, f := range fs {
		fmt.Print(f(), " ", f(), " ")
	}
	fmt.Println()
	a := [...]string{2: "c", 0: "a"}
	fmt.Printf("%q %d %v\n", a, len(a), a == [3]string{"a", "", "c"})
	m := map[string][]int{}
	m["x"] = append(m["x"], 1, 2)
	m["y"] = nil
	delete(m, "y")
	if v, ok := m["x"]; ok && len(v) == 2 {
		m["x"][0]++
	}
	fmt.Println(m, len(m["none"]))
	type pt struct{ x, y int }
	grid := map[pt]string{{1, 2}: "a"}
	grid[pt{3, 4}] = "b"
	fmt.Println(grid[pt{1, 2}], len(grid), grid)
	pp := &pt{1, 2}
	pp.x, pp.y = pp.y, pp.x
	c := *pp
	c.x = 100
	fmt.Println(*pp, c, pp == &pt{2, 1}, *pp == pt{2, 1})
	d := 90 * time.Minute
	fmt.Println(d, d.Hours(), time.Duration(1500)*time.Millisecond)
	var sb strings.Builder
	for i := range 3 {
		fmt.Fprintf(&sb, "%d-", i)
	}
	fmt.Println(sb.String(), strings.Map(func(r rune) rune { return r + 1 }, "abc"))
	func(xs ...any) { fmt.Println(len(xs), xs) }(1, "a", nil, Leaf(3))
	var nilm map[string]int
	fmt.Println(nilm["a"], len(nilm), nilm == nil)
	sw := func(x any) string {
		switch {
		case x == nil:
			return "nil"
		case x == 1:
			return "one"
		case x == "a":
			return "a"
		}
		return "?"
	}
	fmt.Println(sw(nil), sw(1), sw("a"), sw(1.0))
	x1, y1 := 1, 2
	x1, y1 = y1, x1+y1
	fmt.Println(x1, y1, x1&y1, x1|y1, x1^y1, x1<<3, -x1>>1)
	fmt.Println(strconv.Quote("a\tb"), strconv.FormatInt(-255, 16), fmt.Sprint("a", 1, 2, "b", "c", 3.0), fmt.Sprintln("x", 1))
}

// Output:
// [one] buffered 1 10 svc
// [one two] buffered 1!
// {"name":"Al","tags":["x"],"extra":{"k":2,"s":[1,"a",{"Amount":1,"Currency":"x"}]}} <nil>
// {Bo 3 [] map[a:[1 2]] 0} <nil> 2
// true
// "state2"
// 6
// A
// nf b not found: b
// type b
// pe open true
// path c
// find "d": base true true
// *fmt.wrapError
// true false true
// 1 USD true [1 USD] 1 USD map[a:1 USD]
// 1 USD 1 USD 1 USD
// ..o/.x./.../ ..o/.x./.../ true
// 14 {43 2 {42 x 3}}
// {43 2 {42 x 3}} {Op:43 L:2 R:{Op:42 L:x R:3}} main.Num
// 12586269025
// T 2 <p><q>
// l1;l2;
// true int 5
// 1 2 12 13 23 24
// ["a" "" "c"] 3 true
// map[x:[2 2]] 0
// a 2 map[{1 2}:a {3 4}:b]
// {2 1} {100 1} false true
// 1h30m0s 1.5 1.5s
// 0-1-2- bcd
// 4 [1 a <nil> 3]
// 0 0 true
// nil one a ?
// 2 3 2 3 1 16 -1
// "a\tb" -ff a1 2bc3 x 1
//
