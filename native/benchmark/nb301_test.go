package benchmark

import (
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"arch2vec/native/cell"
	"arch2vec/native/internal/tabletest"
	"arch2vec/native/space/darts"
)

// TestSurrogate fits the model to the real table, 10,000 rows, and predicts the 725
// of another source.
func TestSurrogate(t *testing.T) {
	texts := map[string]*strings.Builder{"xgb_v0.9_noisy": {}, "naslib_zc_xgb": {}}
	tabletest.Rows(t, "nb301.csv.gz", func(_ int, row []string) {
		texts[row[2]].WriteString(strings.Join(row, ",") + "\n")
	})
	var fit, held []row301
	for source, rows := range map[string]*[]row301{"xgb_v0.9_noisy": &fit, "naslib_zc_xgb": &held} {
		var err error
		if *rows, err = read301(strings.NewReader("normal,reduce,source,acc,runtime_s\n" + texts[source].String())); err != nil {
			t.Fatal(err)
		}
	}
	m, err := fitRidge(fit, func(r row301) float64 { return r.accuracy })
	if err != nil {
		t.Fatal(err)
	}
	r := m.spearman(held)
	t.Logf("Spearman %.4f on %d of another source", r, len(held))
	if len(fit) != 10000 || len(held) != 725 || r < 0.95 {
		t.Errorf("%d and %d rows, Spearman %v, want 10000, 725 and at least 0.95", len(fit), len(held), r)
	}

	path := filepath.Join(t.TempDir(), "some.csv")
	some := strings.Join(strings.SplitAfter(texts["xgb_v0.9_noisy"].String(), "\n")[:2000], "")
	if err := os.WriteFile(path, []byte("normal,reduce,source,acc,runtime_s\n"+some), 0o644); err != nil {
		t.Fatal(err)
	}
	l := Library{t.TempDir()}
	if _, err := l.ImportSurrogate(t.Context(), path, Own); err == nil {
		t.Errorf("the name %q is taken", Own)
	}
	table := filepath.Join(l.Dir, name301+librarySuffix) // of the same name
	if err := os.WriteFile(table, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	fitted, err := l.ImportSurrogate(t.Context(), path, "")
	if err != nil {
		t.Fatal(err)
	}
	if list, err := l.List(); err != nil || len(list) != 1 {
		t.Errorf("the list is %+v, %v", list, err)
	}
	s, err := l.OpenSurrogate(name301)
	if err != nil {
		t.Fatal(err)
	}
	if s.Describe() != fitted.Describe() || !strings.Contains(s.Describe(), "on 2000 networks") || s.Name() != "nasbench301/cifar10" {
		t.Errorf("described as %q, %q", s.Describe(), fitted.Describe())
	}
	c := parseDARTS(t, "sep_conv_3x3~0|sep_conv_3x3~1|sep_conv_3x3~0|sep_conv_3x3~1|sep_conv_3x3~1|skip_connect~0|skip_connect~0|dil_conv_3x3~2")
	score, err := s.Score(t.Context(), c)
	if err != nil || score.Validation < 93 || score.Validation > 95.5 || score.Test != score.Validation || score.Cost < 2000 || score.Cost > 20000 {
		t.Errorf("the cell of DARTS: %+v, %v", score, err)
	}
	none := parseDARTS(t, "none~0|sep_conv_3x3~1|sep_conv_3x3~0|sep_conv_3x3~1|sep_conv_3x3~1|skip_connect~0|skip_connect~0|dil_conv_3x3~2")
	if _, err := s.Score(t.Context(), none); !errors.Is(err, ErrNoScore) {
		t.Errorf("a cell with none: %v", err)
	}
}

// TestNeuralSurrogate compares the network with the outputs that come with it.
func TestNeuralSurrogate(t *testing.T) {
	manifest, weights := tabletest.Path(t, "yahpo_nb301_manifest.json"), tabletest.Path(t, "yahpo_nb301_weights.f32le.bin")
	text, err := os.ReadFile(manifest)
	if err != nil {
		t.Fatal(err)
	}
	numbers, err := os.ReadFile(weights)
	if err != nil {
		t.Fatal(err)
	}
	net, err := parseNet301(text, numbers)
	if err != nil {
		t.Fatal(err)
	}
	var vectors manifest301
	if err := json.Unmarshal(text, &vectors); err != nil || len(vectors.Tests) != 10 {
		t.Fatal(len(vectors.Tests), err)
	}
	for i, v := range vectors.Tests {
		normal, err1 := parseGenotype(v.Normal)
		reduction, err2 := parseGenotype(v.Reduce)
		if err1 != nil || err2 != nil {
			t.Fatal(err1, err2)
		}
		accuracy, seconds := net.predict(&normal, &reduction, v.Epoch)
		if math.Abs(accuracy-v.Accuracy) > 1e-4 || math.Abs(seconds-v.Seconds) > 0.05 {
			t.Errorf("vector %d: %v, %v; want %v, %v", i, accuracy, seconds, v.Accuracy, v.Seconds)
		}
	}
	s, err := OpenNeuralSurrogate(manifest, weights)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Score(t.Context(), parseDARTS(t, vectors.Tests[0].Normal)); err != nil {
		t.Error(err)
	}

	damaged := filepath.Join(t.TempDir(), "damaged")
	numbers[len(numbers)/2+3] ^= 0x40 // the exponent of a weight
	if err := os.WriteFile(damaged, numbers, 0o644); err != nil {
		t.Fatal(err)
	}
	short := filepath.Join(t.TempDir(), "short")
	if err := os.WriteFile(short, make([]byte, 1000), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, bad := range [][2]string{{manifest, damaged}, {manifest, short}, {short, weights}, {manifest, short + "not there"}} {
		if _, err := OpenNeuralSurrogate(bad[0], bad[1]); err == nil || !strings.Contains(err.Error(), "benchmark: ") {
			t.Errorf("%v: %v", bad, err)
		}
	}
}

func parseDARTS(t *testing.T, text string) cell.Cell {
	t.Helper()
	c, err := (*darts.Space)(nil).Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestRanks checks ties.
func TestRanks(t *testing.T) {
	got := ranks([]float64{3, 1, 3, 2})
	for i, want := range []float64{2.5, 0, 2.5, 1} {
		if got[i] != want {
			t.Errorf("ranks %v", got)
		}
	}
}
