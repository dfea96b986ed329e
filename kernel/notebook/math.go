package notebook

import (
	"bytes"
	"html"
	"regexp"
	"slices"
	"strings"

	"github.com/wyatt915/treeblood"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// longestFormula, in bytes, bounds treeblood's recursion.
const longestFormula = 16 << 10

// escaped is a backslash and what it escapes, so that \\| is a line break and a bar.
var escaped = regexp.MustCompile(`(?s)\\.`)

// macros define commands. Mutually recursive ones send treeblood into a stack
// overflow, which nothing can recover from.
var macros = regexp.MustCompile(`\\(?:newcommand|renewcommand|providecommand|def|edef|gdef|xdef|let)\b`)

// mathML converts a formula to MathML, which browsers draw without a script. A
// formula that cannot be converted, or that defines macros, is shown as its
// source.
func mathML(tex string, displayed bool) string {
	source := strings.TrimSpace(tex)
	mark := "$"
	if displayed {
		mark = "$$"
	}
	unconverted := `<code class="math">` + html.EscapeString(mark+source+mark) + `</code>`
	if len(source) > longestFormula || macros.MatchString(source) {
		return unconverted
	}
	tex = escaped.ReplaceAllStringFunc(source, func(command string) string {
		if command == `\|` {
			return `\Vert ` // treeblood takes it for a single bar
		}
		return command
	})
	doc := treeblood.NewDocument(nil, false)
	doc.PrintOneLine = true
	convert := doc.TextStyle
	if displayed {
		convert = doc.DisplayStyle
	}
	ml, err := convert(tex)
	if err != nil || strings.Contains(ml, "<merror") {
		return unconverted
	}
	return ordered(strings.TrimSpace(ml))
}

var (
	attributes = regexp.MustCompile(`(<[a-z]+)((?: [a-z]+="[^"]*")+)`)
	inlineCSS  = regexp.MustCompile(` style="[^"]*"`)
)

// ordered sorts the attributes in MathML and the properties in its styles,
// which come in the random order of a Go map, so that the same notebook gives
// the same page; and mends treeblood's spelling of one, without which brackets
// do not grow with a matrix.
func ordered(ml string) string {
	ml = strings.ReplaceAll(ml, ` strechy="`, ` stretchy="`)
	ml = inlineCSS.ReplaceAllStringFunc(ml, func(style string) string {
		list := strings.Split(strings.Trim(style[len(` style="`):len(style)-1], ";"), ";")
		slices.Sort(list)
		return ` style="` + strings.Join(list, ";") + `"`
	})
	return attributes.ReplaceAllStringFunc(ml, func(tag string) string {
		m := attributes.FindStringSubmatch(tag)
		list := strings.SplitAfter(strings.TrimPrefix(m[2], " "), `" `)
		for i := range list {
			list[i] = strings.TrimSpace(list[i])
		}
		slices.Sort(list)
		return m[1] + " " + strings.Join(list, " ")
	})
}

// mathNode is a formula in Markdown.
type mathNode struct {
	ast.BaseInline
	tex       string
	displayed bool
}

var kindMath = ast.NewNodeKind("Math")

func (*mathNode) Kind() ast.NodeKind              { return kindMath }
func (n *mathNode) Dump(source []byte, level int) { ast.DumpHelper(n, source, level, nil, nil) }

// mathBlock is a displayed formula in lines of its own. Its lines are collected
// raw, since some (such as one starting with + or =) mean lists or headings
// elsewhere.
type mathBlock struct {
	ast.BaseBlock
	open   string // what stands before the formula in its first line
	close  string // ends it
	keep   bool   // the marks belong to the formula: \begin{align}
	tex    strings.Builder
	tail   string // text after the end, such as a full stop
	closed bool
}

var kindMathBlock = ast.NewNodeKind("MathBlock")

func (*mathBlock) Kind() ast.NodeKind              { return kindMathBlock }
func (n *mathBlock) Dump(source []byte, level int) { ast.DumpHelper(n, source, level, nil, nil) }
func (*mathBlock) IsRaw() bool                     { return true }

// mathExtension makes goldmark read $..$, $$..$$ and \begin{..}..\end{..}, so
// that Markdown's own marks in formulas (_ * \\) are left alone.
type mathExtension struct{}

func (mathExtension) Extend(m goldmark.Markdown) {
	m.Parser().AddOptions(
		parser.WithBlockParsers(util.Prioritized(mathBlockParser{}, 90)),
		parser.WithInlineParsers(util.Prioritized(mathInlineParser{}, 90)),
	)
	m.Renderer().AddOptions(renderer.WithNodeRenderers(util.Prioritized(mathRenderer{}, 90)))
}

type mathRenderer struct{}

func (mathRenderer) RegisterFuncs(r renderer.NodeRendererFuncRegisterer) {
	r.Register(kindMath, func(w util.BufWriter, _ []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
		if entering {
			m := n.(*mathNode)
			_, _ = w.WriteString(mathML(m.tex, m.displayed))
		}
		return ast.WalkSkipChildren, nil
	})
	r.Register(kindMathBlock, func(w util.BufWriter, _ []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
		if entering {
			m := n.(*mathBlock)
			_, _ = w.WriteString(`<div class="display-math">` + mathML(m.tex.String(), true) + html.EscapeString(m.tail) + "</div>\n")
		}
		return ast.WalkSkipChildren, nil
	})
}

type mathBlockParser struct{}

func (mathBlockParser) Trigger() []byte             { return []byte{'$', '\\'} }
func (mathBlockParser) CanInterruptParagraph() bool { return true }
func (mathBlockParser) CanAcceptIndentedLine() bool { return false }

func (mathBlockParser) Open(_ ast.Node, reader text.Reader, pc parser.Context) (ast.Node, parser.State) {
	line, segment := reader.PeekLine()
	start := pc.BlockOffset()
	if start < 0 {
		return nil, parser.NoChildren
	}
	line = line[start:]
	n := &mathBlock{}
	switch {
	case bytes.HasPrefix(line, []byte("$$")):
		n.open, n.close = "$$", "$$"
	case bytes.HasPrefix(line, []byte(`\begin{`)):
		name, _, ok := bytes.Cut(line[len(`\begin{`):], []byte("}"))
		if !ok {
			return nil, parser.NoChildren
		}
		n.open, n.close, n.keep = `\begin{`+string(name)+"}", `\end{`+string(name)+"}", true
	default:
		return nil, parser.NoChildren
	}
	rest := line[len(n.open):]
	// A formula that never ends is no formula, nor is one in running text.
	after := reader.Source()[segment.Start+start-segment.Padding+len(n.open):]
	if !bytes.Contains(after, []byte(n.close)) {
		return nil, parser.NoChildren
	}
	if _, tail, found := bytes.Cut(rest, []byte(n.close)); found && len(bytes.TrimSpace(tail)) > 1 {
		return nil, parser.NoChildren
	}
	if n.keep {
		n.tex.WriteString(n.open)
	}
	n.add(rest)
	reader.AdvanceToEOL()
	return n, parser.NoChildren
}

func (mathBlockParser) Continue(node ast.Node, reader text.Reader, _ parser.Context) parser.State {
	n := node.(*mathBlock)
	if n.closed {
		return parser.Close
	}
	line, _ := reader.PeekLine()
	n.add(line)
	reader.AdvanceToEOL()
	return parser.Continue | parser.NoChildren
}

func (mathBlockParser) Close(ast.Node, text.Reader, parser.Context) {}

// add takes one more line of the formula.
func (n *mathBlock) add(line []byte) {
	tex, tail, found := bytes.Cut(line, []byte(n.close))
	n.tex.Write(tex)
	if found {
		n.closed, n.tail = true, strings.TrimSpace(string(tail))
		if n.keep {
			n.tex.WriteString(n.close)
		}
	}
}

type mathInlineParser struct{}

func (mathInlineParser) Trigger() []byte { return []byte{'$'} }

func (mathInlineParser) Parse(_ ast.Node, block text.Reader, _ parser.Context) ast.Node {
	savedLine, savedSegment := block.Position()
	line, _ := block.PeekLine()
	mark := "$"
	if bytes.HasPrefix(line, []byte("$$")) {
		mark = "$$"
	}
	block.Advance(len(mark))
	var tex strings.Builder
	for {
		line, _ := block.PeekLine()
		if line == nil {
			break
		}
		if i := closing(line, mark); i >= 0 {
			tex.Write(line[:i])
			s := tex.String()
			digit := i+len(mark) < len(line) && line[i+len(mark)] >= '0' && line[i+len(mark)] <= '9'
			// "from $5 to $10" has two prices, not a formula.
			if strings.TrimSpace(s) == "" || mark == "$" && (strings.TrimSpace(s) != s || digit) {
				break
			}
			block.Advance(i + len(mark))
			return &mathNode{tex: s, displayed: mark == "$$"}
		}
		tex.Write(line)
		block.AdvanceLine()
	}
	block.SetPosition(savedLine, savedSegment)
	return nil
}

// closing finds mark in line, passing over escaped dollars.
func closing(line []byte, mark string) int {
	for i := 0; i < len(line); i++ {
		if line[i] == '\\' {
			i++
			continue
		}
		if bytes.HasPrefix(line[i:], []byte(mark)) {
			return i
		}
	}
	return -1
}
