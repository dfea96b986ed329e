package display

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
)

const (
	plotWidth  = 6 * vg.Inch
	plotHeight = 4 * vg.Inch
	cssDPI     = 96
	// plotDPI is twice what a CSS inch has, for sharp text on dense screens.
	plotDPI = 2 * cssDPI
	// svgLimit is the largest SVG that goes beside the PNG; plots of many
	// thousand points would weigh megabytes as drawings.
	svgLimit = 32 << 10
)

// Plot draws p in the given size, as a PNG and, when it is small, an SVG; sizes
// that are not positive mean 6 by 4 inches.
func Plot(p *plot.Plot, width, height vg.Length) (d Data) {
	if p == nil {
		return failure(errors.New("display: Plot: the plot is nil"))
	}
	if width <= 0 {
		width = plotWidth
	}
	if height <= 0 {
		height = plotHeight
	}
	// gonum/plot panics on data that an axis cannot hold, such as zero on a
	// logarithmic one.
	defer func() {
		if r := recover(); r != nil {
			d = failure(fmt.Errorf("display: Plot: drawing failed: %v", r))
		}
	}()
	canvas := vgimg.PngCanvas{Canvas: vgimg.NewWith(vgimg.UseWH(width, height), vgimg.UseDPI(plotDPI))}
	p.Draw(draw.New(canvas))
	var png bytes.Buffer
	if _, err := canvas.WriteTo(&png); err != nil {
		return failure(fmt.Errorf("display: Plot: %w", err))
	}
	text := "plot"
	if p.Title.Text != "" {
		text = "plot: " + p.Title.Text
	}
	d = Data{
		Data: MIMEMap{MIMETypePNG: png.Bytes(), MIMETypeText: text},
		Metadata: MIMEMap{MIMETypePNG: MIMEMap{
			"width":  int(width/vg.Inch*cssDPI + 0.5),
			"height": int(height/vg.Inch*cssDPI + 0.5),
		}},
	}
	if svg := plotSVG(p, width, height); svg != "" {
		d.Data[MIMETypeSVG] = svg
	}
	return d
}

// plotSVG returns p as a drawing, or "" when that is large or fails.
func plotSVG(p *plot.Plot, width, height vg.Length) string {
	w, err := p.WriterTo(width, height, "svg")
	if err != nil {
		return ""
	}
	var svg bytes.Buffer
	if _, err := w.WriteTo(&svg); err != nil || svg.Len() > svgLimit {
		return ""
	}
	// The drawing names gonum's fonts, which browsers rarely have, and embeds
	// none: name the families of the same metrics that they do have.
	return strings.NewReplacer(
		"font-family:Liberation Serif;", "font-family:Liberation Serif,Times New Roman,Times,serif;",
		"font-family:Liberation Sans;", "font-family:Liberation Sans,Arial,Helvetica,sans-serif;",
		"font-family:Liberation Mono;", "font-family:Liberation Mono,Courier New,monospace;",
	).Replace(svg.String())
}
