package jupyter

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"arch2vec/kernel/jupyter/kernelspec"
)

// TestMain lets the test binary be the kernel that a real client starts: with the
// arguments that a kernelspec gives, it serves with the fake engine.
func TestMain(m *testing.M) {
	if len(os.Args) == 4 && slices.Equal(os.Args[1:3], []string{"kernel", "start"}) {
		ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
		defer stop()
		connection, err := ReadConnection(os.Args[3])
		if err == nil {
			err = Serve(ctx, connection, Options{Engine: newFakeEngine(), IsComplete: fakeIsComplete, Banner: "fake", Version: "0"})
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// startProcess runs the kernel as a process of its own.
func startProcess(t *testing.T, env ...string) (*exec.Cmd, *kernel) {
	t.Helper()
	// The ports are free when they are chosen.
	s, err := New(Connection{IP: "127.0.0.1", Key: testKey}, Options{Engine: newFakeEngine()})
	if err != nil {
		t.Fatal(err)
	}
	s.closeSockets(0)
	path := filepath.Join(t.TempDir(), "connection.json")
	if err := s.Connection().Write(path); err != nil {
		t.Fatal(err)
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	process := exec.Command(exe, "kernel", "start", path)
	process.Env = append(os.Environ(), env...)
	process.Stderr = os.Stderr
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = process.Process.Kill() })
	return process, &kernel{Server: s}
}

func waitForProcess(t *testing.T, process *exec.Cmd) {
	t.Helper()
	ended := make(chan error, 1)
	go func() { ended <- process.Wait() }()
	select {
	case err := <-ended:
		if err != nil {
			t.Errorf("the kernel's process ended with %v", err)
		}
	case <-time.After(patience):
		t.Fatal("the kernel's process does not end")
	}
}

func TestSIGTERM(t *testing.T) {
	process, k := startProcess(t)
	waitForPort(t, k.Connection().ShellPort)
	if err := process.Process.Signal(syscall.SIGTERM); err != nil {
		t.Skipf("no SIGTERM here: %v", err)
	}
	waitForProcess(t, process)
}

func TestParentIsGone(t *testing.T) {
	parent := exec.Command("sleep", "1000")
	if err := parent.Start(); err != nil {
		t.Skipf("no process to watch: %v", err)
	}
	process, k := startProcess(t, fmt.Sprintf("JPY_PARENT_PID=%d", parent.Process.Pid))
	waitForPort(t, k.Connection().HBPort)
	c := newClient(t, k)
	if reply, _ := c.execute("value 1"); reply.Content["status"] != "ok" {
		t.Errorf("reply %v", reply.Content)
	}
	if err := parent.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = parent.Wait()
	waitForProcess(t, process)
}

// TestJupyterClient drives the kernel with the real jupyter_client, from its
// kernelspec on.
func TestJupyterClient(t *testing.T) {
	runPython(t, "jupyter_client", "testdata/client.py")
}

// TestJupyterKernelTest runs the conformance tests of the Jupyter project.
func TestJupyterKernelTest(t *testing.T) {
	runPython(t, "jupyter_kernel_test", "testdata/conformance.py")
}

func runPython(t *testing.T, module, script string) {
	t.Helper()
	const python = "/usr/bin/python3"
	if err := exec.Command(python, "-c", "import "+module).Run(); err != nil {
		t.Skipf("python3 with %s is not installed: the test with it is skipped", module)
	}
	data := t.TempDir()
	t.Setenv("JUPYTER_PATH", "")
	t.Setenv("JUPYTER_DATA_DIR", data)
	t.Setenv("JUPYTER_RUNTIME_DIR", filepath.Join(data, "runtime"))
	t.Setenv("JUPYTER_CONFIG_DIR", filepath.Join(data, "config"))
	if _, err := kernelspec.Install(kernelspec.Options{User: true}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 4*patience)
	defer cancel()
	command := exec.CommandContext(ctx, python, "-B", script)
	command.WaitDelay = time.Second
	out, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if text := string(out); strings.Contains(text, "skipped=") {
		t.Errorf("tests were skipped:\n%s", text)
	}
}
