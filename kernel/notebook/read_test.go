package notebook

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

const minimal = `{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}`

func TestReadErrors(t *testing.T) {
	cells := func(s string) string {
		return `{"cells": [` + s + `], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}`
	}
	for _, c := range []struct{ name, in, want string }{
		{"empty", " \n", "the file is empty"},
		{"not JSON", "{\n  \"cells\": [\n  oops\n", "line 3, column 3: not valid JSON: invalid character 'o'"},
		{"truncated", minimal[:30], "line 1: the file ends in the middle"},
		{"truncated in a string", `{"cells": [{"source": "x`, "truncated"},
		{"two documents", minimal + "\n{}", "line 2, column 2: text after the end"},
		{"a list", "[1]", "want a JSON object, got a list"},
		{"not text", "{\xff}", "not UTF-8"},
		{"no version", `{"cells": []}`, "nbformat: want a number from 0, got nothing"},
		{"old", `{"nbformat": 3, "worksheets": []}`, "nbformat: version 3 is too old"},
		{"new", `{"nbformat": 5}`, "nbformat: version 5 is newer"},
		{"no cells", `{"nbformat": 4, "nbformat_minor": 5}`, "cells: want a list, got nothing"},
		{"cell", cells(`7`), "cells[0]: want an object, got the number 7"},
		{"cell type", cells(`{"cell_type": "poem", "source": ""}`), `cells[0].cell_type: want code, markdown or raw, got "poem"`},
		{"source", cells(`{"cell_type": "raw", "source": [1]}`), "cells[0].source: want a string or a list of strings, got a list"},
		{"metadata", cells(`{"cell_type": "raw", "source": "", "metadata": 1}`), "cells[0].metadata: want an object"},
		{"count", cells(`{"cell_type": "code", "source": "", "execution_count": "1"}`), "cells[0].execution_count: want a number"},
		{"outputs", cells(`{"cell_type": "code", "source": "", "outputs": {}}`), "cells[0].outputs: want a list, got an object"},
		{"output type", cells(`{"cell_type": "code", "source": "", "outputs": [{"output_type": "pyout"}]}`), "cells[0].outputs[0].output_type"},
		{"text", cells(`{"cell_type": "code", "source": "", "outputs": [{"output_type": "stream", "name": "stdout", "text": true}]}`), "cells[0].outputs[0].text: want a string or a list of strings, got a truth value"},
		{"data", cells(`{"cell_type": "code", "source": "", "outputs": [{"output_type": "display_data", "data": {"text/plain": 1}}]}`), "cells[0].outputs[0].data.text/plain"},
		{"traceback", cells(`{"cell_type": "code", "source": "", "outputs": [{"output_type": "error", "ename": "", "evalue": "", "traceback": [1]}]}`), "traceback[0]: want a string"},
	} {
		_, err := Read([]byte(c.in))
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "notebook: ") {
			t.Errorf("%s: error %v, want %q", c.name, err, c.want)
		}
	}
	if _, err := Open(filepath.Join(t.TempDir(), "none.ipynb")); err == nil || !strings.Contains(err.Error(), "none.ipynb") {
		t.Errorf("missing file: %v", err)
	}
}

func TestUpgrade(t *testing.T) {
	in := `{"cells": [
	 {"cell_type": "code", "source": ["a\n", "b"], "outputs": [], "execution_count": null, "metadata": {}},
	 {"cell_type": "markdown", "source": "a", "metadata": {}}], "metadata": {}, "nbformat": 4, "nbformat_minor": 2}`
	n, err := Read([]byte(in))
	if err != nil {
		t.Fatal(err)
	}
	if n.Cells[0].ID != "" || bytes.Contains(n.Write(), []byte(`"id"`)) {
		t.Error("a 4.2 notebook got ids by being read")
	}
	n.Upgrade()
	again, err := Read(n.Write())
	if err != nil {
		t.Fatal(err)
	}
	if n.Minor != 5 || !validID(n.Cells[0].ID) || n.Cells[0].ID == n.Cells[1].ID || again.Cells[0].ID != n.Cells[0].ID {
		t.Errorf("upgraded to %d with ids %q, %q", n.Minor, n.Cells[0].ID, n.Cells[1].ID)
	}
	// Ids that are missing, broken or repeated are replaced, the others kept.
	in = strings.NewReplacer(`"nbformat_minor": 2`, `"nbformat_minor": 5`, `"cell_type": "markdown"`, `"id": "no good", "cell_type": "markdown"`).Replace(in)
	if n, err = Read([]byte(in)); err != nil || !validID(n.Cells[0].ID) || !validID(n.Cells[1].ID) {
		t.Errorf("4.5 without ids: %v", err)
	}
}

