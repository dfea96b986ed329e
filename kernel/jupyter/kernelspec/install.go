package kernelspec

import (
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"arch2vec/native/aside"
)

var (
	//go:embed logo-64x64.png
	logoPNG []byte
	//go:embed logo-svg.svg
	logoSVG []byte
)

// spec is kernel.json.
type spec struct {
	Argv          []string          `json:"argv"`
	DisplayName   string            `json:"display_name"`
	Language      string            `json:"language"`
	InterruptMode string            `json:"interrupt_mode"`
	Env           map[string]string `json:"env,omitempty"`
	Metadata      map[string]any    `json:"metadata"`
}

const specFile = "kernel.json"

// arguments are what follows the program in kernel.json; they also tell our own
// kernelspecs from others.
var arguments = []string{"kernel", "start", "{connection_file}"}

// Install writes the kernelspec and gives its folder. Each file is written aside
// and renamed, kernel.json last, so that Jupyter sees a complete kernel or none; an
// earlier installation is replaced, another kernel of that name is not.
func Install(o Options) (dir string, err error) {
	if dir, err = o.Dir(); err != nil {
		return "", err
	}
	if _, err := readOwn(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	exe, err := o.program()
	if err != nil {
		return "", fmt.Errorf("kernelspec: %w", err)
	}
	display := "Go (arch2vec)"
	if o.name() != DefaultName {
		display = fmt.Sprintf("Go (arch2vec, %s)", o.name())
	}
	text, err := json.MarshalIndent(spec{
		Argv:          append([]string{exe}, arguments...),
		DisplayName:   display,
		Language:      "go",
		InterruptMode: "message",
		Env:           o.Env,
		Metadata:      map[string]any{"debugger": false},
	}, "", "  ")
	if err != nil {
		return "", fmt.Errorf("kernelspec: %w", err)
	}

	_, err = os.Stat(dir)
	fresh := errors.Is(err, fs.ErrNotExist)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", notWritable(dir, err)
	}
	var written []string
	for _, file := range []struct {
		name string
		text []byte
	}{{"logo-64x64.png", logoPNG}, {"logo-svg.svg", logoSVG}, {specFile, append(text, '\n')}} {
		path := filepath.Join(dir, file.name)
		if err := aside.WriteBytes(path, 0o644, file.text); err != nil {
			if fresh { // leave nothing half-installed
				for _, path := range append(written, dir) {
					_ = os.Remove(path)
				}
			}
			return "", notWritable(dir, err)
		}
		written = append(written, path)
	}
	return dir, nil
}

// Uninstall removes what Install wrote and gives the folder, which goes too
// unless something else was put there.
func Uninstall(o Options) (dir string, err error) {
	if dir, err = o.Dir(); err != nil {
		return "", err
	}
	if _, err := readOwn(dir); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return "", fmt.Errorf("kernelspec: no kernel is installed in %s (see the flags --user and --prefix)", dir)
		}
		return "", err
	}
	// kernel.json first: without it Jupyter sees no kernel.
	for _, name := range []string{specFile, "logo-64x64.png", "logo-svg.svg"} {
		if err := os.Remove(filepath.Join(dir, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", notWritable(dir, err)
		}
	}
	if left, err := os.ReadDir(dir); err == nil && len(left) == 0 {
		if err := os.Remove(dir); err != nil {
			return "", notWritable(dir, err)
		}
	}
	return dir, nil
}

// readOwn reads dir's kernel.json and fails unless it is one of ours; with
// fs.ErrNotExist when there is none.
func readOwn(dir string) (spec, error) {
	path := filepath.Join(dir, specFile)
	text, err := os.ReadFile(path)
	if err != nil {
		return spec{}, fmt.Errorf("kernelspec: %w", err)
	}
	var s spec
	if err := json.Unmarshal(text, &s); err != nil || len(s.Argv) == 0 || !slices.Equal(s.Argv[1:], arguments) {
		return spec{}, fmt.Errorf("kernelspec: %s belongs to another kernel; remove it or choose another name", path)
	}
	return s, nil
}

// program gives the absolute path of the program to start.
func (o Options) program() (string, error) {
	exe := o.Exe
	if exe == "" {
		var err error
		if exe, err = os.Executable(); err != nil {
			return "", err
		}
	}
	exe, err := filepath.Abs(exe)
	if err != nil {
		return "", err
	}
	info, err := os.Stat(exe)
	if err != nil {
		return "", err
	}
	if info.IsDir() || info.Mode().Perm()&0o111 == 0 {
		return "", fmt.Errorf("%s is not a program", exe)
	}
	return exe, nil
}

func notWritable(dir string, err error) error {
	if errors.Is(err, fs.ErrPermission) {
		return fmt.Errorf("kernelspec: %s is not writable (--user installs for you alone, --prefix elsewhere): %w", dir, err)
	}
	return fmt.Errorf("kernelspec: %w", err)
}
