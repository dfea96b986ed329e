package benchmark_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"arch2vec/native/benchmark"
)

// TestBounded reads small files that unpack, or amount, to large ones: they are
// refused before they take memory.
func TestBounded(t *testing.T) {
	var line, quoted, columns strings.Builder
	line.WriteString("arch,c10_valid\n" + strings.Repeat("a", 8<<20))
	quoted.WriteString("arch,c10_valid\n\"" + strings.Repeat("a\n", 4<<20))
	columns.WriteString("arch")
	for i := range 6000 {
		fmt.Fprintf(&columns, ",c10_valid_s%d", i+1)
	}
	for name, text := range map[string]string{
		"line.csv.gz":    line.String(),
		"quoted.csv.gz":  quoted.String(),
		"columns.csv.gz": columns.String(),
		"cifar100.json":  `{"0": {"module_adjacency": [` + strings.Repeat("[0,1],", 2<<20),
	} {
		var packed bytes.Buffer
		packed.WriteString(text)
		if strings.HasSuffix(name, ".gz") {
			packed.Reset()
			z := gzip.NewWriter(&packed)
			if _, err := z.Write([]byte(text)); err != nil {
				t.Fatal(err)
			}
			if err := z.Close(); err != nil {
				t.Fatal(err)
			}
		}
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, packed.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := benchmark.Read(t.Context(), path, benchmark.ReadOptions{})
		runtime.ReadMemStats(&after)
		if err == nil || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), "more") {
			t.Errorf("%s: %v", name, err)
		}
		if taken := (after.TotalAlloc - before.TotalAlloc) >> 20; taken > 200 {
			t.Errorf("%s took %d MB", name, taken)
		}
	}
}
