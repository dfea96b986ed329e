package display_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/traefik/yaegi/interp"
	"github.com/traefik/yaegi/stdlib"

	"arch2vec/kernel/display"
)

type capture []display.Data

func (c *capture) Publish(d display.Data, update bool) error { *c = append(*c, d); return nil }
func (c *capture) Clear(wait bool) error                     { return nil }

// Interpreted code calls the package as compiled code does.
func TestFromInterpretedCode(t *testing.T) {
	var shown capture
	display.Connect(&shown)
	defer display.Connect(nil)

	i := interp.New(interp.Options{})
	if err := i.Use(stdlib.Symbols); err != nil {
		t.Fatal(err)
	}
	if err := i.Use(interp.Exports{"arch2vec/kernel/display/display": {
		"Auto":        reflect.ValueOf(display.Auto),
		"Display":     reflect.ValueOf(display.Display),
		"HTML":        reflect.ValueOf(display.HTML),
		"NewProgress": reflect.ValueOf(display.NewProgress),
		"Table":       reflect.ValueOf(display.Table),
	}}); err != nil {
		t.Fatal(err)
	}
	_, err := i.Eval(`
package main

import "arch2vec/kernel/display"

type Point struct{ X, Y int }

func main() {
	display.Display(display.HTML("<b>hi</b>"))
	display.Display(display.Auto([]Point{{1, 2}}))
	display.Display(display.Auto([]interface{}{Point{3, 4}, "s", nil}))
	display.Display(display.Auto(map[string]interface{}{"p": &Point{5, 6}}))
	display.Display(display.Table([]string{"a"}, [][]interface{}{{1.5}, {"x"}}))
	p := display.NewProgress("work", 2)
	p.Add(2)
	p.Finish()
}`)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"<b>hi</b>",
		"   X  Y\n-  -  -\n0  1  2",
		"[{X:3 Y:4} s <nil>]",
		"map[p:&{X:5 Y:6}]",
		"  a\n---\n1.5\n  x",
	}
	if len(shown) < len(want)+2 {
		t.Fatalf("%d displays", len(shown))
	}
	for k, text := range want {
		if got := shown[k].Data[display.MIMETypeText]; got != text {
			t.Errorf("display %d: %q, want %q", k, got, text)
		}
	}
	if last := shown[len(shown)-1].Data[display.MIMETypeText].(string); !strings.Contains(last, "2/2") {
		t.Errorf("progress ends with %q", last)
	}
}
