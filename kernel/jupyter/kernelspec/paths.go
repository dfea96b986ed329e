package kernelspec

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
)

// DefaultName is the kernel's name for `jupyter console --kernel NAME`.
const DefaultName = "arch2vec"

// Options tell what is installed, and where. The zero value stands for this
// program, under its default name, for the current user (for everybody when root
// installs).
type Options struct {
	User   bool              // into the user's Jupyter data folder
	Prefix string            // into PREFIX/share/jupyter
	Exe    string            // the program that is started; empty: this one
	Name   string            // of the kernel and its folder; empty: DefaultName
	Env    map[string]string // added to the program's environment
}

// validName is what Jupyter accepts as a kernel's name.
var validName = regexp.MustCompile(`^[A-Za-z0-9._-]+$`)

// Dir gives the folder of the kernelspec that o describes.
func (o Options) Dir() (string, error) {
	name := o.name()
	if !validName.MatchString(name) || name == "." || name == ".." {
		return "", fmt.Errorf("kernelspec: the name %q may have only letters, digits, dots, dashes and underscores", name)
	}
	data, err := o.dataDir()
	if err != nil {
		return "", fmt.Errorf("kernelspec: %w", err)
	}
	return filepath.Join(data, "kernels", name), nil
}

func (o Options) name() string {
	if o.Name == "" {
		return DefaultName
	}
	return o.Name
}

func (o Options) dataDir() (string, error) {
	switch {
	case o.User && o.Prefix != "":
		return "", errors.New("choose one of user and prefix")
	case o.Prefix != "":
		prefix, err := filepath.Abs(o.Prefix)
		return filepath.Join(prefix, "share", "jupyter"), err
	case o.User || os.Geteuid() != 0:
		return userDataDir()
	default:
		return "/usr/local/share/jupyter", nil
	}
}

// userDataDir follows jupyter_core.paths.jupyter_data_dir.
func userDataDir() (string, error) {
	if dir := os.Getenv("JUPYTER_DATA_DIR"); dir != "" {
		return filepath.Abs(dir)
	}
	switch runtime.GOOS {
	case "darwin":
		home, err := os.UserHomeDir()
		return filepath.Join(home, "Library", "Jupyter"), err
	case "windows":
		config, err := os.UserConfigDir() // %AppData%
		return filepath.Join(config, "jupyter"), err
	}
	if dir := os.Getenv("XDG_DATA_HOME"); dir != "" {
		return filepath.Join(dir, "jupyter"), nil
	}
	home, err := os.UserHomeDir()
	return filepath.Join(home, ".local", "share", "jupyter"), err
}
