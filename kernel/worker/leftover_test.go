package worker

import (
	"context"
	"strings"
	"testing"
	"time"
)

// Compiled code that does not stop is left behind, with the variables kept, and
// told of.
func TestLeftover(t *testing.T) {
	c, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	told := make(chan string, 10)
	c.Background(func(e Event) { told <- e.Text })
	run(t, c, "import \"math/big\"\nkept := 41\nexponent := new(big.Int).Lsh(big.NewInt(1), 1<<27)\nmodulus := new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 4096), big.NewInt(159))")
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	r, err := c.Execute(ctx, Request{Count: 7, Code: "new(big.Int).Exp(big.NewInt(3), exponent, modulus)"}, func(Event) {})
	if err != nil || r.Error == nil || r.Error.Name != "Interrupted" || strings.Contains(r.Error.Value, "lost") {
		t.Fatalf("reply %+v, %v", r.Error, err)
	}
	select {
	case text := <-told:
		if !strings.Contains(text, "cell[7] was interrupted") || !strings.Contains(text, "math/big.(*Int).Exp") {
			t.Errorf("told %q", text)
		}
	case <-time.After(20 * time.Second):
		t.Error("nobody tells that the cell goes on")
	}
}

func TestLeftoverStacks(t *testing.T) {
	const cell = "goroutine 7 [STATE]:\nmath/big.nat.mul({0x1, 0x2})\n\tnat.go:1\nmath/big.(*Int).Exp(0x1, 0x2)\n\tint.go:2\n" +
		"reflect.Value.call({0x1})\n\tvalue.go:3\narch2vec/kernel/session.(*stopper).execute.func1()\n\tprogram.go:4\n"
	for state, want := range map[string]string{
		"running": "math/big.(*Int).Exp", "runnable": "math/big.(*Int).Exp", "sleep": "", "chan receive": "",
	} {
		stacks := []byte("goroutine 1 [running]:\nmain.main()\n\n" + strings.Replace(cell, "STATE", state, 1))
		if goroutine, got := leftover(stacks, nil); got != want || want != "" && goroutine != "goroutine 7" {
			t.Errorf("%s: %q, %q", state, goroutine, got)
		}
		if _, got := leftover(stacks, []string{"goroutine 7"}); got != "" {
			t.Errorf("%s: told again", state)
		}
	}
}
