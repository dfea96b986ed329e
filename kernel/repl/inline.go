package repl

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"image"
	"image/color/palette"
	"image/draw"
	_ "image/jpeg"
	"image/png"
	"io"
	"strings"

	xdraw "golang.org/x/image/draw"
)

// protocol is a way to show pictures among a terminal's text.
type protocol string

// The protocols; an empty one means that pictures become files.
const (
	kitty protocol = "kitty"
	iterm protocol = "iterm2"
	sixel protocol = "sixel"
)

// pictureProtocol tells what the terminal can, by the variables that it sets.
// ARCH2VEC_PICTURES=kitty|iterm2|sixel|files decides where they do not tell.
// Inside tmux and screen pictures become files: both swallow the sequences.
func pictureProtocol(getenv func(string) string) protocol {
	switch p := protocol(getenv("ARCH2VEC_PICTURES")); p {
	case kitty, iterm, sixel:
		return p
	case "files":
		return ""
	}
	term, program := getenv("TERM"), getenv("TERM_PROGRAM")
	switch {
	case getenv("TMUX") != "" || strings.HasPrefix(term, "screen") || strings.HasPrefix(term, "tmux"):
		return ""
	case getenv("KITTY_WINDOW_ID") != "" || term == "xterm-kitty" || term == "xterm-ghostty" || program == "ghostty":
		return kitty
	case program == "iTerm.app" || program == "WezTerm" || getenv("LC_TERMINAL") == "iTerm2":
		return iterm
	case term == "foot" || strings.HasPrefix(term, "foot-") || term == "mlterm" || term == "contour" || strings.Contains(term, "sixel"):
		return sixel
	}
	return ""
}

// draw writes an encoded PNG or JPEG to the terminal, width pixels wide; 0 is
// its own width.
func (p protocol) draw(w io.Writer, picture []byte, width int) error {
	config, format, err := image.DecodeConfig(bytes.NewReader(picture))
	if err != nil {
		return err
	}
	if width <= 0 {
		width = config.Width
	}
	height := config.Height * width / max(config.Width, 1)
	switch {
	case p == iterm:
		_, err = fmt.Fprintf(w, "\x1b]1337;File=inline=1;size=%d;width=%dpx;height=%dpx:%s\a\n",
			len(picture), width, height, base64.StdEncoding.EncodeToString(picture))
		return err
	case p == kitty && format == "png" && width == config.Width:
		return drawKitty(w, picture)
	}
	decoded, _, err := image.Decode(bytes.NewReader(picture))
	if err != nil {
		return err
	}
	scaled := image.NewRGBA(image.Rect(0, 0, width, height))
	draw.Draw(scaled, scaled.Rect, image.White, image.Point{}, draw.Src)
	xdraw.CatmullRom.Scale(scaled, scaled.Rect, decoded, decoded.Bounds(), draw.Over, nil)
	if p == sixel {
		return drawSixel(w, scaled)
	}
	var b bytes.Buffer
	if err := png.Encode(&b, scaled); err != nil {
		return err
	}
	return drawKitty(w, b.Bytes())
}

// drawKitty sends a PNG in chunks, as the graphics protocol of kitty asks.
func drawKitty(w io.Writer, picture []byte) error {
	const chunk = 4096
	data := base64.StdEncoding.EncodeToString(picture)
	var b strings.Builder
	for first := true; first || data != ""; first = false {
		n := min(chunk, len(data))
		control, more := "", 0
		if first {
			control = "a=T,f=100,q=2,"
		}
		if n < len(data) {
			more = 1
		}
		fmt.Fprintf(&b, "\x1b_G%sm=%d;%s\x1b\\", control, more, data[:n])
		data = data[n:]
	}
	b.WriteByte('\n')
	_, err := io.WriteString(w, b.String())
	return err
}

// drawSixel sends a picture as DEC's sixels: bands of six rows, one pass over
// each for every colour in it.
func drawSixel(w io.Writer, m image.Image) error {
	size := m.Bounds()
	p := image.NewPaletted(size, palette.Plan9)
	draw.FloydSteinberg.Draw(p, size, m, size.Min)
	var b strings.Builder
	fmt.Fprintf(&b, "\x1bPq\"1;1;%d;%d", size.Dx(), size.Dy())
	for i, c := range p.Palette {
		red, green, blue, _ := c.RGBA()
		fmt.Fprintf(&b, "#%d;2;%d;%d;%d", i, red*100/0xffff, green*100/0xffff, blue*100/0xffff)
	}
	for top := 0; top < size.Dy(); top += 6 {
		var used [256]bool
		rows := min(6, size.Dy()-top)
		for y := range rows {
			for x := range size.Dx() {
				used[p.Pix[(top+y)*p.Stride+x]] = true
			}
		}
		for colour, in := range used {
			if !in {
				continue
			}
			fmt.Fprintf(&b, "#%d", colour)
			run, last := 0, byte(0)
			flush := func() {
				switch {
				case run > 3:
					fmt.Fprintf(&b, "!%d%c", run, last)
				default:
					b.WriteString(strings.Repeat(string(rune(last)), run))
				}
				run = 0
			}
			for x := range size.Dx() {
				bits := byte(0)
				for y := range rows {
					if int(p.Pix[(top+y)*p.Stride+x]) == colour {
						bits |= 1 << y
					}
				}
				if c := '?' + bits; c != last {
					flush()
					last = c
				}
				run++
			}
			flush()
			b.WriteByte('$')
		}
		b.WriteByte('-')
	}
	b.WriteString("\x1b\\\n")
	_, err := io.WriteString(w, b.String())
	return err
}
