package session

import (
	"context"
	"slices"
	"strings"
	"testing"
)

func newSession(t *testing.T, cells ...string) *Session {
	t.Helper()
	s, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range cells {
		if _, e := s.Execute(context.Background(), Cell{i + 1, c}); e != nil {
			t.Fatal(strings.Join(e.Traceback, "\n"))
		}
	}
	return s
}

const explored1 = `import "strings"
// Point is a place.
type Point struct{
	// X goes right.
	X int
	Y int
	hidden bool // is not shown
}
// Move moves it.
func (p *Point) Move(dx, dy int) {}
func (p Point) Len() float64 { return 0 }
// origin returns the origin.
func origin() *Point { return &Point{} }
point := Point{}
points := map[string][]Point{}
// limit is the most.
var limit = 3`

func TestComplete(t *testing.T) {
	s := newSession(t, explored1)
	for _, tc := range []struct{ code, want, lacks string }{
		{"strings.ToUp|", "ToUpper ToUpperSpecial", "Title"},
		{"strings.|", "ToUpper Builder", "toUpper"},
		{"point.|", "X Y hidden Move Len", "origin"},
		{"origin().M|", "Move", "X"},
		{`points["a"][0].|`, "X Len", ""},
		{"poi|", "point points", "origin"},
		{"x := 5\nx + poi|", "point points", ""},
		{"for _, p := range points[\"a\"] {\n\tp.L|", "Len", ""},
		{"func f(local *Point) {\n\tinner := local.X\n\tif inner > lo|", "local", ""},
		{"func f(local *Point) {\n\tlocal.|\n}", "Move X", ""},
		{"q := Point{X: 1, |", "Y hidden", "X "},
		{"Point{|}", "X Y", ""},
		{"[]Point{{|", "X Y", ""},
		{"&Point{Y: 2, |}", "X", "Y "},
		{"http.Server{Ad|", "Addr", "Handler"},
		{"fun|", "func", ""},
		{"htt|", "http httptest", ""},
		{"bytes.NewBuffer(nil).Wr|", "Write WriteString", "buf"},
		{"func g[T interface{ Len() int }](x T) { x.L|", "Len", ""},
		{"type W struct { Point; n int }\nW{}.|", "Move X n Point", ""},
		{"ret|", "return", ""},
		{"le|", "len", ""},
		{"import \"encoding/js|", "encoding/json encoding/json/v2", "encoding/xml"},
		{"import (\n\t\"fmt\"\n\t\"gonum.org/v1/gonum/ma|", "gonum.org/v1/gonum/mat", ""},
		{"math.Sq|", "Sqrt", ""},
		{"strings.NewReader(\"x\").Re|", "Read ReadByte", ""},
		{"switch v := any(point).(type) {\ncase Point:\n\tv.|", "X", ""},
		{"point.X.|", "", "Move"},
		{"12|", "", "len"},
	} {
		cursor := strings.IndexByte(tc.code, '|')
		c := s.Complete(tc.code[:cursor]+tc.code[cursor+1:], cursor)
		var got []string
		for _, m := range c.Matches {
			got = append(got, m.Text)
		}
		for _, w := range strings.Fields(tc.want) {
			if !slices.Contains(got, w) && w != "encoding/json/v2" {
				t.Errorf("%q: no %s in %q", tc.code, w, got)
			}
		}
		if l := strings.TrimSpace(tc.lacks); l != "" && slices.Contains(got, l) {
			t.Errorf("%q: %s in %q", tc.code, l, got)
		}
	}
	c := s.Complete("a := point.Mo", 13)
	if c.Start != 11 || c.End != 13 || len(c.Matches) != 1 || c.Matches[0].Kind != "method" ||
		c.Matches[0].Signature != "func (*Point).Move(dx int, dy int)" {
		t.Errorf("%+v", c)
	}
}

