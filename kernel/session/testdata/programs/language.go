package main

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"
	"sort"
	"strings"
	"sync"
	"sync/atomic"
	"text/tabwriter"
	"time"
)

type Number interface {
	~int | ~int64 | ~float64
}

func Map[T, U any](xs []T, f func(T) U) []U {
	out := make([]U, 0, len(xs))
	for _, x := range xs {
		out = append(out, f(x))
	}
	return out
}

func Reduce[T, A any](xs []T, a A, f func(A, T) A) A {
	for _, x := range xs {
		a = f(a, x)
	}
	return a
}

type List[T any] struct {
	head *node[T]
	size int
}
type node[T any] struct {
	v    T
	next *node[T]
}

func (l *List[T]) Push(v T) { l.head = &node[T]{v, l.head}; l.size++ }
func (l *List[T]) All() iter.Seq2[int, T] {
	return func(yield func(int, T) bool) {
		i := 0
		for n := l.head; n != nil; n = n.next {
			if !yield(i, n.v) {
				return
			}
			i++
		}
	}
}

type Shape interface {
	Area() float64
	Perimeter() float64
}
type Rect struct{ W, H float64 }
type Circle struct{ R float64 }

func (r Rect) Area() float64         { return r.W * r.H }
func (r Rect) Perimeter() float64    { return 2 * (r.W + r.H) }
func (c *Circle) Area() float64      { return 3 * c.R * c.R }
func (c *Circle) Perimeter() float64 { return 6 * c.R }
func (r Rect) String() string        { return fmt.Sprintf("Rect(%gx%g)", r.W, r.H) }

type Animal interface{ Sound() string }
type Base struct{ Name string }

func (b *Base) SetName(n string) { b.Name = n }
func (b Base) Hello() string     { return "hi " + b.Name }

type Dog struct {
	Base
	Age int
}

func (d Dog) Sound() string { return d.Name + " woof" }

type Weekday int

const (
	Sunday Weekday = iota
	Monday
	Tuesday
)

func (d Weekday) String() string { return [...]string{"Sun", "Mon", "Tue"}[d] }

type Matrix [2][2]int

func (m Matrix) Mul(o Matrix) (r Matrix) {
	for i := range 2 {
		for j := range 2 {
			for k := range 2 {
				r[i][j] += m[i][k] * o[k][j]
			}
		}
	}
	return
}

type Option func(*cfg)
type cfg struct {
	n int
	s string
}

func WithN(n int) Option { return func(c *cfg) { c.n = n } }
func build(opts ...Option) cfg {
	c := cfg{s: "d"}
	for _, o := range opts {
		o(&c)
	}
	return c
}

type Tree[K cmp.Ordered, V any] struct {
	root *tn[K, V]
}
type tn[K cmp.Ordered, V any] struct {
	k    K
	v    V
	l, r *tn[K, V]
}

func (t *Tree[K, V]) Put(k K, v V) {
	p := &t.root
	for *p != nil {
		switch c := cmp.Compare(k, (*p).k); {
		case c < 0:
			p = &(*p).l
		case c > 0:
			p = &(*p).r
		default:
			(*p).v = v
			return
		}
	}
	*p = &tn[K, V]{k: k, v: v}
}
func (t *Tree[K, V]) Walk(yield func(K, V) bool) {
	var walk func(n *tn[K, V]) bool
	walk = func(n *tn[K, V]) bool {
		return n == nil || walk(n.l) && yield(n.k, n.v) && walk(n.r)
	}
	walk(t.root)
}

func Sum[T Number](xs ...T) (s T) {
	for _, x := range xs {
		s += x
	}
	return
}

type Set[T comparable] map[T]struct{}

func (s Set[T]) Add(v T)                             { s[v] = struct{}{} }
func (s Set[T]) Has(v T) bool                        { _, ok := s[v]; return ok }
func Keys[M ~map[K]V, K cmp.Ordered, V any](m M) []K { return slices.Sorted(maps.Keys(m)) }

type Temp float64
type Handler func(string) string

func (h Handler) Serve(s string) string { return h(s) }

type Server interface{ Serve(string) string }

