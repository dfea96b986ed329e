package session

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"
)

// cells executes cells in one session.
type cells struct {
	t *testing.T
	s *Session
	n int
}

func newCells(t *testing.T) *cells {
	s, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	return &cells{t, s, 0}
}

// run executes a cell that is to end by itself, and gives its last values.
func (c *cells) run(code string) string {
	c.t.Helper()
	c.n++
	r, e := c.s.Execute(context.Background(), Cell{c.n, code})
	if e != nil {
		c.t.Fatalf("%s\n%s", code, strings.Join(e.Traceback, "\n"))
	}
	return strings.TrimSpace(fmt.Sprintln(r.Values...))
}

// interrupt executes a cell that does not end by itself.
func (c *cells) interrupt(code string) {
	c.t.Helper()
	c.n++
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Millisecond)
	defer cancel()
	if _, e := c.s.Execute(ctx, Cell{c.n, code}); e == nil || e.Name != "Interrupted" {
		c.t.Errorf("%s\nended with %+v", code, e)
	}
}

// alone waits until no goroutine of a cell is left.
func (c *cells) alone() bool {
	for range 500 {
		c.s.stop.mu.Lock()
		n := len(c.s.stop.members)
		c.s.stop.mu.Unlock()
		if n == 0 {
			return true
		}
		time.Sleep(10 * time.Millisecond)
	}
	return false
}

// Whatever a cell does, interpreted code ends at an interrupt, and is not heard of
// again.
func TestInterrupt(t *testing.T) {
	for _, code := range []string{
		"for {\n}",
		"for {\n\tx = 1\n\tx = 0\n}",
		"for i := range 1 << 60 {\n\tx = i - i\n}",
		"for i := 0; i < 10; i *= 1 {\n}",
		"m := map[int]int{1: 1}\nfor {\n\tfor k := range m {\n\t\tx = k - 1\n\t}\n}",
		"L:\nx++\nx--\ngoto L",
		"outer:\nfor {\n\tfor {\n\t\tcontinue outer\n\t}\n}",
		"for {\n\tswitch {\n\tcase x == 0:\n\tdefault:\n\t}\n}",
		"for s := \"a\"; s != \"b\"; {\n\ts = strings.ToLower(s)\n}",
		"func loop(n int) int {\n\tif n < 0 {\n\t\treturn 0\n\t}\n\treturn loop(n) + 1\n}\nfunc() {\n\tfor {\n\t\tfunc() { x += 0 }()\n\t}\n}()",
		"func all(yield func(int) bool) {\n\tfor yield(1) {\n\t}\n}\nfor range all {\n}",
		"long := strings.Repeat(\"a\", 1<<24)\nstrings.Map(func(r rune) rune { return r }, long)",
		"func same(r rune) rune { return r }\nlong := strings.Repeat(\"a\", 1<<24)\nstrings.Map(same, long)",
		"select {}",
		"<-make(chan int)",
		"make(chan int) <- 1",
		"var none chan int\nfor range none {\n}",
		"for range make(chan int) {\n}",
		"v, ok := <-make(chan int)\nx = v\n_ = ok",
		"a, b := make(chan int), make(chan int)\nselect {\ncase x = <-a:\ncase b <- 1:\n}",
		"for {\n\tselect {\n\tdefault:\n\t}\n}",
		"for range 3 {\n\tgo func() {\n\t\tfor {\n\t\t}\n\t}()\n}\nselect {}",
		"on := make(chan int)\nvar wg sync.WaitGroup\nwg.Go(func() {\n\tclose(on)\n\tfor end := time.Now().Add(5 * time.Second); time.Now().Before(end); {\n\t}\n})\n<-on\nwg.Wait()\nx = 1",
		"go func() { select {} }()\nfor {\n}",
		"l := []int{1, 2, 3}\nfor {\n\tsort.Slice(l, func(i, j int) bool { return l[i] < l[j] })\n}",
		"sort.Slice(make([]int, 10), func(i, j int) bool { for {\n} })",
		"for {\n\tfunc() {\n\t\tdefer func() { recover() }()\n\t\tfor {\n\t\t}\n\t}()\n}",
		"for {\n\tfunc() {\n\t\tdefer func() {\n\t\t\tif r := recover(); r != nil {\n\t\t\t\tx = 1\n\t\t\t}\n\t\t}()\n\t\tfor {\n\t\t}\n\t}()\n}",
	} {
		c := newCells(t)
		c.run("import (\n\t\"sort\"\n\t\"strings\"\n\t\"sync\"\n\t\"time\"\n)\nx := 0\n_ = time.Now\n_ = sort.Ints\n_ = strings.ToLower\nvar _ sync.Mutex")
		c.interrupt(code)
		if !c.alone() {
			t.Errorf("%s\ngoes on", code)
		}
		if got := c.run("x"); got != "0" {
			t.Errorf("%s\nx is %s afterwards", code, got)
		}
	}
}

