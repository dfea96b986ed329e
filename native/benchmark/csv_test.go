package benchmark_test

import (
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"arch2vec/native/benchmark"
)

// TestCSVRefusals checks what bad tables are told, and where.
func TestCSVRefusals(t *testing.T) {
	const head, row = "arch,c10_valid\n", "|none~0|+|none~0|none~1|+|none~0|none~1|none~2|,1.5\n"
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if _, err := z.Write([]byte(head + row)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	cut := packed.Bytes()[:packed.Len()-4]
	wrong := bytes.Clone(packed.Bytes())
	wrong[len(wrong)-8] ^= 1
	for name, c := range map[string]struct {
		content []byte
		says    string
	}{
		"head.csv":     {[]byte(head), "no cell"},
		"twice.csv":    {[]byte(head + row + row), "line 3: its cell was on an earlier line"},
		"short.csv":    {[]byte(head + row + "x\n"), "line 3: wrong number of fields"},
		"nan.csv":      {[]byte(head + strings.Replace(row, "1.5", "nan", 1)), "line 2, column c10_valid: NaN"},
		"cut.csv.gz":   {cut, "after byte 67 of its text: unexpected EOF"},
		"wrong.csv.gz": {wrong, "after byte 67 of its text: gzip: invalid checksum"},
	} {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, c.content, 0o644); err != nil {
			t.Fatal(err)
		}
		_, err := benchmark.ReadCSV(t.Context(), path)
		if err == nil || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v; want %q", name, err, c.says)
		}
	}
}