func main() {
	fmt.Println(Map([]int{1, 2, 3}, func(i int) string { return strings.Repeat("x", i) }))
	fmt.Println(Reduce([]float64{1, 2, 3}, "", func(a string, f float64) string { return a + fmt.Sprint(f) }))
	var l List[Shape]
	l.Push(Rect{2, 3})
	l.Push(&Circle{1})
	for i, s := range l.All() {
		fmt.Printf("%d %T %.1f %.1f %v\n", i, s, s.Area(), s.Perimeter(), s == Shape(Rect{2, 3}))
	}
	shapes := []Shape{Rect{1, 2}, &Circle{2}, Rect{3, 1}}
	sort.Slice(shapes, func(i, j int) bool { return shapes[i].Area() < shapes[j].Area() })
	for _, s := range shapes {
		switch s := s.(type) {
		case Rect:
			fmt.Println("rect", s.W, s)
		case *Circle:
			fmt.Println("circle", s.R)
		}
	}
	d := Dog{Base{"rex"}, 3}
	d.SetName("max")
	var a Animal = d
	fmt.Println(a.Sound(), d.Hello(), d)
	fmt.Printf("%v %+v %d %s|%-6v|%x\n", Monday, Tuesday, Monday, Tuesday, Sunday, "hi")
	fmt.Println(map[Weekday]int{Monday: 1, Sunday: 2}, []Weekday{0, 1, 2}, struct{ D Weekday }{Tuesday})
	m := Matrix{{1, 1}, {1, 0}}
	r := m
	for range 5 {
		r = r.Mul(m)
	}
	fmt.Println(r, m == Matrix{{1, 1}, {1, 0}}, len(m))
	fmt.Printf("%+v\n", build(WithN(3), func(c *cfg) { c.s = "z" }))
	var t Tree[string, int]
	for i, w := range strings.Fields("the quick brown fox") {
		t.Put(w, i)
	}
	for k, v := range t.Walk {
		fmt.Print(k, "=", v, " ")
	}
	fmt.Println(Sum(1, 2, 3), Sum(1.5, 2), Sum[Temp](1, 2.5))
	s := Set[string]{}
	s.Add("a")
	s.Add("b")
	fmt.Println(s.Has("a"), s.Has("z"), Keys(s), len(s))
	var wg sync.WaitGroup
	var mu sync.Mutex
	var n atomic.Int64
	total := 0
	res := make([]int, 5)
	for i := range 5 {
		wg.Go(func() {
			mu.Lock()
			defer mu.Unlock()
			total += i
			n.Add(int64(i))
			res[i] = i * i
		})
	}
	wg.Wait()
	fmt.Println(total, n.Load(), res)
	ch := make(chan int)
	ctx, cancel := context.WithCancel(context.WithValue(context.Background(), Weekday(1), "v"))
	go func() {
		defer close(ch)
		for i := 0; ; i++ {
			select {
			case ch <- i:
			case <-ctx.Done():
				return
			}
		}
	}()
	for v := range ch {
		if v == 3 {
			cancel()
			break
		}
	}
	fmt.Println(ctx.Err(), ctx.Value(Weekday(1)), ctx.Value(1))
	select {
	case <-time.After(time.Millisecond):
		fmt.Println("timeout")
	}
	var srv Server = Handler(strings.ToUpper)
	fmt.Println(srv.Serve("abc"))
	var table strings.Builder
	tw := tabwriter.NewWriter(&table, 0, 2, 1, ' ', 0)
	fmt.Fprintf(tw, "a\tb\n%v\t%v\n", Monday, d.Age)
	tw.Flush()
	fmt.Print(table.String())
	x := []int{5, 2, 8}
	slices.SortFunc(x, func(a, b int) int { return cmp.Compare(b, a) })
	i, ok := slices.BinarySearchFunc([]Rect{{1, 1}, {2, 2}}, 2.0, func(r Rect, w float64) int { return cmp.Compare(r.W, w) })
	fmt.Println(x, slices.Max(x), slices.Contains(x, 8), slices.Index(x, 2), i, ok, slices.Collect(maps.Values(map[int]string{1: "a"})))
	next, stop := iter.Pull2(l.All())
	k, v, ok := next()
	fmt.Println(k, v.Area(), ok)
	stop()
	arr := [5]int{1, 2, 3}
	sl := arr[1:3:4]
	sl = append(sl, 9)
	sl2 := append(sl, 10)
	sl[0] = 77
	fmt.Println(arr, sl, sl2, len(sl), cap(sl), copy(arr[:], []int{4, 5}), arr)
	p := &arr
	for i := range p {
		p[i] *= 2
	}
	fmt.Println(*p, min(3, 1, 2), max(1.5, 2), min("b", "a"))
outer:
	for i := range 3 {
		for j := range 3 {
			if j == 2 {
				continue outer
			}
			if i == 2 {
				break outer
			}
			fmt.Print(i, j, " ")
		}
	}
	fmt.Println()
	c := complex(1, 2)
	fmt.Println(c*c, real(c), imag(c), c == complex(1, 2))
	fmt.Printf("%08b %o %#x %e %g %q %U %c %v %6.2f|%-8s|%+d\n", 5, 8, 255, 1234.5, 1e21, 'x', 0x1F600, 'é', []byte("hi"), 3.14159, "ab", 7)
	fmt.Printf("%v %v %T %T\n", struct{}{}, [0]int{}, struct{ A, B int }{}, map[string][]Shape{})
	var np *Dog
	var ns Shape
	fmt.Println(np == nil, ns == nil, np, ns)
	func() {
		defer func() {
			if r := recover(); r != nil {
				fmt.Println("recovered:", r)
			}
		}()
		_ = ns.Area()
	}()
	type local struct{ a, b any }
	fmt.Printf("%v %+v %T\n", local{1, "x"}, local{Monday, nil}, local{})
	f := Rect.Area
	g := shapes[0].Area
	fmt.Println(f(Rect{4, 5}), g())
	str := "héllo, 世界"
	for i, r := range str {
		if r > 127 {
			fmt.Print(i, ":", string(r), " ")
		}
	}
	fmt.Println(len(str), []rune(str)[1], string([]byte(str)[0:1]), strings.ToUpper(str))
	var iface any = 3.5
	if f, ok := iface.(float64); ok {
		fmt.Println("float", f)
	}
	_, bad := iface.(fmt.Stringer)
	fmt.Println(bad)
	const big = 1 << 100
	fmt.Println(big>>98, uint8(200)+50, -7/2, -7%3, 7&^5, 1<<3|1)
	var u8 uint8 = 255
	u8++
	var i8 int8 = 127
	i8++
	fmt.Println(u8, i8, ^0, 5^3)
	goto end
end:
	fmt.Println("end")
}

