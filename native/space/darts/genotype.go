package darts

import (
	"fmt"
	"strings"

	"arch2vec/native/cell"
)

// FormatGenotype writes two legal cells as the DARTS code does,
//
//	Genotype(normal=[('sep_conv_3x3', 0), ...], normal_concat=range(2, 6), reduce=[...], reduce_concat=range(2, 6))
func FormatGenotype(normal, reduction cell.Cell) (string, error) {
	var lists [2]string
	for i, c := range []cell.Cell{normal, reduction} {
		g, err := parse(c)
		if err != nil {
			return "", err
		}
		var picks []string
		for _, pick := range g {
			picks = append(picks, fmt.Sprintf("('%s', %d)", vocabulary[pick.op], pick.in))
		}
		lists[i] = strings.Join(picks, ", ")
	}
	return fmt.Sprintf("Genotype(normal=[%s], normal_concat=range(2, 6), reduce=[%s], reduce_concat=range(2, 6))", lists[0], lists[1]), nil
}

// ParseGenotype reads what FormatGenotype writes, with spaces and line breaks
// between its pieces as one likes, either kind of quotes, and [2, 3, 4, 5] for
// range(2, 6). The error names the column, counted in bytes from 1, where the
// text goes wrong.
func ParseGenotype(text string) (normal, reduction cell.Cell, err error) {
	r := reader{"genotype", text, 0}
	if err := r.tokens("Genotype", "("); err != nil {
		return cell.Cell{}, cell.Cell{}, err
	}
	var cells [2]cell.Cell
	for i, name := range []string{"normal", "reduce"} {
		if i > 0 {
			if err := r.tokens(","); err != nil {
				return cell.Cell{}, cell.Cell{}, err
			}
		}
		if cells[i], err = r.cell(name); err != nil {
			return cell.Cell{}, cell.Cell{}, err
		}
	}
	if err := r.tokens(")"); err != nil {
		return cell.Cell{}, cell.Cell{}, err
	}
	r.space()
	if r.rest() != "" {
		return cell.Cell{}, cell.Cell{}, r.fail("the end")
	}
	return cells[0], cells[1], nil
}

// cell takes "name=[('op', in), ...], name_concat=range(2, 6)".
func (r *reader) cell(name string) (cell.Cell, error) {
	if err := r.tokens(name, "=", "["); err != nil {
		return cell.Cell{}, err
	}
	var g genes
	for k := range g {
		if k > 0 {
			if err := r.tokens(","); err != nil {
				return cell.Cell{}, err
			}
		}
		if err := r.tokens("("); err != nil {
			return cell.Cell{}, err
		}
		r.space()
		quote := "'"
		if strings.HasPrefix(r.rest(), `"`) {
			quote = `"`
		}
		if !r.take(quote) {
			return cell.Cell{}, r.fail("a quoted operation")
		}
		op, _, _ := strings.Cut(r.rest(), quote)
		if err := r.operation(&g, k, op); err != nil {
			return cell.Cell{}, err
		}
		if !r.take(quote) {
			return cell.Cell{}, r.fail("the closing " + quote)
		}
		if err := r.tokens(","); err != nil {
			return cell.Cell{}, err
		}
		r.space()
		if err := r.input(&g, k); err != nil {
			return cell.Cell{}, err
		}
		if err := r.tokens(")"); err != nil {
			return cell.Cell{}, err
		}
	}
	if err := r.tokens("]", ",", name+"_concat", "="); err != nil {
		return cell.Cell{}, err
	}
	r.space()
	if strings.HasPrefix(r.rest(), "[") {
		return g.cell(), r.tokens("[", "2", ",", "3", ",", "4", ",", "5", "]")
	}
	return g.cell(), r.tokens("range", "(", "2", ",", "6", ")")
}

// tokens takes these pieces, with any white space before each.
func (r *reader) tokens(pieces ...string) error {
	for _, piece := range pieces {
		r.space()
		if !r.take(piece) {
			return r.fail(fmt.Sprintf("%q", piece))
		}
	}
	return nil
}

func (r *reader) space() { r.at = len(r.text) - len(strings.TrimLeft(r.rest(), " \t\r\n")) }
