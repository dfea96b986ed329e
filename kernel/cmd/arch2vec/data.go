package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"golang.org/x/term"

	"arch2vec/native/benchmark"
)

type dataCmd struct {
	Import dataImportCmd `cmd:"" help:"Import a benchmark's file or folder, as its authors publish it."`
	List   dataListCmd   `cmd:"" help:"List the imported benchmarks and what they hold."`
	Verify dataVerifyCmd `cmd:"" help:"Check imported benchmarks, or a downloaded file, by their checksums."`
	Where  dataWhereCmd  `cmd:"" help:"Say which files there are and where their authors publish them."`
}

type dataImportCmd struct {
	Path string `arg:"" placeholder:"FILE" help:"A file, or folder, that data where lists, or a CSV file."`
	Name string `placeholder:"NAME" help:"Name to open it by (nasbench101 or nasbench201, whichever it is)."`
	JSON bool   `name:"json" help:"Print one line of JSON."`
}

// Run reads the file and keeps what is in it.
func (c dataImportCmd) Run() error {
	l, err := benchmark.DefaultLibrary()
	if err != nil {
		return err
	}
	ctx, stop := interruptible()
	defer stop()
	progress, wipe := percent(os.Stderr, "importing "+filepath.Base(c.Path))
	d, err := l.Import(ctx, c.Path, c.Name, benchmark.ReadOptions{Progress: progress})
	wipe()
	if err != nil {
		return err
	}
	if c.JSON {
		return json.NewEncoder(os.Stdout).Encode(struct {
			Name     string   `json:"name"`
			Space    string   `json:"space"`
			Datasets []string `json:"datasets"`
			SHA256   string   `json:"sha256"`
		}{d.Name(), d.Space().ID(), names(d.Datasets()), d.Source().SHA256})
	}
	fmt.Printf("imported %s, cells of %s:\n", d.Name(), d.Space().ID())
	for _, line := range d.Contents() {
		fmt.Println("  " + line)
	}
	return nil
}

// percent shows progress on a terminal; wipe clears it.
func percent(w *os.File, text string) (progress func(done, total int64), wipe func()) {
	if !term.IsTerminal(int(w.Fd())) {
		return nil, func() {}
	}
	begun := time.Now()
	return func(done, total int64) {
			fmt.Fprintf(w, "\r%s, %.0f %%, %.0f s", text, 100*float64(done)/float64(max(total, 1)), time.Since(begun).Seconds())
		}, func() {
			fmt.Fprint(w, "\r\x1b[K")
		}
}

func names(sets []benchmark.Dataset) []string {
	list := []string{}
	for _, d := range sets {
		list = append(list, d.String())
	}
	return list
}

type dataListCmd struct {
	JSON bool `name:"json" help:"Print one line of JSON a benchmark."`
}

// Run lists the library.
func (c dataListCmd) Run() error {
	l, err := benchmark.DefaultLibrary()
	if err != nil {
		return err
	}
	list, err := l.List()
	if err != nil {
		return err
	}
	if c.JSON {
		out := json.NewEncoder(os.Stdout)
		for _, b := range list {
			row := struct {
				Name   string            `json:"name"`
				Space  string            `json:"space"`
				Bytes  int64             `json:"bytes"`
				Source *benchmark.Source `json:"source,omitempty"`
				Error  string            `json:"error,omitempty"`
			}{b.Name, b.Space, b.Bytes, &b.Source, ""}
			if b.Err != nil {
				row.Source, row.Error = nil, b.Err.Error()
			}
			if err := out.Encode(row); err != nil {
				return err
			}
		}
		return nil
	}
	if len(list) == 0 {
		fmt.Println("No benchmark is imported: arch2vec data where says what to download, arch2vec data import FILE imports it.")
		return nil
	}
	t := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "name\tspace\tMB\tfrom\timported")
	for _, b := range list {
		if b.Err != nil {
			fmt.Fprintf(t, "%s\t%v: import it again\n", b.Name, b.Err)
			continue
		}
		fmt.Fprintf(t, "%s\t%s\t%.1f\t%s\t%s\n", b.Name, b.Space, float64(b.Bytes)/1e6, b.Source.Path, b.Source.Imported.Format("2006-01-02 15:04"))
	}
	return t.Flush()
}

type dataVerifyCmd struct {
	What string `arg:"" optional:"" placeholder:"NAME|FILE" help:"An imported benchmark, or a downloaded file; all imported ones unless given."`
}

// Run checks what is asked for, and says of each what it found.
func (c dataVerifyCmd) Run() error {
	ctx, stop := interruptible()
	defer stop()
	l, err := benchmark.DefaultLibrary()
	if err != nil {
		return err
	}
	list, err := l.List()
	if err != nil {
		return err
	}
	names := []string{}
	for _, b := range list {
		if c.What == "" || c.What == b.Name {
			names = append(names, b.Name)
		}
	}
	if len(names) == 0 && c.What != "" {
		if _, err := os.Stat(c.What); err != nil {
			return l.Verify(ctx, c.What) // which says that there is none
		}
		return verifyFile(ctx, os.Stdout, c.What)
	}
	if len(names) == 0 {
		fmt.Println("No benchmark is imported.")
	}
	bad := 0
	for _, name := range names {
		err := l.Verify(ctx, name)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			bad++
			fmt.Printf("%s: %v\n", name, err)
			continue
		}
		fmt.Printf("%s: sound\n", name)
	}
	if bad > 0 {
		return fmt.Errorf("data verify: %d of %d damaged", bad, len(names))
	}
	return nil
}

// verifyFile compares a download with what its authors say of it.
func verifyFile(ctx context.Context, w io.Writer, path string) error {
	progress, wipe := percent(os.Stderr, "reading "+filepath.Base(path))
	match, sum, err := benchmark.Identify(ctx, path, progress)
	wipe()
	switch {
	case errors.Is(err, benchmark.ErrUnknownFile):
		fmt.Fprintf(w, "SHA-256 %s\n", sum)
		return err
	case err != nil:
		return err
	}
	_, err = fmt.Fprintf(w, "%s is %s as its authors publish it (%s)\n", path, match.Name, match.Hash)
	return err
}

type dataWhereCmd struct {
	JSON bool `name:"json" help:"Print one line of JSON a file."`
}

// Run lists the files.
func (c dataWhereCmd) Run() error {
	if c.JSON {
		out := json.NewEncoder(os.Stdout)
		for _, f := range benchmark.Known() {
			if err := out.Encode(f); err != nil {
				return err
			}
		}
		return nil
	}
	for _, f := range benchmark.Known() {
		fmt.Println(f.Name)
		for _, line := range []string{f.Note, strings.Join(fill(f.Size, f.Hash), ", "), f.Where} {
			if line != "" {
				fmt.Println("    " + line)
			}
		}
	}
	l, err := benchmark.DefaultLibrary()
	if err != nil {
		return err
	}
	fmt.Printf("\nDownload one and run: arch2vec data import FILE\nImported benchmarks are kept in %s\n", l.Dir)
	return nil
}

// fill leaves out what is empty.
func fill(parts ...string) []string {
	var list []string
	for _, p := range parts {
		if p != "" {
			list = append(list, p)
		}
	}
	return list
}