// Output:
// [x xx xxx]
// 123
// 0 *main.Circle 3.0 6.0 false
// 1 main.Rect 6.0 10.0 true
// rect 1 Rect(1x2)
// rect 3 Rect(3x1)
// circle 2
// max woof hi max {{max} 3}
// Mon Tue 1 Tue|Sun   |6869
// map[Sun:2 Mon:1] [Sun Mon Tue] {Tue}
// [[13 8] [8 5]] true 2
// {n:3 s:z}
// brown=2 fox=3 quick=1 the=0 6 3.5 3.5
// true false [a b] 2
// 10 10 [0 1 4 9 16]
// context canceled v <nil>
// timeout
// ABC
// a   b
// Mon 3
// [8 5 2] 8 true 2 1 true [a]
// 0 3 true
// [4 5 3 9 0] [5 3 9] [2 3 9 10] 3 3 2 [4 5 3 9 0]
// [8 10 6 18 0] 1 2 a
// 0 0 0 1 1 0 1 1
// (-3+4i) 1 2 true
// 00000101 10 0xff 1.234500e+03 1e+21 'x' U+1F600 é [104 105]   3.14|ab      |+7
// {} [] struct { A int; B int } map[string][]main.Shape
// true true <nil> <nil>
// recovered: runtime error: invalid memory address or nil pointer dereference
// {1 x} {a:1 b:<nil>} main.local
// 20 2
// 1:é 8:世 11:界 14 233 h HÉLLO, 世界
// float 3.5
// false
// 4 250 -3 -1 2 9
// 0 -128 -1 6
// end