// Unknown fields survive everywhere.
func TestUnknownFields(t *testing.T) {
	in := `{
 "cells": [
  {
   "cell_type": "code",
   "execution_count": 3,
   "future": [
    1.50
   ],
   "id": "a",
   "metadata": {
    "deep": {
     "x": null
    }
   },
   "outputs": [
    {
     "data": {
      "application/vnd.x+json": {
       "b": 1e400
      },
      "text/plain": []
     },
     "execution_count": 3,
     "metadata": {},
     "output_type": "execute_result",
     "tool": true
    }
   ],
   "source": []
  }
 ],
 "metadata": {},
 "nbformat": 4,
 "nbformat_minor": 7,
 "top": "<&>\u001f\"\\"
}
`
	n, err := Read([]byte(in))
	if err != nil {
		t.Fatal(err)
	}
	if got := string(n.Write()); got != in {
		t.Errorf("got\n%s", got)
	}
}

func TestSplitLines(t *testing.T) {
	for s, want := range map[string][]any{
		"":                {},
		"a":               {"a"},
		"a\n":             {"a\n"},
		"a\nb":            {"a\n", "b"},
		"\n\n":            {"\n", "\n"},
		"a\r\nb\rc":       {"a\r\n", "b\r", "c"},
		"é\u2028b\u0085c": {"é\u2028", "b\u0085", "c"},
		"a\vb\fc\x1cd":    {"a\v", "b\f", "c\x1c", "d"},
	} {
		if got := splitLines(s); !reflect.DeepEqual(got, want) {
			t.Errorf("splitLines(%q) = %q, want %q", s, got, want)
		}
	}
}

func TestSave(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "n.ipynb")
	if err := os.WriteFile(path, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := New().Save(path); err != nil {
		t.Fatal(err)
	}
	n, err := Open(path)
	if err != nil || n.Minor != 5 {
		t.Fatal(n, err)
	}
	if info, _ := os.Stat(path); info.Mode().Perm() != 0o600 {
		t.Errorf("mode became %v", info.Mode())
	}
	if err := New().Save(filepath.Join(dir, "none", "n.ipynb")); err == nil || !strings.Contains(err.Error(), "none") {
		t.Errorf("no such folder: %v", err)
	}
	if files, _ := os.ReadDir(dir); len(files) != 1 {
		t.Errorf("left behind: %v", files)
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(minimal))
	f.Add([]byte(`{"cells": [{"cell_type": "code", "source": ["a\r\n"], "outputs": [{"output_type": "stream", "name": "stdout", "text": "x"}, {"output_type": "error", "ename": "a", "evalue": "b", "traceback": ["c"]}], "execution_count": 1, "metadata": {"tags": ["a"]}}], "metadata": {}, "nbformat": 4, "nbformat_minor": 4}`))
	f.Add([]byte(`{"cells": [{"cell_type": "markdown", "id": "x", "source": "$a$ ![](attachment:p.png)", "attachments": {"p.png": {"image/png": ["AA==", "\n"]}}}], "nbformat": 4, "nbformat_minor": 5}`))
	f.Add([]byte(`{"nbformat": 4, "nbformat_minor": 5, "cells": [{"cell_type": "code", "source": "", "outputs": [{"output_type": "display_data", "data": {"image/png": "AA==", "application/json": [1]}, "metadata": {}}]}]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		n, err := Read(b)
		if err != nil {
			return
		}
		written := n.Write()
		again, err := Read(written)
		if err != nil {
			t.Fatalf("what was written cannot be read: %v\n%s", err, written)
		}
		if !bytes.Equal(again.Write(), written) {
			t.Fatalf("written differently the second time:\n%s\n%s", written, again.Write())
		}
		n.HTML(HTMLOptions{})
	})
}