// Deferred calls of an interrupted cell are made.
func TestInterruptDefers(t *testing.T) {
	c := newCells(t)
	c.run("import \"sync\"\nvar mu sync.Mutex\nn := 0\nfunc work() {\n\tmu.Lock()\n\tdefer func() {\n\t\tfor range 10 {\n\t\t\tn++\n\t\t}\n\t\tmu.Unlock()\n\t}()\n\tfor {\n\t}\n}")
	c.interrupt("work()")
	if got := c.run("[]any{mu.TryLock(), n}"); got != "[true 10]" {
		t.Errorf("afterwards: %s", got)
	}
}

// What earlier cells have made works on after an interrupt: closures, goroutines, and
// what waits for channels.
func TestInterruptKeeps(t *testing.T) {
	c := newCells(t)
	c.run(`import "time"
func counter() func() int { n := 0; return func() int { n++; return n } }
next := counter()
next()
in, out := make(chan int), make(chan int)
go func() { for v := range in { out <- 2 * v } }()
ticks := 0
go func() { for { time.Sleep(time.Millisecond); ticks++ } }()
func asker() func(int) int { return func(v int) int { in <- v; return <-out } }
ask := asker()
ask(1)`)
	c.interrupt("double := asker()\ndouble(2)\nfor {\n}")
	for _, x := range []struct{ code, want string }{
		{"next()", "2"}, {"ask(21)", "42"}, {"double(4)", "8"},
		{"before := ticks\ntime.Sleep(50 * time.Millisecond)\nticks > before", "true"},
	} {
		if got := c.run(x.code); got != x.want {
			t.Errorf("%s is %s, want %s", x.code, got, x.want)
		}
	}
}

// A cell that a compiled function holds up when it is interrupted does not go on when
// that returns, whatever runs then.
func TestInterruptHeldUp(t *testing.T) {
	c := newCells(t)
	c.run("import (\n\t\"sync\"\n\t\"time\"\n)\nvar mu sync.Mutex\nmu.Lock()\nx := 0\nfunc late() {\n\tmu.Lock()\n\tx = 1\n}")
	c.interrupt("late()\nx = 2\nfor {\n\tx = 3\n}")
	c.interrupt("time.Sleep(time.Hour)\nx = 4")
	c.interrupt("for {\n\ttime.Sleep(200 * time.Millisecond)\n\tx++\n}")
	if got := c.run("mu.Unlock()\ntime.Sleep(300 * time.Millisecond)\nx"); got != "0" {
		t.Errorf("x is %s afterwards", got)
	}
}

// Each goroutine that executes a select statement has its own channels there.
func TestSelectInGoroutines(t *testing.T) {
	c := newCells(t)
	got := c.run(`import "sync"
func echo(in, out chan int, quit chan bool) {
	for {
		select {
		case v := <-in:
			out <- v
		case <-quit:
			return
		}
	}
}
wrong := make([]int, 8)
var wg sync.WaitGroup
for i := range wrong {
	in, out, quit := make(chan int), make(chan int, 1), make(chan bool)
	go echo(in, out, quit)
	wg.Go(func() {
		for k := range 300 {
			in <- 1000*i + k
			if <-out != 1000*i+k {
				wrong[i]++
			}
		}
		quit <- true
	})
}
wg.Wait()
wrong`)
	if got != "[0 0 0 0 0 0 0 0]" {
		t.Errorf("wrong answers: %s", got)
	}
}
