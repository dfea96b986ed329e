package main

import "fmt"

type Shape interface {
	Area() float64
	Name() string
}

type base struct{ name string }

func (b base) Name() string      { return b.name }
func (b *base) Rename(to string) { b.name = to }

type Square struct {
	base
	Side float64
}

func (s Square) Area() float64 { return s.Side * s.Side }

type Circle struct {
	*base
	R float64
}

func (c Circle) Area() float64 { return 3 * c.R * c.R }

func count(n int) func(func(int) bool) {
	return func(yield func(int) bool) {
		for i := 0; i < n; i++ {
			if !yield(i) {
				fmt.Println("stopped at", i)
				return
			}
		}
	}
}

func search(rows, cols int) (int, int) {
outer:
	for i := range count(rows) {
		for j := range count(cols) {
			switch {
			case j > i:
				continue outer
			case i*j == 6:
				return i, j
			case i == 5:
				break outer
			}
		}
	}
	return -1, -1
}

func deferred() (s string) {
	for i := range 3 {
		defer func() { s += fmt.Sprint(i) }()
	}
	x := 1
	defer func(v int) { s += fmt.Sprint("v", v, x) }(x)
	x = 5
	return "r"
}

func classify(n int) string {
	switch {
	case n < 0:
		return "negative"
	case n == 0:
		fallthrough
	case n == 1:
		return "small"
	}
	switch n {
	case 2, 3, 5, 7:
		return "prime"
	default:
		return "other"
	}
}

func main() {
	sq, c := Square{base{"square"}, 2}, Circle{&base{"circle"}, 1}
	sq.Rename("big square")
	c.Rename("ring")
	for _, s := range []Shape{sq, c} {
		fmt.Println(s.Name(), s.Area())
	}
	fmt.Println(search(4, 4))
	fmt.Println(deferred())
	fmt.Println(classify(-1), classify(0), classify(5), classify(9))

	var fs []func() int
	for i := 0; i < 3; i++ {
		if i == 1 {
			i += 0
			continue
		}
		fs = append(fs, func() int { i *= 2; return i })
	}
	for _, f := range fs {
		fmt.Print(f(), f(), " ")
	}
	fmt.Println()

	m := map[string]int{"a": 1}
	v, ok := m["b"]
	m["b"]++
	fmt.Println(v, ok, len(m), min(3, 2), max(1.5, 2))
	clear(m)
	fmt.Println(len(m))

	a := [3]int{1, 2, 3}
	b := a
	b[0] = 9
	i := 0
	i, a[i] = 2, 7
	fmt.Println(a, b, a == b, i)

	const big = 1 << 40
	var f float32 = 1 / 3.0
	fmt.Println(big>>38, f, 7/2, -7/2, 7%3, uint8(255)+uint8(len(m)+1))

	n := 0
loop:
	if n < 3 {
		n++
		goto loop
	}
	fmt.Println(n)

	move := sq.Area
	sq.Side = 10
	fmt.Println(move(), Square.Area(sq), (*base).Name(&sq.base))
}

// Output:
// big square 4
// ring 3
// stopped at 1
// stopped at 2
// stopped at 3
// stopped at 2
// stopped at 3
// 3 2
// rv1 5210
// negative small prime other
// 0 0 4 8
// 0 false 2 2 2
// 0
// [7 2 3] [9 2 3] false 2
// 4 0.33333334 3 -3 1 0
// 3
// 4 100 big square
