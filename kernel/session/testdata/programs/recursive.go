package main

import "fmt"

type F func(int) (int, F)
type L []L
type M map[string]M
type P *P
type C chan C

func (l L) depth() int {
	d := 0
	for _, x := range l {
		d = max(d, x.depth())
	}
	return d + 1
}

func fib() F {
	a, b := 0, 1
	var f F
	f = func(n int) (int, F) {
		a, b = b, a+b
		return a + n, f
	}
	return f
}

func main() {
	f := fib()
	var n int
	for range 5 {
		n, f = f(0)
	}
	fmt.Println(n, f == nil)
	l := L{L{}, L{L{}, nil}}
	l = append(l, l)
	fmt.Println(len(l), l.depth(), l[1][1] == nil, l)
	m := M{"a": {"b": nil}}
	m["c"] = make(M)
	m["c"]["d"] = M{}
	fmt.Println(len(m), len(m["a"]), m["a"]["b"] == nil)
	var p P
	var q P = &p
	fmt.Println(p == nil, *q == nil)
	c := make(C, 1)
	c <- c
	d := <-c
	fmt.Println(c == d)
	var x any = l
	_, ok := x.(L)
	fmt.Printf("%v %T\n", ok, x)
	for i, e := range l[1:] {
		fmt.Println(i, len(e))
	}
	var zero F
	fmt.Println(zero == nil)
}

// Output:
// 5 false
// 3 4 true [[] [[] []] [[] [[] []]]]
// 2 1 true
// true true
// true
// true main.L
// 0 2
// 1 2
// true
