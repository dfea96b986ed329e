package main

import (
	"image"
	"image/color"
	"image/png"
	"os"
	"testing"
)

// The committed files are what this program draws. The picture is compared by its
// pixels: another Go version may compress it differently.
func TestCommittedLogo(t *testing.T) {
	f, err := os.Open("../logo-64x64.png")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	committed, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	drawn := draw()
	if committed.Bounds() != image.Rect(0, 0, 64, 64) || committed.Bounds() != drawn.Bounds() {
		t.Fatalf("bounds %v", committed.Bounds())
	}
	for y := range size {
		for x := range size {
			if c := color.NRGBAModel.Convert(committed.At(x, y)); c != drawn.At(x, y) {
				t.Fatalf("pixel (%d, %d) is %v, drawn %v; run go generate", x, y, c, drawn.At(x, y))
			}
		}
	}
	text, err := os.ReadFile("../logo-svg.svg")
	if err != nil || string(text) != svg() {
		t.Errorf("logo-svg.svg differs from what is drawn (%v); run go generate", err)
	}
	if c := drawn.NRGBAAt(31, 13); c != fill[1] {
		t.Errorf("the middle of a node is %v, want %v", c, fill[1])
	}
	if c := drawn.NRGBAAt(0, 0); c.A != 0 {
		t.Errorf("the corner is %v, want transparent", c)
	}
}
