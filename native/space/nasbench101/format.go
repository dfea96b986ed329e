package nasbench101

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"arch2vec/native/cell"
)

// Format writes what counts of a legal cell, each node with the nodes it feeds.
func (*Space) Format(c cell.Cell) (string, error) {
	c, err := reduce(c)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	for v := range c.Len() {
		if v > 0 {
			b.WriteByte('|')
		}
		b.WriteString(vocabulary[c.Op(v)])
		mark := byte(':')
		for w := v + 1; w < c.Len(); w++ {
			if c.HasEdge(v, w) {
				b.WriteByte(mark)
				b.WriteString(strconv.Itoa(w))
				mark = ','
			}
		}
	}
	return b.String(), nil
}

// Parse reads a cell as Format writes it, and nothing else, or looks up a graph
// hash, 32 lower-case hexadecimal digits. The error names the column, counted in
// bytes from 1, where the text goes wrong.
func (s *Space) Parse(text string) (cell.Cell, error) {
	if h, ok := parseHash(text); ok {
		i, ok := s.find(h)
		if !ok {
			return cell.Cell{}, fmt.Errorf("nasbench101: no cell has the graph hash %s", text)
		}
		return s.Cell(i), nil
	}
	fail := func(column int, want string) (cell.Cell, error) {
		return cell.Cell{}, fmt.Errorf("nasbench101: cell %.120q: column %d: want %s", text, column, want)
	}
	var ops []int
	var edges [][2]int
	column := 1
	for part := range strings.SplitSeq(text, "|") {
		v := len(ops)
		if v == MaxNodes {
			return fail(column-1, fmt.Sprintf("the end, after %d nodes", MaxNodes))
		}
		name, list, feeds := strings.Cut(part, ":")
		op := slices.Index(vocabulary, name)
		if op < 0 {
			return fail(column, "one of "+strings.Join(vocabulary, ", "))
		}
		ops = append(ops, op)
		column += len(name)
		least := v + 1
		for feeds {
			column++ // the colon or comma
			var number string
			number, list, feeds = strings.Cut(list, ",")
			w, err := strconv.Atoi(number)
			if err != nil || strconv.Itoa(w) != number || w < least || w >= MaxNodes {
				return fail(column, fmt.Sprintf("a node from %d to %d", least, MaxNodes-1))
			}
			edges = append(edges, [2]int{v, w})
			least = w + 1
			column += len(number)
		}
		column++ // the bar
	}
	c, err := cell.New(ops, edges)
	if err != nil {
		return cell.Cell{}, fmt.Errorf("nasbench101: cell %.120q: %w", text, err)
	}
	reduced, err := reduce(c)
	if err == nil && reduced != c {
		err = fmt.Errorf("%w: it has nodes on no path from input to output", errNotCell)
	}
	if err != nil {
		return cell.Cell{}, fmt.Errorf("cell %.120q: %w", text, err)
	}
	return c, nil
}

// parseHash reads 32 lower-case hexadecimal digits.
func parseHash(text string) (h hash, ok bool) {
	if len(text) != 2*len(h) || text != strings.ToLower(text) {
		return h, false
	}
	_, err := hex.Decode(h[:], []byte(text))
	return h, err == nil
}
