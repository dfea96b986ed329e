package extract

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strings"
)

// Docs packs the comments on what the packages export, one entry a package:
//
//	name \x00 comment \x00 ...
//
// sorted by name. Names are those of package-level objects, "Type.Member" for
// methods and fields, and "" for the package itself.
func (l List) Docs() ([]byte, error) {
	paths, err := l.Paths()
	if err != nil {
		return nil, err
	}
	list, err := l.run(paths)
	if err != nil {
		return nil, err
	}
	var buf bytes.Buffer
	zw := zip.NewWriter(&buf)
	zw.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.BestCompression) })
	for _, p := range list {
		docs, err := packageDocs(p.Dir, append(p.GoFiles, p.CgoFiles...))
		if err != nil {
			return nil, fmt.Errorf("comments of %s: %w", p.ImportPath, err)
		}
		w, err := zw.CreateHeader(&zip.FileHeader{Name: p.ImportPath, Method: zip.Deflate})
		if err != nil {
			return nil, err
		}
		for _, name := range slices.Sorted(maps.Keys(docs)) {
			if _, err := io.WriteString(w, name+"\x00"+docs[name]+"\x00"); err != nil {
				return nil, err
			}
		}
	}
	if err := zw.Close(); err != nil {
		return nil, err
	}
	return buf.Bytes(), nil
}

func packageDocs(dir string, files []string) (map[string]string, error) {
	docs := map[string]string{}
	fset := token.NewFileSet()
	for _, name := range files {
		f, err := parser.ParseFile(fset, filepath.Join(dir, name), nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		addDoc(docs, "", f.Doc)
		for _, d := range f.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				funcDoc(docs, d)
			case *ast.GenDecl:
				for _, s := range d.Specs {
					specDoc(docs, d, s)
				}
			}
		}
	}
	return docs, nil
}

// addDoc keeps the first of the comments that says something.
func addDoc(docs map[string]string, name string, comments ...*ast.CommentGroup) {
	for _, c := range comments {
		text := strings.ReplaceAll(strings.TrimSpace(c.Text()), "\x00", "")
		if text != "" && docs[name] == "" {
			docs[name] = text
			return
		}
	}
}

func funcDoc(docs map[string]string, d *ast.FuncDecl) {
	name := d.Name.Name
	if d.Recv != nil && len(d.Recv.List) == 1 {
		recv := typeIdent(d.Recv.List[0].Type)
		if recv == nil {
			return
		}
		name = recv.Name + "." + name // of unexported types too: values of them are
	}
	if d.Name.IsExported() {
		addDoc(docs, name, d.Doc)
	}
}

// typeIdent is the name in a receiver's type.
func typeIdent(e ast.Expr) *ast.Ident {
	switch e := e.(type) {
	case *ast.Ident:
		return e
	case *ast.StarExpr:
		return typeIdent(e.X)
	case *ast.ParenExpr:
		return typeIdent(e.X)
	case *ast.IndexExpr:
		return typeIdent(e.X)
	case *ast.IndexListExpr:
		return typeIdent(e.X)
	}
	return nil
}

func specDoc(docs map[string]string, d *ast.GenDecl, spec ast.Spec) {
	switch s := spec.(type) {
	case *ast.ValueSpec:
		for _, n := range s.Names {
			if n.IsExported() {
				addDoc(docs, n.Name, s.Doc, s.Comment, d.Doc)
			}
		}
	case *ast.TypeSpec:
		if !s.Name.IsExported() {
			return
		}
		addDoc(docs, s.Name.Name, s.Doc, s.Comment, d.Doc)
		var members *ast.FieldList
		switch t := s.Type.(type) {
		case *ast.StructType:
			members = t.Fields
		case *ast.InterfaceType:
			members = t.Methods
		default:
			return
		}
		for _, f := range members.List {
			for _, n := range f.Names {
				if n.IsExported() {
					addDoc(docs, s.Name.Name+"."+n.Name, f.Doc, f.Comment)
				}
			}
		}
	}
}
