package require

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// Module is one module or package to add: at a version, or in a folder.
type Module struct {
	Path    string // of the module, or of a package in it
	Version string // as for go get: "v1.2.3", "latest"; empty with Dir
	Dir     string // absolute
}

// String is the module as a user writes it.
func (m Module) String() string {
	if m.Dir != "" {
		return m.Path + " in " + m.Dir
	}
	return m.Path + " " + m.Version
}

var modulePath = regexp.MustCompile(`^[a-zA-Z0-9][a-zA-Z0-9._~/-]*$`)

// Parse reads what follows %require: PATH@VERSION or a folder. Folders are
// relative to dir.
func Parse(arg, dir string) (Module, error) {
	if isFolder(arg) {
		return parseFolder(arg, dir)
	}
	path, version, ok := strings.Cut(arg, "@")
	switch {
	case !ok || version == "":
		return Module{}, fmt.Errorf("which version of %s? Write %%require %s@v1.2.3, or %s@latest", path, path, path)
	case !modulePath.MatchString(path) || strings.Contains(path, ".."):
		return Module{}, fmt.Errorf("%q is not the path of a module", path)
	case strings.ContainsAny(version, " \t\"'`$\\") || strings.HasPrefix(version, "-"):
		return Module{}, fmt.Errorf("%q is not a version", version)
	}
	first, _, _ := strings.Cut(path, "/")
	if !strings.Contains(first, ".") {
		return Module{}, fmt.Errorf("%q is not the path of a module: those start with a host, such as github.com/", path)
	}
	return Module{Path: path, Version: version}, nil
}

func isFolder(arg string) bool {
	return arg == "." || arg == ".." || filepath.IsAbs(arg) || strings.HasPrefix(arg, "~/") ||
		strings.HasPrefix(arg, "./") || strings.HasPrefix(arg, "../")
}

func parseFolder(arg, dir string) (Module, error) {
	if rest, ok := strings.CutPrefix(arg, "~/"); ok {
		home, err := os.UserHomeDir()
		if err != nil {
			return Module{}, err
		}
		arg = filepath.Join(home, rest)
	}
	if !filepath.IsAbs(arg) {
		arg = filepath.Join(dir, arg)
	}
	arg, err := filepath.Abs(arg)
	if err != nil {
		return Module{}, err
	}
	data, err := os.ReadFile(filepath.Join(arg, "go.mod"))
	if errors.Is(err, os.ErrNotExist) {
		return Module{}, fmt.Errorf("%s has no go.mod: it is not the folder of a module", arg)
	} else if err != nil {
		return Module{}, err
	}
	m := moduleLine.FindSubmatch(data)
	if m == nil {
		return Module{}, fmt.Errorf("%s has no module line", filepath.Join(arg, "go.mod"))
	}
	return Module{Path: string(m[1]), Dir: arg}, nil
}

var moduleLine = regexp.MustCompile(`(?m)^module\s+"?([^\s"]+)"?`)

// Lines finds the %require lines before a cell's Go code. It returns their
// arguments, by line from 1, and the code with those lines blank.
func Lines(code string) (args map[int][]string, rest string) {
	lines := strings.Split(code, "\n")
	for i, l := range lines {
		t := strings.TrimSpace(l)
		word, arg, _ := strings.Cut(t, " ")
		switch {
		case word == "%require":
			if args == nil {
				args = map[int][]string{}
			}
			args[i+1] = strings.Fields(arg)
			lines[i] = ""
		case t == "", strings.HasPrefix(t, "%"), strings.HasPrefix(t, "$"), strings.HasPrefix(t, "//"):
		default:
			return args, strings.Join(lines, "\n")
		}
	}
	return args, strings.Join(lines, "\n")
}
