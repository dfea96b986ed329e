//go:build unix

package early

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"testing"
)

// free gives a port that nobody listens at.
func free(t *testing.T) int {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

func connectionFile(t *testing.T, text string) string {
	path := filepath.Join(t.TempDir(), "connection.json")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// A port is open before it is asked for, and is the one that is handed out.
func TestOpen(t *testing.T) {
	port := free(t)
	file := connectionFile(t, fmt.Sprintf(`{"transport": "tcp", "ip": "127.0.0.1", "shell_port": %d, "hb_port": 0}`, port))
	p := open([]string{"arch2vec", "kernel", "start", file})
	c, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		t.Fatalf("nobody listens: %v", err)
	}
	defer c.Close()
	f := p.take(port)
	if f == nil {
		t.Fatal("the port is not handed out")
	}
	l, err := net.FileListener(f)
	if err != nil {
		t.Fatal(err)
	}
	_ = f.Close()
	defer l.Close()
	if a, err := l.Accept(); err != nil || a.RemoteAddr().String() != c.LocalAddr().String() {
		t.Errorf("accepted %v, %v", a, err)
	}
	if p.take(port) != nil || p.take(0) != nil {
		t.Error("a port was handed out twice, or one that nobody named")
	}
}

// Other commands, other addresses and files that are no connection files open nothing.
func TestOpenNothing(t *testing.T) {
	port := free(t)
	text := func(transport, ip string, port int) string {
		return fmt.Sprintf(`{"transport": %q, "ip": %q, "shell_port": %d}`, transport, ip, port)
	}
	good := connectionFile(t, text("tcp", "127.0.0.1", port))
	for _, args := range [][]string{
		nil, {"arch2vec"}, {"arch2vec", "kernel", "start"}, {"arch2vec", "run", "start", good}, {"arch2vec", "kernel", "install", good},
		{"arch2vec", "kernel", "start", filepath.Join(t.TempDir(), "missing")},
		{"arch2vec", "kernel", "start", t.TempDir()},
		{"arch2vec", "kernel", "start", connectionFile(t, "{")},
		{"arch2vec", "kernel", "start", connectionFile(t, text("ipc", "127.0.0.1", port))},
		{"arch2vec", "kernel", "start", connectionFile(t, text("tcp", "0.0.0.0", port))},
		{"arch2vec", "kernel", "start", connectionFile(t, text("tcp", "elsewhere", port))},
		{"arch2vec", "kernel", "start", connectionFile(t, text("tcp", "127.0.0.1", 65536))},
	} {
		if p := open(args); len(p.files) > 0 {
			t.Errorf("%q opened %d ports", args, len(p.files))
		}
	}
}

func ExampleTake() {
	fmt.Println(Take(8888) == nil) // this process was not started as a kernel
	// Output: true
}
