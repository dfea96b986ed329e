package typeinfo

import (
	"archive/zip"
	_ "embed"
	"fmt"
	"io"
	"strings"
	"sync"
)

var (
	//go:embed std_docs.zip
	stdDocs []byte
	//go:embed gonum_docs.zip
	gonumDocs []byte
	//go:embed native_docs.zip
	nativeDocs []byte
)

// Docs are the comments on what packages export, decompressed a package at a
// time as they are asked for. The zero Docs are those of this binary's packages.
// They may be used by several goroutines.
type Docs struct {
	more map[string]*zip.File

	mu       sync.Mutex
	packages map[string]map[string]string
}

// NewDocs returns the comments of this binary's packages and of archives as
// package extract writes them.
func NewDocs(archives ...[]byte) (*Docs, error) {
	d := &Docs{more: map[string]*zip.File{}}
	for i, data := range archives {
		if err := addArchive(d.more, data); err != nil {
			return nil, fmt.Errorf("typeinfo: archive %d of comments: %w", i, err)
		}
	}
	return d, nil
}

var docsIndex = sync.OnceValue(func() map[string]*zip.File {
	m := map[string]*zip.File{}
	for _, data := range [][]byte{stdDocs, gonumDocs, nativeDocs} {
		if err := addArchive(m, data); err != nil {
			return nil // without comments
		}
	}
	return m
})

// Find returns the comment on a name of a package: "Printf", "Buffer.Write",
// "Server.Addr", or "" for the package itself. Where there is none it is empty.
func (d *Docs) Find(path, name string) string {
	d.mu.Lock()
	defer d.mu.Unlock()
	docs, ok := d.packages[path]
	if !ok {
		f := docsIndex()[path]
		if f == nil {
			f = d.more[path]
		}
		docs = readDocs(f)
		if d.packages == nil {
			d.packages = map[string]map[string]string{}
		}
		d.packages[path] = docs
	}
	return docs[name]
}

func readDocs(f *zip.File) map[string]string {
	if f == nil {
		return nil
	}
	r, err := f.Open()
	if err != nil {
		return nil
	}
	defer r.Close()
	text, err := io.ReadAll(r)
	if err != nil {
		return nil
	}
	docs := map[string]string{}
	parts := strings.Split(string(text), "\x00")
	for i := 0; i+1 < len(parts); i += 2 {
		docs[parts[i]] = parts[i+1]
	}
	return docs
}
