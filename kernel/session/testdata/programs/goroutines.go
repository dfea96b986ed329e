// Goroutines that execute the same code at the same time do not disturb each other.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sort"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

type shape interface{ area() float64 }
type rect struct{ w, h float64 }
type circle struct{ r float64 }

func (r rect) area() float64    { return r.w * r.h }
func (c *circle) area() float64 { return 3 * c.r * c.r }

type node struct {
	left, right *node
	v           int
}

func (n *node) insert(v int) *node {
	if n == nil {
		return &node{v: v}
	}
	if v < n.v {
		n.left = n.left.insert(v)
	} else {
		n.right = n.right.insert(v)
	}
	return n
}
func (n *node) sum() int {
	if n == nil {
		return 0
	}
	return n.v + n.left.sum() + n.right.sum()
}

func Map[T, U any](xs []T, f func(T) U) []U {
	var out []U
	for _, x := range xs {
		out = append(out, f(x))
	}
	return out
}

func kind(x any) string {
	switch v := x.(type) {
	case int:
		return "int" + strconv.Itoa(v)
	case string:
		return "string" + v
	case shape:
		return fmt.Sprintf("shape%.1f", v.area())
	case []int:
		return fmt.Sprint(len(v), v)
	case error:
		return v.Error()
	}
	return "?"
}

func safe(n int) (s string, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("recovered %v: %w", r, errBad)
		}
	}()
	a := make([]int, 3)
	if n%2 == 0 {
		a[n] = 1
	}
	return fmt.Sprint("fine", n), nil
}

var errBad = errors.New("bad")

func fib(n int) int {
	if n < 2 {
		return n
	}
	return fib(n-1) + fib(n-2)
}

func work(id int) string {
	var b strings.Builder
	m := map[string]int{}
	for i := 0; i < 60; i++ {
		k := "k" + strconv.Itoa((i*id)%7)
		m[k] += i + id
		arr := [3]int{id, i, id * i}
		sl := arr[:2]
		sl = append(sl, i)
		p := &struct {
			a, b int
			c    []int
		}{id, i, sl}
		p.a += p.b
		x, y := p.a, p.c[2]
		x, y = y, x
		fs := []func() int{}
		for j := 0; j < 3; j++ {
			fs = append(fs, func() int { x += j; return x * id })
		}
		t := 0
		for _, f := range fs {
			t += f()
		}
		_, err := safe(id + i + 4)
		var sh shape = rect{float64(id), float64(i)}
		if i%3 == 0 {
			sh = &circle{float64(id)}
		}
		fmt.Fprintf(&b, "%d %d %v %v %s %s|", t, y, errors.Is(err, errBad), sh.area(), kind(sh), kind(sl))
		fmt.Fprint(&b, kind(i), kind(k), kind(err))
		func() {
			defer func() { b.WriteString("d" + strconv.Itoa(i)) }()
			for k, v := range m {
				if v < 0 {
					b.WriteString(k)
				}
			}
		}()
		switch {
		case i%5 == id%5:
			b.WriteByte('x')
			fallthrough
		case i%7 == 0:
			b.WriteByte('y')
		default:
			b.WriteByte('z')
		}
	}
	keys := []string{}
	for k := range m {
		keys = append(keys, k)
	}
	sort.Slice(keys, func(i, j int) bool { return m[keys[i]]*100+len(keys[i]) < m[keys[j]]*100+len(keys[j]) })
	var root *node
	for i := 0; i < 30; i++ {
		root = root.insert((i * 7 * id) % 31)
	}
	fmt.Fprint(&b, len(keys), m["k0"], root.sum(), fib(10+id%3), Map([]int{id, 2}, func(i int) string { return strconv.Itoa(i * id) }))
	ch := make(chan int, 3)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for v := range ch {
			fmt.Fprint(&b, "r", v)
		}
	}()
	for i := 0; i < 5; i++ {
		ch <- i * id
	}
	close(ch)
	<-done
	v, ok := <-ch
	fmt.Fprint(&b, v, ok)
	ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	select {
	case <-ctx.Done():
		fmt.Fprint(&b, ctx.Err())
	case <-time.After(time.Second * 20):
		fmt.Fprint(&b, "late")
	}
	return b.String()
}

func main() {
	n := 6
	want := make([]string, n)
	for i := range want {
		want[i] = work(i + 1)
	}
	var wg sync.WaitGroup
	var bad atomic.Int64
	for g := 0; g < 8; g++ {
		wg.Add(1)
		go func(g int) {
			defer wg.Done()
			for k := 0; k < 3; k++ {
				i := (g + k) % n
				if got := work(i + 1); got != want[i] {
					bad.Add(1)
					if bad.Load() < 3 {
						for j := range got {
							if j >= len(want[i]) || got[j] != want[i][j] {
								fmt.Fprintln(os.Stderr, got[max(0, j-60):min(j+60, len(got))], "\nWANT", want[i][max(0, j-60):min(j+60, len(want[i]))])
								break
							}
						}
					}
				}
			}
		}(g)
	}
	wg.Wait()
	fmt.Println("bad", bad.Load(), len(want[2]))
}

// Output:
// bad 0 5357
