package main

import (
	"errors"
	"fmt"
	"sort"
	"strings"
)

type Ordered interface {
	~int | ~int64 | ~float64 | ~string
}

type Tree[K Ordered, V any] struct {
	root *node[K, V]
	n    int
}

type node[K Ordered, V any] struct {
	key         K
	value       V
	left, right *node[K, V]
}

func (t *Tree[K, V]) Put(k K, v V) {
	p := &t.root
	for *p != nil {
		switch {
		case k < (*p).key:
			p = &(*p).left
		case k > (*p).key:
			p = &(*p).right
		default:
			(*p).value = v
			return
		}
	}
	*p = &node[K, V]{key: k, value: v}
	t.n++
}

func (t *Tree[K, V]) All() func(yield func(K, V) bool) {
	return func(yield func(K, V) bool) { t.root.walk(yield) }
}

func (n *node[K, V]) walk(yield func(K, V) bool) bool {
	return n == nil || n.left.walk(yield) && yield(n.key, n.value) && n.right.walk(yield)
}

func Filter[S ~[]E, E any](s S, keep func(E) bool) S {
	var out S
	for _, x := range s {
		if keep(x) {
			out = append(out, x)
		}
	}
	return out
}

func Keys[M ~map[K]V, K Ordered, V any](m M) []K {
	keys := make([]K, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Slice(keys, func(i, j int) bool { return keys[i] < keys[j] })
	return keys
}

type Pair[A, B any] struct {
	First  A
	Second B
}

func MakePair[A, B any](a A, b B) Pair[A, B] { return Pair[A, B]{a, b} }

func (p Pair[A, B]) Swap() Pair[B, A] { return MakePair(p.Second, p.First) }

type Names []string

func (n Names) Join() string { return strings.Join(n, "+") }

func Must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func half(n int) (int, error) {
	if n%2 != 0 {
		return 0, errors.New("odd")
	}
	return n / 2, nil
}

func Sum[T int | float64](xs ...T) (s T) {
	for _, x := range xs {
		s += x
	}
	return
}

func main() {
	var t Tree[string, int]
	for i, w := range strings.Fields("the quick brown fox jumps over the lazy dog") {
		t.Put(w, i)
	}
	for k, v := range t.All() {
		if k == "quick" {
			break
		}
		fmt.Print(k, "=", v, " ")
	}
	fmt.Println(t.n)
	fmt.Println(Filter(Names{"a", "bb", "c"}, func(s string) bool { return len(s) == 1 }).Join())
	fmt.Println(Keys(map[int]bool{3: true, 1: false}), Keys(map[string]int{"z": 1, "y": 2}))
	p := MakePair(1, "x").Swap()
	fmt.Println(p.First, p.Second)
	fmt.Println(Must(half(10)), Sum(1, 2, 3), Sum(0.5, 1))
	func() {
		defer func() { fmt.Println("recovered:", recover()) }()
		Must(half(3))
	}()
}

// Output:
// brown=2 dog=8 fox=3 jumps=4 lazy=7 over=5 8
// a+c
// [1 3] [y z]
// x 1
// 5 6 1.5
// recovered: odd
