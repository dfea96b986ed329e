package nasbench201

import (
	"fmt"
	"strings"

	"arch2vec/native/cell"
)

// sources are the feature maps that the six edges come from, in the order of
// the arch string; a new group begins at the edges into the next feature map.
var sources = [6]int{0, 0, 1, 0, 1, 2}

// Format writes a cell of the space as the benchmark's arch string,
// "|op~0|+|op~0|op~1|+|op~0|op~1|op~2|".
func (s Space) Format(c cell.Cell) (string, error) {
	if err := s.Check(c); err != nil {
		return "", err
	}
	var b strings.Builder
	for k, from := range sources {
		if from == 0 {
			if k > 0 {
				b.WriteString("|+")
			}
		}
		fmt.Fprintf(&b, "|%s~%d", vocabulary[c.Op(k+1)], from)
	}
	b.WriteByte('|')
	return b.String(), nil
}

// Parse reads an arch string as Format writes it, and nothing else; the error
// names the column, counted in bytes from 1, where the string goes wrong.
func (Space) Parse(arch string) (cell.Cell, error) {
	var ops [6]int
	rest := arch
	fail := func(want string) (cell.Cell, error) {
		return cell.Cell{}, fmt.Errorf("nasbench201: arch string %.120q: column %d: want %s", arch, len(arch)-len(rest)+1, want)
	}
	literal := func(text string) bool {
		after, ok := strings.CutPrefix(rest, text)
		if ok {
			rest = after
		}
		return ok
	}
	for k, from := range sources {
		if from == 0 && k > 0 && !literal("|+") {
			return fail(`"|+"`)
		}
		if !literal("|") {
			return fail(`"|"`)
		}
		name, _, _ := strings.Cut(rest, "~")
		op := operation(name)
		if op < 0 {
			return fail("one of " + strings.Join(vocabulary[Conv1x1:Output], ", "))
		}
		rest = rest[len(name):]
		ops[k] = op
		if tail := fmt.Sprintf("~%d", from); !literal(tail) {
			return fail(fmt.Sprintf("%q", tail))
		}
	}
	if !literal("|") {
		return fail(`"|"`)
	}
	if rest != "" {
		return fail("the end")
	}
	return build(ops), nil
}

// operation finds an edge's operation by name; -1 when there is none.
func operation(name string) int {
	for op := Conv1x1; op <= None; op++ {
		if vocabulary[op] == name {
			return op
		}
	}
	return -1
}
