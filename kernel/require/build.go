package require

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"

	"arch2vec/stdlib/extract"
	"arch2vec/stdlib/symbols"
)

// Built is a worker program.
type Built struct {
	Path     string   // of the executable
	Packages []string // that cells may import, besides the usual ones
	Left     []string // why packages of the modules were left out
	Cached   bool     // it was there already
}

// Build finds or builds a worker with the modules. Say is told what is done, in
// lines; it may be nil. The go command gets its settings from the environment.
func Build(ctx context.Context, modules []Module, say func(string)) (Built, error) {
	if say == nil {
		say = func(string) {}
	}
	if _, err := exec.LookPath("go"); err != nil {
		return Built{}, errors.New("%require needs the Go toolchain, and there is no go command on the PATH; https://go.dev/dl has it")
	}
	cache, err := cacheDir()
	if err != nil {
		return Built{}, fmt.Errorf("require: no place for workers: %w", err)
	}
	b := builder{modules: modules, say: say}
	version, err := b.run(ctx, "", "env", "GOVERSION", "GOOS", "GOARCH")
	if err != nil {
		return Built{}, err
	}
	source, hash, err := unpackSource(cache)
	if err != nil {
		return Built{}, fmt.Errorf("require: %w", err)
	}
	k, err := key(hash, version, modules)
	if err != nil {
		return Built{}, fmt.Errorf("require: %w", err)
	}
	dir := filepath.Join(cache, "workers", k)
	if built, err := find(dir); err == nil {
		return built, nil
	}
	b.source = source
	err = whole(dir, func(tmp string) error {
		b.dir = tmp
		return b.build(ctx)
	})
	if err != nil {
		return Built{}, err
	}
	built, err := find(dir)
	built.Cached = false
	return built, err
}

const (
	workerFile   = "worker"
	packagesFile = "packages.txt"
	leftFile     = "left.txt"
)

func find(dir string) (Built, error) {
	packages, err := os.ReadFile(filepath.Join(dir, packagesFile))
	if err != nil {
		return Built{}, err
	}
	left, err := os.ReadFile(filepath.Join(dir, leftFile))
	if err != nil {
		return Built{}, err
	}
	b := Built{Path: filepath.Join(dir, workerFile), Packages: strings.Fields(string(packages)), Cached: true}
	if len(left) > 0 {
		b.Left = strings.Split(string(left), "\x00")
	}
	_, err = os.Stat(b.Path)
	return b, err
}

// builder builds one worker in a folder of its own.
type builder struct {
	modules     []Module
	source, dir string
	say         func(string)
}

func (b *builder) build(ctx context.Context) error {
	src := filepath.Join(b.dir, "src")
	if err := os.MkdirAll(filepath.Join(src, "tables"), 0o755); err != nil {
		return err
	}
	if err := b.writeModule(src); err != nil {
		return err
	}
	for _, m := range b.modules {
		if m.Dir == "" {
			b.say("fetching " + m.String())
			if _, err := b.run(ctx, src, "get", m.Path+"@"+m.Version); err != nil {
				return fmt.Errorf("could not get %s: %w", m, err)
			}
		}
	}
	packages, err := b.extract(src)
	if err != nil {
		return err
	}
	b.say("building a worker with " + strings.Join(packages, ", ") + " (a first build takes a minute or two)")
	if _, err := b.run(ctx, src, "build", "-trimpath", "-ldflags=-s -w", "-o", filepath.Join(b.dir, workerFile), "."); err != nil {
		return fmt.Errorf("the worker does not build: %w", err)
	}
	if err := os.RemoveAll(src); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(b.dir, packagesFile), []byte(strings.Join(packages, "\n")), 0o644)
}

