package notebook

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// TestGoldenHTML compares the body of a page with testdata/page.html.
func TestGoldenHTML(t *testing.T) {
	n, err := Open(filepath.Join("testdata", "page.ipynb"))
	if err != nil {
		t.Fatal(err)
	}
	page := string(n.HTML(HTMLOptions{Dir: "testdata"}))
	_, body, ok := strings.Cut(page, "<body>")
	if !ok {
		t.Fatal("no body")
	}
	golden := filepath.Join("testdata", "page.html")
	if *update {
		if err := os.WriteFile(golden, []byte(body), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if body != string(want) {
		t.Errorf("the page differs from %s (go test -update rewrites it):\n%s", golden, firstDifference(body, string(want)))
	}
	for _, outside := range []string{"<script", "<link", `src="http`, `src="plot`, "url("} {
		if strings.Contains(page, outside) {
			t.Errorf("the page is not self-contained: it has %s", outside)
		}
	}
	if !strings.Contains(page, "<title>Cells &amp; graphs</title>") {
		t.Error("the title is not the first heading")
	}
}

func firstDifference(a, b string) string {
	la, lb := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range la {
		if i >= len(lb) || la[i] != lb[i] {
			want := "(end)"
			if i < len(lb) {
				want = lb[i]
			}
			return "got  " + la[i] + "\nwant " + want
		}
	}
	return "got less"
}

func TestMarkdown(t *testing.T) {
	c := newConverter("")
	for _, x := range []struct{ in, has, hasNot string }{
		{"a $x_1$ b $y_2$", "<msub", "<em>"},
		{"$a * b * c$", "<math", "<em>"},
		{"cost $5 and $10", "cost $5 and $10", "<math"},
		{`escaped \$x\$`, "$x$", "<math"},
		{"`$x$`", "<code>$x$</code>", "<math"},
		{"    $x$ in code", "<pre>", "<math"},
		{"text\n$$\na\n= b\n+ c\n$$\nmore", "<math", "<h1"},
		{"text $$a_1$$ text", "<math", "<em>"},
		{"$$a$$.", `<div class="display-math">`, "$$"},
		{"$$never ends\n\n# heading", "<h1", "<math"},
		{"\\begin{align}\na &= b \\\\\nc &= d\n\\end{align}", "<mtable", `\begin{align}\n`},
		{"$\\text{a < b}$", "<math", "a < b"},
		{"| a | b |\n|---|--:|\n| 1 | 2 |", "<table>", ""},
		{"```go\nfunc f() {}\n```", `class="chroma"`, ""},
		{"```nosuch\na<b\n```", "a&lt;b", ""},
		{"<b>html</b>", "<b>html</b>", ""},
	} {
		got := c.toHTML(x.in, nil)
		if !strings.Contains(got, x.has) || x.hasNot != "" && strings.Contains(got, x.hasNot) {
			t.Errorf("%q:\n%s", x.in, got)
		}
	}
}

// The formulas of the paper's method convert.
func TestMathML(t *testing.T) {
	for _, tex := range []string{
		`\mathcal{L} = \mathbb{E}_{q(\mathbf{Z}\mid\mathbf{X},\tilde{\mathbf{A}})}[\log p(\hat{\mathbf{X}},\hat{\mathbf{A}}\mid\mathbf{Z})] - \mathcal{D}_{KL}(q\,\|\,p)`,
		`\mathbf{H}^{(k)} = \mathrm{MLP}^{(k)}\left((1+\epsilon^{(k)})\cdot\mathbf{H}^{(k-1)} + \tilde{\mathbf{A}}\mathbf{H}^{(k-1)}\right)`,
		`P(\hat{A}_{ij}=1\mid \mathbf{z}_i,\mathbf{z}_j) = \sigma(\mathbf{z}_i^\top\mathbf{z}_j)`,
		`\sum_{i=1}^{N} \frac{x_i}{\sqrt{n}}`,
		`\begin{align} a &= b \\ c &= \|d\| \end{align}`,
		`\begin{pmatrix} a & b \\ c & d \end{pmatrix}`,
		`f(x) = \begin{cases} 1 & x > 0 \\ 0 & \text{otherwise} \end{cases}`,
	} {
		got := mathML(tex, true)
		for range 20 {
			if again := mathML(tex, true); again != got {
				t.Fatalf("%s converts differently the second time:\n%s\n%s", tex, got, again)
			}
		}
		if !strings.HasPrefix(got, "<math") || strings.Contains(got, "merror") {
			t.Errorf("%s:\n%s", tex, got)
		}
	}
	if got := mathML(`\begin{matrix} a \\| b \\ \|c\| \end{matrix}`, true); strings.Contains(got, "<mi>V</mi>") || !strings.Contains(got, "‖") && !strings.Contains(got, "∥") {
		t.Errorf("bars: %s", got)
	}
	for _, tex := range []string{
		`\newcommand{\a}{\b\b}\newcommand{\b}{\a}\a`, // recursion without end
		strings.Repeat("{", 1<<20),
	} {
		if got := mathML(tex, true); !strings.HasPrefix(got, `<code class="math">`) {
			t.Errorf("%.40s is converted: %.100s", tex, got)
		}
	}
	if got := mathML(`\frac{<script>`, false); strings.Contains(got, "<script>") {
		t.Errorf("a formula's text is not escaped: %s", got)
	}
}

func TestANSI(t *testing.T) {
	for in, want := range map[string]string{
		"plain <b>":              "plain &lt;b&gt;",
		"\x1b[31mred\x1b[0m off": `<span class="ansi-1">red</span> off`,
		"\x1b[1;92;40mx\x1b[m":   `<span class="ansi-bold ansi-10 ansi-bg-0">x</span>`,
		"\x1b[38;5;4mx":          `<span class="ansi-4">x</span>`,
		"\x1b[38;2;1;2;3;3mx":    `<span class="ansi-italic">x</span>`,
		"\x1b[2Kcleared\x1b[A":   "cleared",
		"10%\r20%\rdone\n":       "done\n",
		"\x1b]0;title\x07text":   "text",
		"\x1b[4munder\x1b[24m.":  `<span class="ansi-underline">under</span>.`,
	} {
		if got := ansiHTML(in); got != want {
			t.Errorf("%q: %s, want %s", in, got, want)
		}
	}
}

func TestHeading(t *testing.T) {
	for source, want := range map[string]string{
		"text\n## The `zoo` of *cells*\n# Later": "The zoo of cells",
		"```sh\n# comment\n```\n# Real":          "Real",
		`<h1 id="x">Display &amp; co</h1>`:       "Display & co",
		"#tag":                                   "",
		"none":                                   "",
	} {
		if got := heading(source); got != want {
			t.Errorf("heading(%q) = %q, want %q", source, got, want)
		}
	}
}

func TestExtractImages(t *testing.T) {
	n := New()
	n.Add(Markdown, "intro\n## Training: the *loss*!\n### Details")
	c := n.Add(Code, "x")
	c.Outputs = []*Output{
		{Type: Stream, Text: "no picture"},
		{Type: DisplayData, Data: map[string]any{"image/png": "AAEC\n", "image/svg+xml": "<svg/>"}},
		{Type: ExecuteResult, Data: map[string]any{"image/jpeg": "AAEC"}},
	}
	dir := filepath.Join(t.TempDir(), "figures")
	files, err := n.ExtractImages(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range files {
		names = append(names, filepath.Base(f))
	}
	if got := strings.Join(names, " "); got != "01-training-the-loss.png 01-training-the-loss.svg 02-training-the-loss.jpg" {
		t.Errorf("files %s", got)
	}
	if b, _ := os.ReadFile(files[0]); string(b) != "\x00\x01\x02" {
		t.Errorf("content %q", b)
	}
	c.Outputs[2].Data["image/jpeg"] = "***"
	if _, err := n.ExtractImages(dir); err == nil || !strings.Contains(err.Error(), "image/jpeg is not base64") {
		t.Errorf("broken picture: %v", err)
	}
}

// No Markdown makes the converter fail, hang or lose the text's end.
func FuzzMarkdown(f *testing.F) {
	for _, s := range []string{
		"a $x_1$ b", "$$\na\n$$", "\\begin{align}\na &= b\n\\end{align}", "> $$x$$\n- $y$",
		"```go\nx\n```", "$\\frac{1}{2}", "$\\newcommand{\\a}{b}\\a$", "\\begin{pmatrix}", "$$ $$", "| $a$ |\n|--|\n| $|$ |",
	} {
		f.Add(s)
	}
	c := newConverter("")
	f.Fuzz(func(t *testing.T, s string) {
		got := c.toHTML(s+"\n\nzzz end", nil)
		if !strings.Contains(got, "zzz") {
			t.Errorf("%q: the end is lost:\n%s", s, got)
		}
	})
}
