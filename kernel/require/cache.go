package require

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// cacheDir is the folder for sources and workers.
func cacheDir() (string, error) {
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	return filepath.Join(dir, "arch2vec"), nil
}

// skipped are files that a worker is not built from.
func skipped(name string) bool {
	return strings.HasSuffix(name, "_test.go") || strings.Contains(name, "/testdata/")
}

// hashTree adds names and contents of the files of a tree to h.
func hashTree(h io.Writer, tree fs.FS) error {
	return fs.WalkDir(tree, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if name != "." && strings.HasPrefix(d.Name(), ".") {
				return fs.SkipDir
			}
			return nil
		}
		if skipped(name) || !d.Type().IsRegular() {
			return nil
		}
		data, err := fs.ReadFile(tree, name)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(h, "%s %x\n", name, sha256.Sum256(data))
		return err
	})
}

// key names a worker by everything that it is made of: this module's source,
// the toolchain, and the modules, those in folders by their contents.
func key(source, toolchain string, modules []Module) (string, error) {
	h := sha256.New()
	fmt.Fprintln(h, source, toolchain)
	for _, m := range modules {
		fmt.Fprintln(h, m)
		if m.Dir != "" {
			if err := hashTree(h, os.DirFS(m.Dir)); err != nil {
				return "", err
			}
		}
	}
	return hex.EncodeToString(h.Sum(nil))[:24], nil
}

// whole fills a folder aside and renames it, so that it is there whole or not at
// all. Another process that has done the same meanwhile is as good.
func whole(dir string, fill func(tmp string) error) error {
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return err
	}
	tmp, err := os.MkdirTemp(filepath.Dir(dir), "new")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	if err := os.Chmod(tmp, 0o755); err != nil {
		return err
	}
	if err := fill(tmp); err != nil {
		return err
	}
	if err := os.Rename(tmp, dir); err != nil {
		if _, there := os.Stat(dir); there == nil {
			return nil
		}
		return err
	}
	return nil
}
