package require

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"arch2vec/kernel"
	"arch2vec/native"
	"arch2vec/stdlib"
)

// This module's own go.mod and go.sum lie above what a package may embed: these
// are copies.
//
//go:generate cp ../../go.mod module/go.mod.txt
//go:generate cp ../../go.sum module/go.sum.txt

//go:embed module/go.mod.txt
var goMod string

//go:embed module/go.sum.txt
var goSum string

// eachSource calls f for every file that a worker is built from, by its name in
// this module, in order.
func eachSource(f func(name string, data []byte) error) error {
	for _, folder := range []struct {
		name  string
		files embed.FS
	}{{"kernel", kernel.Source}, {"native", native.Source}, {"stdlib", stdlib.Source}} {
		err := fs.WalkDir(folder.files, ".", func(name string, d fs.DirEntry, err error) error {
			if err != nil || skipped(name) || d.IsDir() {
				return err
			}
			data, err := folder.files.ReadFile(name)
			if err != nil {
				return err
			}
			return f(folder.name+"/"+name, data)
		})
		if err != nil {
			return err
		}
	}
	if err := f("go.mod", []byte(goMod)); err != nil {
		return err
	}
	return f("go.sum", []byte(goSum))
}

// unpackSource writes this module's source into the cache, where it is not there
// yet, and returns its folder, which is named by its contents.
func unpackSource(cache string) (dir, hash string, err error) {
	h := sha256.New()
	err = eachSource(func(name string, data []byte) error {
		_, err := fmt.Fprintf(h, "%s %x\n", name, sha256.Sum256(data))
		return err
	})
	if err != nil {
		return "", "", err
	}
	hash = hex.EncodeToString(h.Sum(nil))[:24]
	dir = filepath.Join(cache, "source", hash)
	if _, err := os.Stat(dir); err == nil {
		return dir, hash, nil
	}
	return dir, hash, whole(dir, func(tmp string) error {
		return eachSource(func(name string, data []byte) error {
			to := filepath.Join(tmp, filepath.FromSlash(name))
			if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
				return err
			}
			return os.WriteFile(to, data, 0o644)
		})
	})
}
