package darts

import (
	"strings"
	"testing"

	"arch2vec/native/cell"
	"arch2vec/native/internal/tabletest"
)

const example = "sep_conv_3x3~0|sep_conv_3x3~1|sep_conv_3x3~0|sep_conv_3x3~1|sep_conv_3x3~1|skip_connect~0|skip_connect~0|dil_conv_3x3~2"

// darts2 is DARTS_V2 of the published code.
const darts2 = `Genotype(normal=[('sep_conv_3x3', 0), ('sep_conv_3x3', 1), ('sep_conv_3x3', 0), ('sep_conv_3x3', 1), ('sep_conv_3x3', 1), ('skip_connect', 0), ('skip_connect', 0), ('dil_conv_3x3', 2)], normal_concat=range(2, 6), reduce=[('max_pool_3x3', 0), ('max_pool_3x3', 1), ('skip_connect', 2), ('max_pool_3x3', 1), ('max_pool_3x3', 0), ('skip_connect', 2), ('skip_connect', 2), ('max_pool_3x3', 1)], reduce_concat=range(2, 6))`

func TestGenotype(t *testing.T) {
	s := &Space{}
	normal, reduction, err := ParseGenotype(darts2)
	if err != nil {
		t.Fatal(err)
	}
	if text, err := s.Format(normal); err != nil || text != example {
		t.Errorf("the normal cell is %q, %v; want %q", text, err, example)
	}
	if again, err := FormatGenotype(normal, reduction); err != nil || again != darts2 {
		t.Errorf("FormatGenotype: %q, %v", again, err)
	}
	loose := strings.NewReplacer("'", `"`, ", ", ",\n\t", "range(2, 6)", "[2, 3,4, 5]", "=", " = ").Replace(darts2) + "\n"
	if n, r, err := ParseGenotype(loose); err != nil || n != normal || r != reduction {
		t.Errorf("in another layout: %v", err)
	}
	// The DARTS paper gives this network 4.7 million parameters.
	if cost, err := ImageNet(normal, reduction); err != nil || cost.Parameters != 4718752 {
		t.Errorf("cost %+v, %v; want 4718752 parameters", cost, err)
	}
	for _, c := range []struct{ text, says string }{
		{"", `column 1: want "Genotype"`},
		{darts2[:len(darts2)-1], `want ")"`},
		{darts2 + "x", "want the end"},
		{strings.Replace(darts2, "range(2, 6)", "range(2, 5)", 1), `want "6"`},
		{strings.Replace(darts2, "skip_connect", "skip", 1), "want one of none"},
		{strings.Replace(darts2, "('max_pool_3x3', 1)", "('max_pool_3x3', 0)", 1), "another input"},
		{strings.Replace(darts2, "reduce=", "reduced=", 1), `want "="`},
		{strings.Replace(darts2, "'sep_conv_3x3'", `'sep_conv_3x3"`, 1), "want one of none"},
	} {
		if _, _, err := ParseGenotype(c.text); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("ParseGenotype(%q): %v; want %q", c.text, err, c.says)
		}
	}
}

func TestParseErrors(t *testing.T) {
	for _, c := range []struct{ text, says string }{
		{"", "column 1: want one of none"},
		{example[:len(example)-1], "want an input from 0 to 4"},
		{example + "|", "want the end"},
		{strings.Replace(example, "sep_conv_3x3~1", "sep_conv_3x3~2", 1), "column 29: want an input from 0 to 1"},
		{strings.Replace(example, "sep_conv_3x3~1", "sep_conv_3x3~0", 1), "column 29: want another input than the block's first, 0"},
		{strings.Replace(example, "|", ",", 1), `column 15: want "|"`},
		{strings.Replace(example, "sep_conv_3x3~1", "output~1", 1), "column 16: want one of none"},
		{strings.Replace(example, "~", "-", 1), "column 1: want one of none"},
		{"none", `column 5: want "~"`},
	} {
		if _, err := (&Space{}).Parse(c.text); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("Parse(%q): %v; want %q", c.text, err, c.says)
		}
	}
}

// FuzzParse checks that Parse takes exactly what Format writes.
func FuzzParse(f *testing.F) {
	f.Add(example)
	f.Add(example + "|")
	f.Add("none~0|none~1")
	f.Fuzz(func(t *testing.T, text string) {
		s := &Space{}
		c, err := s.Parse(text)
		if err != nil {
			return
		}
		if again, err := s.Format(c); err != nil || again != text {
			t.Errorf("Parse took %q, Format writes %q, %v", text, again, err)
		}
	})
}

// FuzzParseGenotype checks that what ParseGenotype takes survives FormatGenotype.
func FuzzParseGenotype(f *testing.F) {
	f.Add(darts2)
	f.Add(strings.ReplaceAll(darts2, "range(2, 6)", "[2, 3, 4, 5]"))
	f.Add("Genotype(normal=[")
	f.Fuzz(func(t *testing.T, text string) {
		normal, reduction, err := ParseGenotype(text)
		if err != nil {
			return
		}
		again, err := FormatGenotype(normal, reduction)
		if err != nil {
			t.Fatal(err)
		}
		if n, r, err := ParseGenotype(again); err != nil || n != normal || r != reduction {
			t.Errorf("%q became %q: %v", text, again, err)
		}
	})
}

// TestTable reads both cells of every row of NAS-Bench-301's data, and writes them
// again, one by one and as a genotype of the DARTS code.
func TestTable(t *testing.T) {
	s := &Space{}
	n := 0
	tabletest.Rows(t, "nb301.csv.gz", func(_ int, row []string) {
		n++
		var cells [2]cell.Cell
		for i, text := range row[:2] {
			c, err := s.Parse(text)
			if err != nil {
				t.Fatalf("row %d: %v", n, err)
			}
			if again, err := s.Format(c); err != nil || again != text {
				t.Fatalf("row %d: %q became %q, %v", n, text, again, err)
			}
			cells[i] = c
		}
		genotype, err := FormatGenotype(cells[0], cells[1])
		if err != nil {
			t.Fatalf("row %d: %v", n, err)
		}
		if normal, reduction, err := ParseGenotype(genotype); err != nil || normal != cells[0] || reduction != cells[1] {
			t.Fatalf("row %d: %q is read as another, %v", n, genotype, err)
		}
	})
	if n != 10725 {
		t.Errorf("%d rows, want 10725", n)
	}
}
