package magic

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// changeFolder sets the folder of the session's process.
func changeFolder(_ context.Context, s *Session, c call) error {
	dir := c.args
	if len(dir) > 1 && (dir[0] == '"' || dir[0] == '\'') && dir[len(dir)-1] == dir[0] {
		dir = dir[1 : len(dir)-1]
	}
	if dir == "" || dir == "~" || strings.HasPrefix(dir, "~/") {
		home, err := os.UserHomeDir()
		if err != nil {
			return fmt.Errorf("%%cd: %w", err)
		}
		dir = filepath.Join(home, strings.TrimPrefix(dir, "~"))
	}
	if err := os.Chdir(dir); err != nil {
		return fmt.Errorf("%%cd: %w", err)
	}
	now, err := os.Getwd()
	if err != nil {
		return fmt.Errorf("%%cd: %w", err)
	}
	fmt.Fprintln(s.stdout(), now)
	return nil
}

// environment lists, shows or sets the variables of the session's process,
// which shell commands inherit.
func environment(_ context.Context, s *Session, c call) error {
	if c.args == "" {
		all := os.Environ()
		slices.Sort(all)
		fmt.Fprintln(s.stdout(), strings.Join(all, "\n"))
		return nil
	}
	name, value, set := strings.Cut(c.args, "=")
	if !set {
		if i := strings.IndexAny(name, " \t"); i >= 0 { // %env NAME VALUE, as in IPython
			name, value, set = name[:i], strings.TrimSpace(name[i:]), true
		}
	}
	name = strings.TrimSpace(name)
	if name == "" {
		return errors.New("%env: the name is missing")
	}
	if set {
		if err := os.Setenv(name, strings.TrimSpace(value)); err != nil {
			return fmt.Errorf("%%env %s: %w", name, err)
		}
		fmt.Fprintf(s.stdout(), "env: %s=%s\n", name, strings.TrimSpace(value))
		return nil
	}
	value, found := os.LookupEnv(name)
	if !found {
		return fmt.Errorf("%%env: there is no variable %s", name)
	}
	fmt.Fprintln(s.stdout(), value)
	return nil
}
