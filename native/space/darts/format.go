package darts

import (
	"fmt"
	"slices"
	"strings"

	"arch2vec/native/cell"
)

// Format writes a legal cell as NAS-Bench-301's tables do.
func (*Space) Format(c cell.Cell) (string, error) {
	g, err := parse(c)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	for k, pick := range g {
		if k > 0 {
			b.WriteByte('|')
		}
		fmt.Fprintf(&b, "%s~%d", vocabulary[pick.op], pick.in)
	}
	return b.String(), nil
}

// Parse reads a cell as Format writes it, and nothing else. The error names the
// column, counted in bytes from 1, where the text goes wrong.
func (*Space) Parse(text string) (cell.Cell, error) {
	r := reader{"cell", text, 0}
	var g genes
	for k := range g {
		if k > 0 && !r.take("|") {
			return cell.Cell{}, r.fail(`"|"`)
		}
		op, _, _ := strings.Cut(r.rest(), "~")
		if err := r.operation(&g, k, op); err != nil {
			return cell.Cell{}, err
		}
		if !r.take("~") {
			return cell.Cell{}, r.fail(`"~"`)
		}
		if err := r.input(&g, k); err != nil {
			return cell.Cell{}, err
		}
	}
	if r.rest() != "" {
		return cell.Cell{}, r.fail("the end")
	}
	return g.cell(), nil
}

// reader reads a text piece by piece.
type reader struct {
	what, text string
	at         int
}

func (r *reader) rest() string { return r.text[r.at:] }

func (r *reader) take(piece string) bool {
	if !strings.HasPrefix(r.rest(), piece) {
		return false
	}
	r.at += len(piece)
	return true
}

func (r *reader) fail(want string) error {
	return fmt.Errorf("darts: %s %.240q: column %d: want %s", r.what, r.text, r.at+1, want)
}

// operation takes the name of an operation.
func (r *reader) operation(g *genes, k int, name string) error {
	op := slices.Index(vocabulary[None:Output], name)
	if op < 0 {
		return r.fail("one of " + strings.Join(vocabulary[None:Output], ", "))
	}
	g[k].op = None + op
	r.at += len(name)
	return nil
}

// input takes a number that is below the block's own and not that of the other
// operation of the block.
func (r *reader) input(g *genes, k int) error {
	most := k/2 + 1
	for in := range most + 1 {
		if !strings.HasPrefix(r.rest(), fmt.Sprint(in)) {
			continue
		}
		if k%2 == 1 && g[k-1].in == in {
			return r.fail(fmt.Sprintf("another input than the block's first, %d", in))
		}
		g[k].in = in
		r.at++
		return nil
	}
	return r.fail(fmt.Sprintf("an input from 0 to %d", most))
}
