package worker

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// What a loop printed right before its process was killed is not lost.
func TestHeldTextSurvives(t *testing.T) {
	c := newSession(t, Options{})
	var want strings.Builder
	for i := range 3000 {
		fmt.Fprintf(&want, "line %d\n", i)
	}
	for _, end := range []string{"os.Exit(3)", "syscall.Kill(os.Getpid(), syscall.SIGKILL)"} {
		r := run(t, c, "import (\"os\"; \"syscall\")\nfor i := 0; i < 3000; i++ {\n\tfmt.Println(\"line\", i)\n}\n"+end+"\nvar _ = syscall.SIGKILL\nselect {}")
		if r.reply.Error == nil || r.text("stdout") != want.String() {
			t.Errorf("%s: %d bytes of %d, error %+v", end, len(r.text("stdout")), want.Len(), r.reply.Error)
		}
	}
}

func TestHeld(t *testing.T) {
	front, f, err := newHeld()
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	defer front.close()
	worker, err := mapHeld(int(f.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	if !worker.add(stderr, []byte("one ")) || !worker.add(stderr, []byte("two")) {
		t.Error("no room")
	}
	if worker.add(stderr, make([]byte, heldSize)) {
		t.Error("room for too much")
	}
	if s, text := front.text(); s != stderr || string(text) != "one two" {
		t.Errorf("%v %q", s, text)
	}
	worker.clear()
	if _, text := front.text(); len(text) > 0 {
		t.Errorf("%q after clear", text)
	}
	copy(worker.memory[8:], "\xff\xff\xff\xff\xff\xff\xff\xff") // a worker gone mad
	if _, text := front.text(); text != nil {
		t.Errorf("%d bytes of a wrong length", len(text))
	}
	if _, err := inheritHeld(int(os.Stderr.Fd())); err == nil {
		t.Error("any descriptor passes for the memory")
	}
}
