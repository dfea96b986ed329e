package main

import (
	"errors"
	"fmt"
	"runtime"
)

func try(name string, f func()) {
	defer func() {
		r := recover()
		_, isRuntime := r.(runtime.Error)
		fmt.Println(name, r, isRuntime)
	}()
	f()
}

type T struct {
	x    int
	next *T
}

type I interface{ M(int) int }

func (t *T) M(i int) int { return t.x + i }

func named() (r int, err error) {
	defer func() {
		if x := recover(); x != nil {
			r, err = -1, fmt.Errorf("recovered %v", x)
		}
	}()
	for i := range 3 {
		defer func(n int) { r += n * i }(i)
	}
	panic("boom")
}

func again() (s string) {
	defer func() { s += fmt.Sprint("outer ", recover()) }()
	defer func() {
		defer func() { panic("third") }()
		panic("second")
	}()
	panic("first")
}

func helper() any { return recover() }

func indirect() {
	defer func() { fmt.Println("direct", recover()) }()
	defer func() { fmt.Println("indirect", helper()) }()
	panic("x")
}

type closer string

func (c closer) Close() {
	fmt.Println("closing", string(c), recover())
}

func methods() {
	c := closer("a")
	defer c.Close()
	c = "b"
	defer closer.Close(c)
	f := c.Close
	c = "c"
	defer f()
	panic(c)
}

func order() (s string) {
	defer func() { s += "!" }()
	for i := 0; i < 3; i++ {
		defer func() { s += fmt.Sprint(i) }()
	}
	return "r"
}

func seq(yield func(int) bool) {
	for i := range 5 {
		if !yield(i) {
			return
		}
	}
}

func inRange() (n int) {
	for x := range seq {
		defer func() { n = n*10 + x }()
		if x == 2 {
			return 7
		}
	}
	return 0
}

func goexit() {
	done := make(chan bool)
	go func() {
		defer close(done)
		defer fmt.Println("deferred at exit")
		runtime.Goexit()
	}()
	<-done
}

func main() {
	a, s, i, neg := []int{1, 2, 3}, "abc", 5, -1
	arr := [3]int{}
	var p *T
	var m map[string]int
	var f func()
	var x any = "text"
	var n any
	var t I
	zero := 0
	try("index", func() { fmt.Println(a[i]) })
	try("store", func() { a[i] = 2 })
	try("array", func() { arr[i]++ })
	try("string", func() { fmt.Println(s[i]) })
	try("negative", func() { fmt.Println(a[neg]) })
	try("slice", func() { fmt.Println(a[i:]) })
	try("slice to", func() { fmt.Println(a[:i]) })
	try("slice back", func() { j := 1; fmt.Println(a[2:j]) })
	try("slice string", func() { fmt.Println(s[i:]) })
	try("slice cap", func() { fmt.Println(a[1:2:i]) })
	try("shift", func() { fmt.Println(1 << neg) })
	try("shift assign", func() { y := 1; y >>= neg; fmt.Println(y) })
	try("nil map", func() { m["a"] = 1 })
	try("nil field", func() { p.x = 1 })
	try("nil method", func() { p.M(1) })
	try("nil chain", func() { fmt.Println((&T{}).next.next) })
	try("nil interface", func() { t.M(1) })
	try("nil func", func() { f() })
	try("divide", func() { fmt.Println(1 / zero) })
	try("assert", func() { fmt.Println(x.(int)) })
	try("assert nil", func() { fmt.Println(n.(int)) })
	try("assert method", func() { fmt.Println(x.(I)) })
	try("make", func() { _ = make([]int, neg) })
	try("convert", func() { _ = [4]int(a) })
	try("close nil", func() { close((chan int)(nil)) })
	try("close twice", func() { c := make(chan int); close(c); close(c) })
	try("compare", func() { var y, z any = a, a; fmt.Println(y == z) })
	try("hash", func() { k := map[any]int{}; k[a] = 2 })
	try("error", func() { panic(errors.New("an error")) })
	try("value", func() { panic(T{1, nil}) })
	fmt.Println(named())
	fmt.Println(again())
	indirect()
	methods()
	fmt.Println(order(), inRange())
	goexit()
}

// Output:
// index runtime error: index out of range [5] with length 3 true
// store runtime error: index out of range [5] with length 3 true
// array runtime error: index out of range [5] with length 3 true
// string runtime error: index out of range [5] with length 3 true
// negative runtime error: index out of range [-1] true
// slice runtime error: slice bounds out of range [5:3] true
// slice to runtime error: slice bounds out of range [:5] with capacity 3 true
// slice back runtime error: slice bounds out of range [2:1] true
// slice string runtime error: slice bounds out of range [5:3] true
// slice cap runtime error: slice bounds out of range [::5] with capacity 3 true
// shift runtime error: negative shift amount true
// shift assign runtime error: negative shift amount true
// nil map assignment to entry in nil map true
// nil field runtime error: invalid memory address or nil pointer dereference true
// nil method runtime error: invalid memory address or nil pointer dereference true
// nil chain runtime error: invalid memory address or nil pointer dereference true
// nil interface runtime error: invalid memory address or nil pointer dereference true
// nil func runtime error: invalid memory address or nil pointer dereference true
// divide runtime error: integer divide by zero true
// assert interface conversion: interface {} is string, not int true
// assert nil interface conversion: interface {} is nil, not int true
// assert method interface conversion: string is not main.I: missing method M true
// make runtime error: makeslice: len out of range true
// convert runtime error: cannot convert slice with length 3 to array or pointer to array with length 4 true
// close nil close of nil channel true
// close twice close of closed channel true
// compare runtime error: comparing uncomparable type []int true
// hash runtime error: hash of unhashable type []int true
// error an error false
// value {1 <nil>} false
// -1 recovered boom
// outer third
// indirect <nil>
// direct x
// closing b c
// closing b <nil>
// closing a <nil>
// r210! 7210
// deferred at exit