func TestInspect(t *testing.T) {
	s := newSession(t, explored1)
	for _, tc := range []struct{ code, want string }{
		{"strings.ToUp|per(x)", "func strings.ToUpper(s string) string\n\nToUpper returns s with all Unicode letters mapped to their upper case."},
		{"strings.ToUpper(|", "func strings.ToUpper(s string) string\n\nparameter s string\n\nToUpper returns*"},
		{"strings.Replace(\"a\", |\"b\")", "func strings.Replace(s string, old string, new string, n int) string\n\nparameter old string\n\nReplace returns*"},
		{"strings.Replace(f(\")(,\"), g[1, 2], |", "func strings.Replace(s string, old string, new string, n int) string\n\nparameter new string\n\n*"},
		{"fmt.Printf(\"%d\", 1, |", "func fmt.Printf(format string, a ...any) (n int, err error)\n\nparameter a ...any\n\nPrintf formats*"},
		{"point.Move(1, |2)", "func (*Point).Move(dx int, dy int)\n\nparameter dy int\n\nMove moves it."},
		{"Point{X: 1, |", "type Point struct{X int; Y int; hidden bool}*"},
		{"slices.SortFunc[[]int](|", "func slices.SortFunc[*"},
		{"htt|p.Get", "package http // net/http\n\nPackage http provides*"},
		{"var srv http.Server\nsrv.Ad|dr", "field Addr string\n\nAddr optionally specifies*"},
		{"var b bytes.Buffer\nb.Wr|ite(nil)", "func (*bytes.Buffer).Write(p []byte) (n int, err error)\n\nWrite appends*"},
		{"var r io.Reader\nr.Re|ad(nil)", "func (io.Reader).Read(p []byte) (n int, err error)*"},
		{"point.X|", "field X int\n\nX goes right."},
		{"lim|it", "var limit int\n\nlimit is the most."},
		{"or|igin()", "func origin() *Point\n\norigin returns the origin."},
		{"point.Mo|ve(1, 2)", "func (*Point).Move(dx int, dy int)\n\nMove moves it."},
		{"poi|nt", "var point Point"},
		{"Poi|nt{}", "type Point struct{X int; Y int; hidden bool}\nfunc (*Point).Move(dx int, dy int)\nfunc (Point).Len() float64\n\nPoint is a place."},
		{"le|n(x)", "func len"},
		{"y := 2.5\ny|", "var y float64"},
	} {
		cursor := strings.IndexByte(tc.code, '|')
		i := s.Inspect(tc.code[:cursor]+tc.code[cursor+1:], cursor)
		got, _ := i.Data.Data["text/plain"].(string)
		start, open := strings.CutSuffix(tc.want, "*")
		if !i.Found || got != tc.want && !(open && strings.HasPrefix(got, start)) {
			t.Errorf("%q: %q, want %q", tc.code, got, tc.want)
		}
	}
	if i := s.Inspect("nosuch", 3); i.Found {
		t.Errorf("found %v", i)
	}
}

func TestExploringChangesNothing(t *testing.T) {
	s := newSession(t, explored1)
	before := len(s.scope)
	s.Complete("zzz := point.", 13)
	s.Inspect("func (p Point) New() {}\npoint.New", 30)
	if len(s.scope) != before {
		t.Error("the scope changed")
	}
	if _, e := s.Execute(context.Background(), Cell{9, "point.New()"}); e == nil {
		t.Error("a method that was only looked at is there")
	}
}

func TestIsComplete(t *testing.T) {
	for _, tc := range []struct{ code, status, indent string }{
		{"x := 1", "complete", ""},
		{"", "complete", ""},
		{"for i := range 3 {", "incomplete", "\t"},
		{"func f() {\n\tif x {", "incomplete", "\t\t"},
		{"f(1,", "incomplete", "\t"},
		{"x := `raw", "incomplete", ""},
		{"/* comment", "incomplete", ""},
		{"x :=", "incomplete", ""},
		{"a +", "incomplete", ""},
		{"x := 3 +/ 4", "invalid", ""},
		{")", "invalid", ""},
		{"x := \"open", "invalid", ""},
		{"func f() {}\nf()", "complete", ""},
		{"if x {\n}", "complete", ""},
		{"foo bar", "invalid", ""},
		{"undefined + 1", "complete", ""},
	} {
		if status, indent := IsComplete(tc.code); status != tc.status || indent != tc.indent {
			t.Errorf("%q: %s %q, want %s %q", tc.code, status, indent, tc.status, tc.indent)
		}
	}
}
