// Command drawlogo draws the kernel's logo, a small neural cell, as
// logo-64x64.png and logo-svg.svg in the current folder.
package main

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"log"
	"math"
	"os"
)

const size = 64

// The cell: nodes from input to output, and the edges between them.
var (
	nodes = []node{{10, 32, 7}, {31, 13, 7}, {31, 51, 7}, {54, 32, 7}}
	edges = [][2]int{{0, 1}, {0, 2}, {1, 2}, {1, 3}, {2, 3}}

	ink  = color.NRGBA{0x00, 0x7d, 0x9c, 0xff} // Go's dark blue
	fill = []color.NRGBA{{0xce, 0x32, 0x62, 0xff}, {0x00, 0xad, 0xd8, 0xff}, {0x00, 0xad, 0xd8, 0xff}, {0xfd, 0xdd, 0x00, 0xff}}
)

const stroke = 3.0

type node struct{ x, y, r float64 }

func main() {
	var picture bytes.Buffer
	if err := png.Encode(&picture, draw()); err != nil {
		log.Fatal(err)
	}
	for name, text := range map[string][]byte{"logo-64x64.png": picture.Bytes(), "logo-svg.svg": []byte(svg())} {
		if err := os.WriteFile(name, text, 0o644); err != nil {
			log.Fatal(err)
		}
	}
}

// draw rasters the cell: the coverage of each shape in a pixel follows from the
// distance of the pixel's centre to its outline.
func draw() *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, size, size))
	for py := range size {
		for px := range size {
			x, y := float64(px)+0.5, float64(py)+0.5
			var c layer
			for _, e := range edges {
				c.over(ink, segment(x, y, nodes[e[0]], nodes[e[1]])-stroke/2)
			}
			for i, n := range nodes {
				d := math.Hypot(x-n.x, y-n.y) - n.r
				c.over(ink, d-stroke/2)
				c.over(fill[i], d+stroke/2)
			}
			img.SetNRGBA(px, py, c.color())
		}
	}
	return img
}

// segment is the distance of (x, y) to the line between the centres of a and b.
func segment(x, y float64, a, b node) float64 {
	dx, dy := b.x-a.x, b.y-a.y
	t := ((x-a.x)*dx + (y-a.y)*dy) / (dx*dx + dy*dy)
	t = max(0, min(1, t))
	return math.Hypot(x-a.x-t*dx, y-a.y-t*dy)
}

// layer is a colour with premultiplied alpha.
type layer struct{ r, g, b, a float64 }

func (l *layer) over(c color.NRGBA, distance float64) {
	cover := max(0, min(1, 0.5-distance))
	l.r = l.r*(1-cover) + float64(c.R)*cover
	l.g = l.g*(1-cover) + float64(c.G)*cover
	l.b = l.b*(1-cover) + float64(c.B)*cover
	l.a = l.a*(1-cover) + cover
}

func (l *layer) color() color.NRGBA {
	if l.a == 0 {
		return color.NRGBA{}
	}
	octet := func(v float64) uint8 { return uint8(math.Round(v)) }
	return color.NRGBA{octet(l.r / l.a), octet(l.g / l.a), octet(l.b / l.a), octet(255 * l.a)}
}

func svg() string {
	var b bytes.Buffer
	hex := func(c color.NRGBA) string { return fmt.Sprintf("#%02x%02x%02x", c.R, c.G, c.B) }
	fmt.Fprintf(&b, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\">\n", size, size, size, size)
	fmt.Fprintf(&b, "<g stroke=\"%s\" stroke-width=\"%g\" stroke-linecap=\"round\">\n", hex(ink), stroke)
	for _, e := range edges {
		p, q := nodes[e[0]], nodes[e[1]]
		fmt.Fprintf(&b, "<line x1=\"%g\" y1=\"%g\" x2=\"%g\" y2=\"%g\"/>\n", p.x, p.y, q.x, q.y)
	}
	for i, n := range nodes {
		fmt.Fprintf(&b, "<circle cx=\"%g\" cy=\"%g\" r=\"%g\" fill=\"%s\"/>\n", n.x, n.y, n.r, hex(fill[i]))
	}
	b.WriteString("</g>\n</svg>\n")
	return b.String()
}
