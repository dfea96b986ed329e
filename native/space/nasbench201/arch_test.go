package nasbench201

import (
	"strings"
	"testing"
)

const example = "|nor_conv_3x3~0|+|skip_connect~0|none~1|+|avg_pool_3x3~0|nor_conv_1x1~1|none~2|"

func TestParseErrors(t *testing.T) {
	for _, c := range []struct{ arch, says string }{
		{"", `column 1: want "|"`},
		{"nor_conv_3x3~0", `column 1: want "|"`},
		{strings.Replace(example, "skip_connect", "skip", 1), "column 19: want one of nor_conv_1x1, "},
		{strings.Replace(example, "none~1", "none~0", 1), `column 38: want "~1"`},
		{strings.Replace(example, "|+|avg", "|avg", 1), `column 40: want "|+"`},
		{strings.Replace(example, "none~1", "input~1", 1), "column 34: want one of"},
		{example[:len(example)-1], `want "|"`},
		{example + "|", "want the end"},
		{example + " ", "want the end"},
	} {
		if _, err := New().Parse(c.arch); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("Parse(%q): %v; want %q", c.arch, err, c.says)
		}
	}
}

// FuzzParse checks that Parse takes exactly what Format writes.
func FuzzParse(f *testing.F) {
	f.Add(example)
	f.Add("|none~0|+|none~0|none~1|+|none~0|none~1|none~2|")
	f.Add("|none~0|+|none~0|none~1|+|none~0|none~1|none~2")
	f.Add("|~0|+|")
	f.Fuzz(func(t *testing.T, arch string) {
		s := New()
		c, err := s.Parse(arch)
		if err != nil {
			return
		}
		if again, err := s.Format(c); err != nil || again != arch {
			t.Errorf("Parse took %q, Format writes %q, %v", arch, again, err)
		}
	})
}
