package figure

import (
	"bytes"
	"fmt"
	"image/color"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
)

// colours tells series apart, also for people who confuse red and green
// (Okabe and Ito's palette).
var colours = []color.Color{
	color.NRGBA{0x00, 0x72, 0xb2, 0xff}, // blue
	color.NRGBA{0xd5, 0x5e, 0x00, 0xff}, // vermilion
	color.NRGBA{0x00, 0x9e, 0x73, 0xff}, // green
	color.NRGBA{0xcc, 0x79, 0xa7, 0xff}, // purple
	color.NRGBA{0xe6, 0x9f, 0x00, 0xff}, // orange
	color.NRGBA{0x56, 0xb4, 0xe9, 0xff}, // sky
	color.NRGBA{0x66, 0x66, 0x66, 0xff}, // grey
}

// sequence returns n colours from dark to light in even steps of lightness, for
// ordered classes: anchors of the viridis map, interpolated.
func sequence(n int) []color.Color {
	anchors := []color.NRGBA{
		{0x44, 0x01, 0x54, 0xff}, {0x3b, 0x52, 0x8b, 0xff}, {0x21, 0x91, 0x8c, 0xff},
		{0x5e, 0xc9, 0x62, 0xff}, {0xfd, 0xe7, 0x25, 0xff},
	}
	mix := func(a, b uint8, t float64) uint8 { return uint8(float64(a) + t*(float64(b)-float64(a)) + 0.5) }
	cs := make([]color.Color, n)
	for i := range cs {
		x := 0.0
		if n > 1 {
			x = float64(i) / float64(n-1) * float64(len(anchors)-1)
		}
		k := min(int(x), len(anchors)-2)
		a, b, t := anchors[k], anchors[k+1], x-float64(k)
		cs[i] = color.NRGBA{mix(a.R, b.R, t), mix(a.G, b.G, t), mix(a.B, b.B, t), 0xff}
	}
	return cs
}

// newPlot returns an empty plot in the common style.
func newPlot(title, xLabel, yLabel string) *plot.Plot {
	p := plot.New()
	p.Title.Text = title
	for _, style := range []*text.Style{&p.Title.TextStyle, &p.X.Label.TextStyle, &p.Y.Label.TextStyle,
		&p.X.Tick.Label, &p.Y.Tick.Label, &p.Legend.TextStyle} {
		style.Font.Variant = "Sans"
	}
	p.Title.TextStyle.Font.Size = vg.Points(13)
	p.Title.Padding = vg.Points(6)
	p.X.Label.Text, p.Y.Label.Text = xLabel, yLabel
	for _, axis := range []*plot.Axis{&p.X, &p.Y} {
		axis.Label.TextStyle.Font.Size = vg.Points(11)
		axis.Tick.Label.Font.Size = vg.Points(9)
		axis.LineStyle.Color = color.Gray{0x55}
		axis.Tick.LineStyle.Color = color.Gray{0x55}
	}
	p.Legend.TextStyle.Font.Size = vg.Points(10)
	p.Legend.Padding = vg.Points(3)
	p.Legend.Top = true
	grid := plotter.NewGrid()
	grid.Horizontal.Color, grid.Vertical.Color = color.Gray{0xe4}, color.Gray{0xe4}
	p.Add(grid)
	return p
}

// PNG renders a plot at width x height inches, at 96 dots an inch.
func PNG(p *plot.Plot, width, height float64) ([]byte, error) { return render(p, width, height, "png") }

// SVG renders a plot at width x height inches.
func SVG(p *plot.Plot, width, height float64) ([]byte, error) { return render(p, width, height, "svg") }

func render(p *plot.Plot, width, height float64, format string) ([]byte, error) {
	w, err := p.WriterTo(vg.Length(width)*vg.Inch, vg.Length(height)*vg.Inch, format)
	if err != nil {
		return nil, fmt.Errorf("figure: %w", err)
	}
	var b bytes.Buffer
	if _, err := w.WriteTo(&b); err != nil {
		return nil, fmt.Errorf("figure: %w", err)
	}
	return b.Bytes(), nil
}
