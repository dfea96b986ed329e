package kernelspec

import (
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// program makes something that can be executed.
func program(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "arch2vec")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func TestInstallAndUninstall(t *testing.T) {
	data := t.TempDir()
	t.Setenv("JUPYTER_DATA_DIR", data)
	exe := program(t)
	o := Options{User: true, Exe: exe}
	for range 2 { // a second installation replaces the first
		dir, err := Install(o)
		if err != nil {
			t.Fatal(err)
		}
		if want := filepath.Join(data, "kernels", "arch2vec"); dir != want {
			t.Errorf("installed in %s, want %s", dir, want)
		}
		if got, want := names(t, dir), []string{"kernel.json", "logo-64x64.png", "logo-svg.svg"}; !slices.Equal(got, want) {
			t.Errorf("installed %v, want %v", got, want)
		}
	}
	text, err := os.ReadFile(filepath.Join(data, "kernels", "arch2vec", "kernel.json"))
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	if argv := got["argv"].([]any); len(argv) != 4 || argv[0] != exe || argv[3] != "{connection_file}" {
		t.Errorf("argv %v", argv)
	}
	if got["interrupt_mode"] != "message" || got["language"] != "go" || got["display_name"] != "Go (arch2vec)" {
		t.Errorf("kernel.json %s", text)
	}
	if debugger, ok := got["metadata"].(map[string]any)["debugger"].(bool); !ok || debugger {
		t.Errorf("metadata %v", got["metadata"])
	}

	dir, err := Uninstall(o)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("the folder is still there: %v", err)
	}
	if _, err := Uninstall(o); err == nil || !strings.Contains(err.Error(), "no kernel is installed in "+dir) {
		t.Errorf("uninstalling twice: %v", err)
	}
}

func TestUninstallLeavesTheRest(t *testing.T) {
	o := Options{Prefix: t.TempDir(), Exe: program(t), Name: "go-2"}
	dir, err := Install(o)
	if err != nil {
		t.Fatal(err)
	}
	if want := filepath.Join(o.Prefix, "share", "jupyter", "kernels", "go-2"); dir != want {
		t.Errorf("installed in %s, want %s", dir, want)
	}
	if err := os.WriteFile(filepath.Join(dir, "kernel.js"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Uninstall(o); err != nil {
		t.Fatal(err)
	}
	if got := names(t, dir); !slices.Equal(got, []string{"kernel.js"}) {
		t.Errorf("left %v", got)
	}
}

func TestForeignKernelIsKept(t *testing.T) {
	o := Options{Prefix: t.TempDir(), Exe: program(t), Name: "python3"}
	dir, err := o.Dir()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	foreign := `{"argv": ["python3", "-m", "ipykernel_launcher", "-f", "{connection_file}"]}`
	for _, content := range []string{foreign, "not JSON", "{}"} {
		path := filepath.Join(dir, specFile)
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
		for name, action := range map[string]func(Options) (string, error){"install": Install, "uninstall": Uninstall} {
			if _, err := action(o); err == nil || !strings.Contains(err.Error(), "another kernel") {
				t.Errorf("%s over %q: %v", name, content, err)
			}
		}
		if text, err := os.ReadFile(path); err != nil || string(text) != content {
			t.Errorf("kernel.json became %q, %v", text, err)
		}
	}
}

func TestDirs(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the folders are Linux's")
	}
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("JUPYTER_DATA_DIR", "")
	t.Setenv("XDG_DATA_HOME", "")
	check := func(o Options, want string) {
		t.Helper()
		if got, err := o.Dir(); err != nil || got != want {
			t.Errorf("%+v: %s, %v; want %s", o, got, err, want)
		}
	}
	check(Options{User: true}, home+"/.local/share/jupyter/kernels/arch2vec")
	check(Options{Prefix: "/opt/x"}, "/opt/x/share/jupyter/kernels/arch2vec")
	if os.Geteuid() == 0 {
		check(Options{}, "/usr/local/share/jupyter/kernels/arch2vec")
	} else {
		check(Options{}, home+"/.local/share/jupyter/kernels/arch2vec")
	}
	t.Setenv("XDG_DATA_HOME", "/xdg")
	check(Options{User: true}, "/xdg/jupyter/kernels/arch2vec")
	t.Setenv("JUPYTER_DATA_DIR", "/data")
	check(Options{User: true}, "/data/kernels/arch2vec")
}

func TestInstallErrors(t *testing.T) {
	exe := program(t)
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for name, o := range map[string]Options{
		"both places":      {User: true, Prefix: "/x", Exe: exe},
		"name with slash":  {Prefix: t.TempDir(), Exe: exe, Name: "../x"},
		"name of dots":     {Prefix: t.TempDir(), Exe: exe, Name: ".."},
		"prefix is a file": {Prefix: file, Exe: exe},
		"missing program":  {Prefix: t.TempDir(), Exe: "/no/such/program"},
		"not a program":    {Prefix: t.TempDir(), Exe: file},
	} {
		if dir, err := Install(o); err == nil || !strings.HasPrefix(err.Error(), "kernelspec: ") {
			t.Errorf("%s: installed in %q, error %v", name, dir, err)
		}
	}
	if os.Geteuid() == 0 {
		return // root may write everywhere
	}
	locked := t.TempDir()
	if err := os.Chmod(locked, 0o555); err != nil {
		t.Fatal(err)
	}
	if _, err := Install(Options{Prefix: locked, Exe: exe}); err == nil || !strings.Contains(err.Error(), "not writable") {
		t.Errorf("unwritable prefix: %v", err)
	}
}
