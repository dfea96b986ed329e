package notebook

import (
	"strings"
	"testing"
)

// Whatever the code, what is shown is the code.
func TestGoTokensKeepTheCode(t *testing.T) {
	for _, code := range []string{
		"", "x := 1", "func f(a ...int) { // c\n\treturn a[0] /* d\r\n */\n}\n", "`raw\r\ntext`; 'a' 'b", "\"unfinished\nx @ # $ é \x00 \xff", "%time x\n$ ls -l",
	} {
		var b strings.Builder
		for _, tok := range goTokens(code) {
			b.WriteString(tok.Value)
		}
		if b.String() != code {
			t.Errorf("%q became %q", code, b.String())
		}
	}
}

func TestHighlight(t *testing.T) {
	got := highlight("if x := len(s); x > 1.5 { return nil } // <b>", "go")
	for _, want := range []string{
		`<span class="k">if</span>`, `<span class="nx">x</span>`, `<span class="nb">len</span>`, `<span class="mf">1.5</span>`,
		`<span class="kc">nil</span>`, `<span class="c1">// &lt;b&gt;</span>`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in %s", want, got)
		}
	}
	if got := highlight("a < b", "python"); got != "<pre class=\"chroma\"><code>a &lt; b</code></pre>\n" {
		t.Errorf("another language: %s", got)
	}
	for _, class := range []string{".k ", ".nf ", ".s ", ".m", ".c1 "} {
		if !strings.Contains(highlightCSS(), class) {
			t.Errorf("no colour for %s", class)
		}
	}
}
