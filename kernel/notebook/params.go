package notebook

import (
	"fmt"
	"go/types"
	"slices"
	"strconv"
	"strings"
	"time"

	"arch2vec/kernel/session"
)

// Param is a value for a variable that a notebook declares as a parameter.
type Param struct{ Name, Value string }

// ParseParam reads "name=value".
func ParseParam(s string) (Param, error) {
	name, value, ok := strings.Cut(s, "=")
	name = strings.TrimSpace(name)
	if !ok || name == "" {
		return Param{}, fmt.Errorf("notebook: parameter %q: it should be NAME=VALUE", s)
	}
	return Param{name, value}, nil
}

// The tags of papermill, which began this convention.
const (
	parametersTag = "parameters"
	injectedTag   = "injected-parameters"
)

// SetParams gives variables other values than the notebook's cell with the tag
// "parameters" does: a cell that assigns them, with the tag
// "injected-parameters", comes behind it, or takes the place of the one that an
// earlier run left. A value is a Go expression of the variable's type; for
// strings it is the text itself, and for durations also one such as 1m30s.
//
// Nothing changes where a name is not declared in that cell, or a value does not
// have the variable's type.
func (n *Notebook) SetParams(params []Param) error {
	if len(params) == 0 {
		return nil
	}
	at := slices.IndexFunc(n.Cells, func(c *Cell) bool { return c.Type == Code && c.tagged(parametersTag) })
	if at < 0 {
		return fmt.Errorf(`notebook: parameter %s: no code cell has the tag "parameters", which marks where a notebook declares them`, params[0].Name)
	}
	s, declared, err := n.parameters(at)
	if err != nil {
		return err
	}
	var source strings.Builder
	source.WriteString("// Parameters\n")
	for _, p := range params {
		i := slices.IndexFunc(declared, func(v *types.Var) bool { return v.Name() == p.Name })
		if i < 0 {
			return fmt.Errorf("notebook: parameter %s: the notebook does not declare it; its parameters are %s", p.Name, names(declared))
		}
		line, err := assignment(s, p, declared[i].Type())
		if err != nil {
			return err
		}
		source.WriteString(line + "\n")
	}
	cell := &Cell{
		Type: Code, Source: strings.TrimSuffix(source.String(), "\n"),
		Metadata: map[string]any{"tags": []any{injectedTag}},
	}
	n.Cells = slices.DeleteFunc(n.Cells, func(c *Cell) bool { return c.tagged(injectedTag) })
	at = slices.IndexFunc(n.Cells, func(c *Cell) bool { return c.Type == Code && c.tagged(parametersTag) })
	n.Cells = slices.Insert(n.Cells, at+1, cell)
	n.identify()
	return nil
}

// parameters checks the notebook's code up to the parameters and returns what
// variables that cell declares. Earlier cells that do not check are passed over:
// they fail when they run, as without parameters.
func (n *Notebook) parameters(at int) (*session.Session, []*types.Var, error) {
	s, err := session.New(session.Options{})
	if err != nil {
		return nil, nil, err
	}
	for i, c := range n.Cells[:at+1] {
		if c.Type != Code || c.tagged("skip-execution") {
			continue
		}
		a, failed := s.Analyze(session.Cell{Number: i + 1, Code: c.Source})
		if i < at {
			continue
		}
		if failed != nil {
			return nil, nil, fmt.Errorf("notebook: the cell of the parameters: %w", failed)
		}
		return s, a.Globals, nil
	}
	return s, nil, nil
}

func names(vars []*types.Var) string {
	if len(vars) == 0 {
		return "none"
	}
	var list []string
	for _, v := range vars {
		list = append(list, v.Name())
	}
	return strings.Join(list, ", ")
}

// assignment is the Go that sets a parameter, checked.
func assignment(s *session.Session, p Param, t types.Type) (string, error) {
	value := p.Value
	shown := types.TypeString(t, func(p *types.Package) string { return p.Name() })
	if b, ok := t.Underlying().(*types.Basic); ok && b.Info()&types.IsString != 0 {
		value = strconv.Quote(value)
	} else if shown == "time.Duration" {
		value = duration(value)
	}
	line := p.Name + " = " + value
	if strings.ContainsAny(value, "\n;") && !strings.HasPrefix(value, `"`) {
		return "", fmt.Errorf("notebook: parameter %s: %q is not one expression", p.Name, p.Value)
	}
	if e := s.Check(session.Cell{Code: line}); e != nil {
		_, reason, _ := strings.Cut(e.Value, ": ")
		return "", fmt.Errorf("notebook: parameter %s: %q is no value for a %s: %s", p.Name, p.Value, shown, reason)
	}
	return line, nil
}

// duration is Go for a length of time such as 1m30s; what is none of those is
// Go already.
func duration(value string) string {
	d, err := time.ParseDuration(value)
	if err != nil {
		return value
	}
	for _, u := range []struct {
		unit time.Duration
		name string
	}{{time.Hour, "Hour"}, {time.Minute, "Minute"}, {time.Second, "Second"}, {time.Millisecond, "Millisecond"}, {time.Microsecond, "Microsecond"}} {
		if d%u.unit == 0 {
			return fmt.Sprintf("%d * time.%s", d/u.unit, u.name)
		}
	}
	return fmt.Sprintf("%d * time.Nanosecond", d)
}
