package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sort"
	"strings"
	"time"
)

type Celsius float64

func (c Celsius) String() string { return fmt.Sprintf("%.1f°C", float64(c)) }

type (
	ID    int
	Other int
	Names []string
	Index map[string]ID
	Fn    func(int) int
	Empty struct{}
	Pair  struct {
		A int
		b string
	}
	Wide struct {
		Pair
		T    Celsius
		t    Celsius
		Next *Wide
		Any  any
		L    []ID
		M    Index
		D    time.Duration
		d    time.Duration
	}
)

func (n Names) Len() int       { return len(n) }
func (f Fn) Twice(x int) int   { return f(f(x)) }
func (p *Pair) Set(n int)      { p.A = n }
func (p Pair) Get() int        { return p.A }
func (Empty) Error() string    { return "empty" }
func (i ID) Less(o Other) bool { return int(i) < int(o) }

type Getter interface{ Get() int }
type Setter interface {
	Getter
	Set(int)
}

func kind(x any) string {
	switch v := x.(type) {
	case nil:
		return "nil"
	case int:
		return fmt.Sprint("int ", v)
	case ID:
		return fmt.Sprint("ID ", int(v)+1)
	case Other, Names:
		return fmt.Sprintf("either %T %v", v, v)
	case *ID:
		return fmt.Sprint("*ID ", *v)
	case []ID:
		return fmt.Sprint("ids ", len(v))
	case map[string]ID:
		return "map"
	case Fn:
		return fmt.Sprint("Fn ", v.Twice(1))
	case func(int) int:
		return fmt.Sprint("func ", v(1))
	case Setter:
		v.Set(9)
		return fmt.Sprint("setter ", v.Get())
	case Getter:
		return fmt.Sprint("getter ", v.Get())
	case error:
		return "error " + v.Error()
	case fmt.Stringer:
		return "stringer " + v.String()
	default:
		return fmt.Sprintf("other %T", v)
	}
}

type Stack[T any] struct{ items []T }

func (s *Stack[T]) Push(x T) { s.items = append(s.items, x) }

type MyErr struct{ Code int }

func (e *MyErr) Error() string   { return fmt.Sprint("my ", e.Code) }
func (e *MyErr) Unwrap() error   { return io.EOF }
func (e *MyErr) Is(t error) bool { return t == errNamed }

var errNamed = errors.New("named")

type text string

func (t text) Error() string { return string(t) }

type byLen []string

func (b byLen) Len() int           { return len(b) }
func (b byLen) Less(i, j int) bool { return len(b[i]) < len(b[j]) }
func (b byLen) Swap(i, j int)      { b[i], b[j] = b[j], b[i] }

type upper struct{ r io.Reader }

func (u upper) Read(p []byte) (int, error) {
	n, err := u.r.Read(p)
	copy(p, strings.ToUpper(string(p[:n])))
	return n, err
}

type point struct{ X, Y int }

func (p point) MarshalJSON() ([]byte, error) { return []byte(fmt.Sprintf("[%d,%d]", p.X, p.Y)), nil }