// writeModule writes go.mod, with this module's requirements, and the main
// package.
func (b *builder) writeModule(src string) error {
	mod := moduleLine.ReplaceAllString(goMod, "module arch2vec.worker")
	mod = toolBlock.ReplaceAllString(mod, "")
	mod += fmt.Sprintf("\nrequire arch2vec v0.0.0\nreplace arch2vec => %q\n", b.source)
	for _, m := range b.modules {
		if m.Dir != "" {
			mod += fmt.Sprintf("require %s v0.0.0\nreplace %s => %q\n", m.Path, m.Path, m.Dir)
		}
	}
	for name, text := range map[string]string{"go.mod": mod, "go.sum": goSum, "main.go": mainSource} {
		if err := os.WriteFile(filepath.Join(src, name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}

var toolBlock = regexp.MustCompile(`(?ms)^tool \(.*?^\)|^tool .*?$`)

const mainSource = `package main

import (
	"context"
	_ "embed"
	"fmt"
	"os"

	"arch2vec.worker/tables"
	"arch2vec/kernel/session"
	"arch2vec/kernel/worker"
)

//go:embed typeinfo.zip
var typeInfo []byte

//go:embed docs.zip
var docs []byte

func main() {
	err := worker.Serve(context.Background(), session.Module{Tables: tables.Tables[:], TypeInfo: typeInfo, Docs: docs})
	if err != nil {
		fmt.Fprintln(os.Stderr, "worker:", err)
		os.Exit(1)
	}
}
`

// extract writes the tables and type information of the modules' packages.
func (b *builder) extract(src string) (paths []string, err error) {
	var patterns []string
	for _, m := range b.modules {
		patterns = append(patterns, m.Path+"/...")
	}
	builtIn := map[string]bool{}
	for _, p := range (symbols.Set{}).Paths() {
		builtIn[p] = true
	}
	list := extract.List{Dir: src, Env: environment(), Patterns: patterns, Partial: true,
		Keep: func(p string) bool { return !builtIn[p] }}
	packages, left, err := list.Load()
	if err != nil {
		return nil, err
	}
	if len(packages) == 0 {
		return nil, errors.Join(append([]error{errors.New("there is no package to import in " + describe(b.modules))}, left...)...)
	}
	importable := builtIn
	for _, p := range packages {
		importable[p.Path()] = true
	}
	for _, p := range packages {
		table, err := extract.Table("tables", p, importable)
		if err != nil {
			return nil, err
		}
		if err := os.WriteFile(filepath.Join(src, "tables", extract.FileName(p.Path())), table, 0o644); err != nil {
			return nil, err
		}
		paths = append(paths, p.Path())
	}
	index, err := extract.Index("tables", paths)
	if err != nil {
		return nil, err
	}
	archive, err := extract.Archive(packages)
	if err != nil {
		return nil, err
	}
	list.Patterns, list.Keep = paths, nil
	docs, err := list.Docs()
	if err != nil {
		return nil, err
	}
	var why []string
	for _, e := range left {
		why = append(why, e.Error())
	}
	return paths, errors.Join(
		os.WriteFile(filepath.Join(src, "tables", "index.go"), index, 0o644),
		os.WriteFile(filepath.Join(src, "typeinfo.zip"), archive, 0o644),
		os.WriteFile(filepath.Join(src, "docs.zip"), docs, 0o644),
		os.WriteFile(filepath.Join(b.dir, leftFile), []byte(strings.Join(why, "\x00")), 0o644))
}

func describe(modules []Module) string {
	var texts []string
	for _, m := range modules {
		texts = append(texts, m.String())
	}
	return strings.Join(texts, ", ")
}

// environment is that of the go command: the user's, but for what would make it
// look elsewhere than in our module.
func environment() []string {
	return append(os.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off", "GO111MODULE=on")
}

// run calls the go command; its error is what go wrote.
func (b *builder) run(ctx context.Context, dir string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir, cmd.Env = dir, environment()
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return "", ctx.Err()
		}
		said := strings.TrimSpace(strings.ReplaceAll(stderr.String(), dir+string(filepath.Separator), ""))
		return "", fmt.Errorf("go %s: %w\n%s", args[0], err, said)
	}
	return stdout.String(), nil
}
