package session

import (
	"go/token"
	"strings"
	"testing"
)

func TestSplit(t *testing.T) {
	for _, tc := range []struct{ src, want string }{
		{"a := 1; b := 2", "S(a := 1) S(b := 2)"},
		{"import \"fmt\"\nfmt.Println()", "I(import \"fmt\") S(fmt.Println())"},
		{"import (\n\"a\"\n\"b\"\n)\ntype T struct {\n X int\n}", "I(import (|\"a\"|\"b\"|)) D(type T struct {| X int|})"},
		{"func f() {}\nfunc (t T) g() {}\nfunc() { x() }()", "D(func f() {}) D(func (t T) g() {}) S(func() { x() }())"},
		{"func(x int) (y int) { return x }(1)", "S(func(x int) (y int) { return x }(1))"},
		{"func (s *Stack[T]) Push(x T) {}", "D(func (s *Stack[T]) Push(x T) {})"},
		{"func Map[T any](x T) {}", "D(func Map[T any](x T) {})"},
		{"// doc\nfunc f() {}\n// end", "D(// doc|func f() {})"},
		{"{ x := 1 }\nL:\nfor {}", "S({ x := 1 }) S(L:|for {})"},
		{"s := `a\n;b`\nr := ';'", "S(s := `a|;b`) S(r := ';')"},
		{"L: for i := 0; ; i++ { a; b }; for ; ; { }\nc", "S(L: for i := 0; ; i++ { a; b }) S(for ; ; { }) S(c)"},
		{"package main\nvar x = 1\nconst c = 2", "P(package main) S(var x = 1) D(const c = 2)"},
	} {
		chunks, _, err := split(tc.src)
		if err != nil {
			t.Errorf("%q: %+v", tc.src, err)
			continue
		}
		var got []string
		for _, c := range chunks {
			kind := map[chunkKind]string{chunkStmt: "S", chunkImport: "I", chunkDecl: "D", chunkPackage: "P"}[c.kind]
			got = append(got, kind+"("+strings.ReplaceAll(tc.src[c.start:c.end], "\n", "|")+")")
		}
		if g := strings.Join(got, " "); g != tc.want {
			t.Errorf("%q:\n got %s\nwant %s", tc.src, g, tc.want)
		}
	}
}

// Splitting never panics, and the chunks cover the source: between them are
// only white space, comments and semicolons.
func FuzzSplit(f *testing.F) {
	for _, s := range []string{"x := 1", "func f() { }", "`a\r\nb`; y", "for {", "a;;b", "/* c */ x // d", "type T struct { X int `tag` }", "\x00", "日本 := 1\n日本"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, src string) {
		chunks, _, err := split(src)
		if err != nil {
			if err.offset < 0 || err.offset > len(src) {
				t.Fatalf("error at %d of %d", err.offset, len(src))
			}
			return
		}
		end := 0
		for _, c := range chunks {
			if c.start < end || c.end <= c.start || c.end > len(src) {
				t.Fatalf("chunk %d:%d after %d of %d", c.start, c.end, end, len(src))
			}
			if rest := strings.Trim(src[end:c.start], " \t\r\n;\ufeff"); rest != "" && !strings.Contains(rest, "/") {
				t.Fatalf("%q is in no chunk", rest)
			}
			end = c.end
		}
		parseCell(token.NewFileSet(), "cell", src)
		IsComplete(src)
	})
}