func main() {
	id := ID(4)
	for _, x := range []any{nil, 1, id, Other(2), Names{"a"}, &id, []ID{1, 2}, map[string]ID{}, Index{}, Fn(func(x int) int { return x + 2 }),
		func(x int) int { return x + 5 }, &Pair{1, "x"}, Pair{2, "y"}, Empty{}, &Empty{}, Celsius(3), []int{1}, struct{}{}, time.Second} {
		fmt.Println(kind(x))
	}
	var a, b any = id, 4
	fmt.Println(a == b, a == ID(4), b == 4, a == any(Other(4)), any(Pair{1, "a"}) == any(Pair{1, "a"}))
	m := map[any]string{1: "int", ID(1): "ID", Other(1): "Other", "1": "string", Pair{1, "x"}: "pair", Empty{}: "empty", [2]ID{1, 2}: "array"}
	fmt.Println(len(m), m[1], m[ID(1)], m[Other(1)], m["1"], m[Pair{1, "x"}], m[Empty{}], m[[2]ID{1, 2}], m[[2]int{1, 2}] == "")
	_, isInt := a.(int)
	got, isID := a.(ID)
	fmt.Println(isInt, isID, got)

	w := Wide{Pair{1, "b"}, 2, 3, &Wide{}, ID(7), []ID{1, 2}, Index{"k": 1}, time.Second, time.Second}
	w.Next = nil
	fmt.Printf("%v\n%+v\n%#v\n%T\n", w, w, w, w)
	fmt.Printf("%v %+v %d %s %q %x %T\n", id, Celsius(1), id, Celsius(1), Celsius(1), Names{"ab"}, []any{id})
	fmt.Println([]Celsius{1, 2}, map[ID]Celsius{2: 1, 1: 2}, &Pair{1, "x"}, []any{id, Celsius(4), Empty{}}, [2]Other{1, 2})
	fmt.Printf("%T %T %T %T %T %T\n", &w, Stack[ID]{}, &Stack[map[string]Pair]{}, Fn(nil), struct {
		A int
		b Celsius
	}{}, func(ID, ...Pair) (Celsius, error) { return 0, nil })
	fmt.Printf("%5d|%-5v|%05d|%8.3f|%+d|%t|%v\n", id, id, id, Celsius(1.5), id, true, (*Pair)(nil))

	var e error = &MyErr{3}
	wrapped := fmt.Errorf("outer: %w", e)
	var target *MyErr
	fmt.Println(wrapped, errors.As(wrapped, &target), target.Code, errors.Is(wrapped, io.EOF), errors.Is(wrapped, errNamed), errors.Is(wrapped, e), errors.Unwrap(wrapped) == e)
	var t text
	fmt.Println(errors.As(fmt.Errorf("x: %w", text("inner")), &t), t, errors.Is(text("a"), text("a")), error(text("a")) == error(text("a")))
	j := errors.Join(e, text("second"))
	fmt.Println(j, errors.Is(j, text("second")))
	if _, ok := e.(interface{ Unwrap() error }); ok {
		fmt.Println("unwraps")
	}
	var none *MyErr
	fmt.Println(error(none) == nil, none == nil)

	words := byLen{"ccc", "a", "bb"}
	sort.Sort(sort.Reverse(words))
	fmt.Println(words)
	all, _ := io.ReadAll(upper{strings.NewReader("read me")})
	fmt.Println(string(all))
	out, err := json.Marshal(map[string]any{"id": id, "names": Names{"x"}, "pair": Pair{1, "b"}})
	fmt.Println(string(out), err)
	out, _ = json.Marshal(point{1, 2})
	fmt.Println(string(out))
	var p Pair
	fmt.Println(json.Unmarshal([]byte(`{"A": 5}`), &p), p)

	var g Getter = &p
	if s, ok := g.(Setter); ok {
		s.Set(11)
	}
	get := g.Get
	set := p.Set
	set(12)
	fmt.Println(p.A, get(), Getter.Get(g), (*Pair).Get(&p), Pair.Get(p))
	_, ok := any(p).(Setter)
	fmt.Println(ok, id.Less(5))
	st := Stack[fmt.Stringer]{}
	st.Push(Celsius(1))
	st.Push(time.Minute)
	fmt.Println(st.items, len(st.items))
	func() {
		defer func() { fmt.Println(recover()) }()
		_ = a.(Other)
	}()
	func() {
		defer func() { fmt.Println(recover()) }()
		_ = any(p).(Setter)
	}()
	func() {
		defer func() { r := recover(); fmt.Printf("%T %v\n", r, r) }()
		panic(e)
	}()
}

// Output:
// nil
// int 1
// ID 5
// either main.Other 2
// either main.Names [a]
// *ID 4
// ids 2
// map
// other main.Index
// Fn 5
// func 6
// setter 9
// getter 2
// error empty
// error empty
// stringer 3.0°C
// other []int
// other struct {}
// stringer 1s
// false true true false true
// 7 int ID Other string pair empty array true
// false true 4
// {{1 b} 2.0°C 3 <nil> 7 [1 2] map[k:1] 1s 1000000000}
// {Pair:{A:1 b:b} T:2.0°C t:3 Next:<nil> Any:7 L:[1 2] M:map[k:1] D:1s d:1000000000}
// main.Wide{Pair:main.Pair{A:1, b:"b"}, T:2, t:3, Next:(*main.Wide)(nil), Any:7, L:[]main.ID{1, 2}, M:main.Index{"k":1}, D:1000000000, d:1000000000}
// main.Wide
// 4 1.0°C 4 1.0°C "1.0°C" [6162] []interface {}
// [1.0°C 2.0°C] map[1:2.0°C 2:1.0°C] &{1 x} [4 4.0°C empty] [1 2]
// *main.Wide main.Stack[main.ID] *main.Stack[map[string]main.Pair] main.Fn struct { A int; b main.Celsius } func(main.ID, ...main.Pair) (main.Celsius, error)
//     4|4    |00004|   1.500|+4|true|<nil>
// outer: my 3 true 3 true true true true
// true inner true true
// my 3
// second true
// unwraps
// false true
// [ccc bb a]
// READ ME
// {"id":4,"names":["x"],"pair":{"A":1}} <nil>
// [1,2]
// <nil> {5 }
// 12 12 12 12 12
// false true
// [1.0°C 1m0s] 2
// interface conversion: interface {} is main.ID, not main.Other
// interface conversion: main.Pair is not main.Setter: missing method Set
// *main.MyErr my 3
