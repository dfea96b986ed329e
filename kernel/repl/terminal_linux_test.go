package repl

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// openTerminal makes a pseudo-terminal: what is written to the first is typed,
// what is read from it is on the screen of the second.
func openTerminal(t *testing.T) (person, screen *os.File) {
	t.Helper()
	person, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skipf("no pseudo-terminals here: %v", err)
	}
	t.Cleanup(func() { person.Close() })
	fd := int(person.Fd())
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		t.Skip(err)
	}
	n, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err != nil {
		t.Skip(err)
	}
	screen, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skip(err)
	}
	t.Cleanup(func() { screen.Close() })
	if err := unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: 80}); err != nil {
		t.Fatal(err)
	}
	if err := unix.SetNonblock(int(person.Fd()), true); err != nil {
		t.Fatal(err)
	}
	// A file of its own: closed by two, a descriptor may be another's by then.
	own, err := unix.Dup(fd)
	if err != nil {
		t.Fatal(err)
	}
	return os.NewFile(uintptr(own), "person"), screen
}

// Readline asks the terminal for the cursor's place; this one never answers.
func TestConsole(t *testing.T) {
	var out bytes.Buffer
	in, typed := io.Pipe()
	c := newConsole(in, &out)
	if _, err := c.Write([]byte("a\x1b[6nb")); err != nil || out.String() != "ab" {
		t.Errorf("wrote %q, %v", out.String(), err)
	}
	got := make([]byte, 3)
	for _, want := range []string{"\x1b[1", ";1R"} {
		if n, err := c.Read(got); err != nil || string(got[:n]) != want {
			t.Errorf("read %q, %v, want %q", got[:n], err, want)
		}
	}
	go func() { typed.Write([]byte("x")); typed.Close() }()
	if n, err := c.Read(got); err != nil || string(got[:n]) != "x" {
		t.Errorf("read %q, %v", got[:n], err)
	}
	if _, err := c.Read(got); err != io.EOF {
		t.Errorf("at the end of the input: %v", err)
	}
}

func TestHighlight(t *testing.T) {
	escapes := regexp.MustCompile("\x1b\\[[0-9;]*m")
	for _, line := range []string{"", " ", "\tfunc f(a int) string { return \"x\" } // c", "x := `open", "$ ls | wc", "%time f(1)", "\"half", "é := 'ß'", "/* a", "1.5e3 + 0x1f"} {
		for _, before := range []string{"", "x := `a", "/* a", "func f() {"} {
			if got := escapes.ReplaceAllString(highlight(before, line), ""); got != line {
				t.Errorf("highlight(%q, %q) shows %q", before, line, got)
			}
		}
	}
	if got := highlight("", "return 1"); got != "\x1b[35mreturn\x1b[0m \x1b[33m1\x1b[0m" {
		t.Errorf("%q", got)
	}
	if got := highlight("x := `a", "return 1"); got != "\x1b[32mreturn 1\x1b[0m" {
		t.Errorf("inside a string: %q", got)
	}
}

func TestPictureProtocol(t *testing.T) {
	for env, want := range map[string]protocol{
		"": "", "TERM=xterm-256color": "", "TERM=xterm-kitty": kitty, "KITTY_WINDOW_ID=1": kitty, "TERM_PROGRAM=iTerm.app": iterm,
		"TERM=foot": sixel, "TERM=xterm-kitty TMUX=/x": "", "ARCH2VEC_PICTURES=sixel": sixel, "ARCH2VEC_PICTURES=files TERM=foot": "",
	} {
		values := map[string]string{}
		for _, e := range strings.Fields(env) {
			name, value, _ := strings.Cut(e, "=")
			values[name] = value
		}
		if got := pictureProtocol(func(name string) string { return values[name] }); got != want {
			t.Errorf("%q: %q, want %q", env, got, want)
		}
	}
}

