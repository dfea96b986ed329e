package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// python is Debian's, whose packages the Makefile installs.
const python = "/usr/bin/python3"

// installed installs the kernel into a folder of the test's own and returns an
// environment in which Jupyter finds it there; it skips where Jupyter is not.
func installed(t *testing.T, modules string) []string {
	t.Helper()
	if out, err := exec.Command(python, "-c", "import "+modules).CombinedOutput(); err != nil {
		t.Skipf("Jupyter's Python packages (%s) are not installed: %s", modules, strings.TrimSpace(string(out)))
	}
	prefix := t.TempDir()
	if o := arch2vec(t, "kernel", "install", "--prefix", prefix); o.status != 0 {
		t.Fatal(o.stderr)
	}
	return append(os.Environ(),
		"JUPYTER_PATH="+filepath.Join(prefix, "share", "jupyter"),
		"JUPYTER_PLATFORM_DIRS=0", "HOME="+t.TempDir(), "XDG_STATE_HOME="+t.TempDir())
}

// TestInJupyter drives the kernel through jupyter_client: see the scripts.
func TestInJupyter(t *testing.T) {
	for _, script := range []string{"comms.py", "endure.py", "errors.py", "hostile.py", "streams.py", "survive.py"} {
		t.Run(script, func(t *testing.T) {
			t.Parallel()
			cmd := exec.Command(python, "-B", filepath.Join("testdata", script))
			cmd.Env = installed(t, "jupyter_client")
			o := command(t, cmd)
			if o.status != 0 {
				t.Errorf("exit status %d\n%s%s", o.status, o.stdout, o.stderr)
			}
		})
	}
}

// TestJupyterKernelTest runs the Jupyter project's own tests of kernels.
func TestJupyterKernelTest(t *testing.T) {
	t.Parallel()
	cmd := exec.Command(python, "-B", filepath.Join("testdata", "conformance.py"))
	cmd.Env = installed(t, "jupyter_kernel_test")
	o := command(t, cmd)
	if o.status != 0 || strings.Contains(o.stderr, "skipped") {
		t.Errorf("exit status %d\n%s%s", o.status, o.stdout, o.stderr)
	}
}

// TestNbconvert executes a notebook with rich output through nbconvert.
func TestNbconvert(t *testing.T) {
	env := installed(t, "nbconvert, nbclient")
	out := t.TempDir()
	cmd := exec.Command(python, "-m", "nbconvert", "--to", "notebook", "--execute", "--output-dir", out, "--output", "executed.ipynb",
		filepath.Join("testdata", "rich.ipynb"))
	cmd.Env = env
	if o := command(t, cmd); o.status != 0 {
		t.Fatalf("exit status %d\n%s%s", o.status, o.stdout, o.stderr)
	}
	b, err := os.ReadFile(filepath.Join(out, "executed.ipynb"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"image/png", "image/svg+xml", "text/html", "text/markdown", "hello from a cell", "<table", "updated in place"} {
		if !strings.Contains(string(b), want) {
			t.Errorf("the executed notebook has no %q", want)
		}
	}
	if n := strings.Count(string(b), "not updated yet"); n != 1 { // the cell's source has it
		t.Errorf("an output was not updated in place: its first content occurs %d times", n)
	}
}

// The kernel's ports are open before the packages are initialised that take time.
func TestPortsAreOpenEarly(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, "version")
	cmd.Env = append(os.Environ(), "GODEBUG=inittrace=1")
	trace := command(t, cmd).stderr
	early := strings.Index(trace, "init arch2vec/kernel/jupyter/early @")
	if early < 0 {
		t.Fatalf("no word of package early in\n%s", trace)
	}
	for _, late := range []string{"gonum.org/v1/plot", "github.com/yuin/goldmark/parser", "go/types"} {
		if i := strings.Index(trace, "init "+late+" @"); i >= 0 && i < early {
			t.Errorf("%s is initialised before package early", late)
		}
	}
}
