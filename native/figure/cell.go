package figure

import (
	"fmt"
	"html"
	"strings"
	"unicode/utf8"

	"arch2vec/native/cell"
)

// Sizes of a drawn cell, in SVG user units (pixels at scale 1).
const (
	boxHeight = 26.0
	rowHeight = 44.0
	gapWidth  = 34.0
	margin    = 14.0
	charWidth = 6.7 // of the 12 px sans-serif label, on the safe side
	titleSize = 26.0
)

// CellSVG draws a cell as a graph from left to right, a box a node with its
// operation, and returns an SVG document. ops is the space's vocabulary; an
// operation outside it is drawn as "?". Absent nodes are left out, nodes with
// the operation "none" are dashed. The title may be empty.
func CellSVG(c cell.Cell, ops []string, title string) string {
	return CellsSVG([]cell.Cell{c}, ops, []string{title})
}

// CellsSVG draws several cells one below the other, each under its title;
// missing titles are empty.
func CellsSVG(cells []cell.Cell, ops []string, titles []string) string {
	var body strings.Builder
	width, y := 0.0, 0.0
	for i, c := range cells {
		title := ""
		if i < len(titles) {
			title = titles[i]
		}
		if title != "" {
			fmt.Fprintf(&body, `<text x="%.1f" y="%.1f" font-weight="600">%s</text>`+"\n", margin, y+19, html.EscapeString(title))
			width = max(width, 2*margin+charWidth*float64(utf8.RuneCountInString(title)))
			y += titleSize
		}
		w, h := drawCell(&body, c, ops, y)
		width, y = max(width, w), y+h
	}
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%.0f" height="%.0f" viewBox="0 0 %.0f %.0f" font-family="Helvetica, Arial, 'DejaVu Sans', sans-serif" font-size="12" fill="#222">`+"\n", width, y, width, y)
	b.WriteString(`<defs><marker id="arrow" viewBox="0 0 8 8" refX="7.5" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0,0.8 L8,4 L0,7.2 z" fill="#667"/></marker></defs>` + "\n")
	fmt.Fprintf(&b, `<rect width="%.0f" height="%.0f" rx="6" fill="#fff"/>`+"\n", width, y)
	b.WriteString(body.String())
	b.WriteString("</svg>\n")
	return b.String()
}

// drawCell writes one cell below height top and returns the width and the
// height that it takes.
func drawCell(b *strings.Builder, c cell.Cell, ops []string, top float64) (width, height float64) {
	l := place(c)
	low, high := l.bounds()
	label := func(node int) string {
		if op := c.Op(node); op >= 0 && op < len(ops) {
			return Label(ops[op])
		}
		return "?"
	}
	// A layer is as wide as its widest label.
	left, widths := make([]float64, len(l.layers)), make([]float64, len(l.layers))
	x := margin
	for k, layer := range l.layers {
		for _, p := range layer {
			if node := l.points[p].node; node >= 0 {
				widths[k] = max(widths[k], 16+charWidth*float64(utf8.RuneCountInString(label(node))))
			}
		}
		left[k] = x
		x += widths[k] + gapWidth
	}
	width = x - gapWidth + margin
	height = (high-low)*rowHeight + boxHeight + 2*margin
	y := func(p point) float64 { return top + margin + boxHeight/2 + (p.y-low)*rowHeight }

	for _, r := range l.routes {
		first, last := l.points[r[0]], l.points[r[len(r)-1]]
		px, py := left[first.layer]+widths[first.layer], y(first)
		fmt.Fprintf(b, `<path d="M%.1f,%.1f`, px, py)
		to := func(qx, qy float64) { // a curve that leaves and arrives level
			mid := (px + qx) / 2
			fmt.Fprintf(b, " C%.1f,%.1f %.1f,%.1f %.1f,%.1f", mid, py, mid, qy, qx, qy)
			px, py = qx, qy
		}
		for _, i := range r[1 : len(r)-1] {
			p := l.points[i]
			to(left[p.layer], y(p))
			px = left[p.layer] + widths[p.layer]
			fmt.Fprintf(b, " L%.1f,%.1f", px, py)
		}
		to(left[last.layer]-1, y(last))
		b.WriteString(`" fill="none" stroke="#667" stroke-width="1.3" marker-end="url(#arrow)"/>` + "\n")
	}
	for _, p := range l.points {
		if p.node < 0 {
			continue
		}
		text, dash := label(p.node), ""
		if text == "none" {
			dash = ` stroke-dasharray="4 3"`
		}
		fmt.Fprintf(b, `<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" rx="5" fill="%s" stroke="#445" stroke-width="1"%s/>`+"\n",
			left[p.layer], y(p)-boxHeight/2, widths[p.layer], boxHeight, fill(text), dash)
		fmt.Fprintf(b, `<text x="%.1f" y="%.1f" text-anchor="middle">%s</text>`+"\n",
			left[p.layer]+widths[p.layer]/2, y(p)+4.2, html.EscapeString(text))
	}
	return width, height
}

// Label shortens an operation's name as benchmarks spell it for people:
// "nor_conv_3x3" becomes "conv 3×3".
func Label(op string) string {
	op = strings.TrimSuffix(strings.TrimPrefix(op, "nor_"), "-bn-relu")
	op = strings.ReplaceAll(op, "skip_connect", "skip")
	for _, name := range []string{"conv", "pool"} { // NAS-Bench-101: conv3x3, maxpool3x3
		if i := strings.Index(op, name); i >= 0 && i+len(name) < len(op) && op[i+len(name)] != '_' {
			op = op[:i+len(name)] + "_" + op[i+len(name):]
		}
	}
	for _, d := range "1357" {
		op = strings.ReplaceAll(op, fmt.Sprintf("%cx%c", d, d), fmt.Sprintf("%c×%c", d, d))
	}
	if strings.HasPrefix(op, "c_k") {
		return op // the DARTS cell's inputs, c_{k-2} and c_{k-1}
	}
	return strings.ReplaceAll(op, "_", " ")
}

// fill is the colour of an operation's family.
func fill(label string) string {
	switch {
	case label == "input" || label == "output" || strings.HasPrefix(label, "c_k"):
		return "#e9ecf1"
	case label == "none" || label == "?":
		return "#ffffff"
	case strings.Contains(label, "skip"):
		return "#fdf1c4"
	case strings.Contains(label, "pool"):
		return "#d3edd6"
	case strings.Contains(label, "1×1"):
		return "#d9ebfb"
	case strings.Contains(label, "conv"):
		return "#b5d5f4"
	default:
		return "#eadcf5"
	}
}