func TestDraw(t *testing.T) {
	m := image.NewRGBA(image.Rect(0, 0, 8, 6))
	for i := range m.Pix {
		m.Pix[i] = 255
	}
	m.Set(0, 0, color.Black)
	var encoded bytes.Buffer
	if err := png.Encode(&encoded, m); err != nil {
		t.Fatal(err)
	}
	for p, want := range map[protocol]string{
		kitty: "\x1b_Ga=T,f=100,q=2,m=0;iVBOR", iterm: "\x1b]1337;File=inline=1;size=", sixel: "\x1bPq\"1;1;8;6#0;2;0;0;0",
	} {
		var b bytes.Buffer
		if err := p.draw(&b, encoded.Bytes(), 0); err != nil || !strings.HasPrefix(b.String(), want) {
			t.Errorf("%s: %v, %q", p, err, b.String())
		}
		if p == sixel {
			// White but for the first pixel of the first row, black by itself.
			if !strings.HasSuffix(b.String(), "#0@!7?$#255}!7~$-\x1b\\\n") {
				t.Errorf("the sixels are %q", b.String()[len(b.String())-60:])
			}
		}
		if err := p.draw(&b, encoded.Bytes(), 4); err != nil {
			t.Errorf("%s, scaled: %v", p, err)
		}
		if err := p.draw(&b, []byte("no picture"), 0); err == nil {
			t.Errorf("%s draws what is no picture", p)
		}
	}
}

// TestEditor types at a terminal: lines of one cell, the arrows between them.
func TestEditor(t *testing.T) {
	if os.Getenv(beTerminal) == "" {
		person, screen := openTerminal(t)
		output := make(chan string, 1024)
		go func() {
			buf := make([]byte, 4096)
			for {
				n, err := person.Read(buf)
				if n > 0 {
					output <- strings.ReplaceAll(string(buf[:n]), "\r", "")
				}
				if err != nil {
					return
				}
			}
		}()
		history := filepath.Join(t.TempDir(), "history")
		child := childProcess(t, screen, history)
		seen := ""
		expect := func(what string) {
			t.Helper()
			timeout := time.After(20 * time.Second)
			for !strings.Contains(seen, what) {
				select {
				case s := <-output:
					seen += s
				case <-timeout:
					t.Fatalf("no %q on the screen: %q", what, seen)
				}
			}
			_, seen, _ = strings.Cut(seen, what)
		}
		send := func(keys string) {
			t.Helper()
			if _, err := person.WriteString(keys); err != nil {
				t.Fatal(err)
			}
		}
		expect("go> ")
		send("if x {\r")
		expect(" .. ")
		send("second\r")
		expect(" .. ")
		send("\x1b[A\x1b[A")    // to the first line
		expect("if")            // painted again
		send("\x05 // first\r") // to its end, and on
		expect("second")
		send("\x1b[B") // to the last line
		expect(" .. ")
		send("}\r")
		expect("<if x { // first\n\tsecond\n}>")
		send("return\r") // in colour
		expect("\x1b[35mreturn\x1b[0m")
		expect("<return>")
		send("\x1b[A\r") // from the history
		expect("<return>")
		expect("go> ")
		if err := child.Process.Signal(os.Interrupt); err != nil { // while no cell runs
			t.Fatal(err)
		}
		expect("^C")
		expect("go> ")
		send("\x03")
		expect("^C")
		send("\x04") // at once: there may be no line to read it yet
		if err := child.Wait(); err != nil {
			t.Errorf("the prompt ended with %v", err)
		}
		if b, err := os.ReadFile(history); err != nil || !strings.Contains(string(b), "return") {
			t.Errorf("the history is %q, %v", b, err)
		}
		return
	}
	err := Run(context.Background(), &echoEngine{}, Options{IsComplete: braces, History: os.Getenv(beTerminal)})
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	os.Exit(0)
}

// beTerminal makes this test's process the prompt, and names its history.
const beTerminal = "ARCH2VEC_TEST_HISTORY"

func childProcess(t *testing.T, screen *os.File, history string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run", "^TestEditor$")
	cmd.Env = append(os.Environ(), beTerminal+"="+history, "TERM=xterm-256color", "NO_COLOR=")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = screen, screen, screen
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	return cmd
}
