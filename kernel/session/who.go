package session

import (
	"context"
	"fmt"
	"go/constant"
	"go/types"
	"slices"
	"strings"
)

// Name is something that a session's cells have declared.
type Name struct {
	Name   string
	Kind   string // "variable", "constant", "function", "type", "package"
	Type   string // as Go source; of a package its path
	GoType types.Type

	// Value of a variable or constant, where HasValue says that it could be
	// read.
	Value    any
	HasValue bool
}

// Names lists what the session's cells have declared, in alphabetical order.
// It waits for a running cell to end; reading the variables stops when ctx is
// done.
func (s *Session) Names(ctx context.Context) []Name {
	var names []Name
	s.mu.RLock()
	for name, o := range s.scope {
		if o.Pos().IsValid() { // else it was there from the start, or was imported unasked
			names = append(names, describeObject(name, o))
		}
	}
	s.mu.RUnlock()
	slices.SortFunc(names, func(a, b Name) int { return strings.Compare(a.Name, b.Name) })
	s.readVariables(ctx, names)
	return names
}

func describeObject(name string, o types.Object) Name {
	n := Name{Name: name, Kind: kindOfObject(o), GoType: o.Type()}
	switch o := o.(type) {
	case *types.PkgName:
		n.Type = o.Imported().Path()
	case *types.TypeName:
		n.Type = types.TypeString(o.Type().Underlying(), shortName)
	default:
		n.Type = types.TypeString(o.Type(), shortName)
	}
	if c, ok := o.(*types.Const); ok {
		n.Value, n.HasValue = constantText(c.Val()), true
		n.GoType = nil
	}
	return n
}

func constantText(v constant.Value) string {
	if v.Kind() == constant.String {
		return constant.StringVal(v)
	}
	return v.String()
}

func shortName(p *types.Package) string {
	if p.Path() == mainPath {
		return ""
	}
	return p.Name()
}

// readVariables gets the variables' values: all at once, or one by one where
// one of them cannot be read, such as one that another declaration hides.
func (s *Session) readVariables(ctx context.Context, names []Name) {
	var at []int
	for i, n := range names {
		if n.Kind == "variable" {
			at = append(at, i)
		}
	}
	if s.readSome(ctx, names, at) {
		return
	}
	for _, i := range at {
		s.readSome(ctx, names, []int{i})
	}
}

func (s *Session) readSome(ctx context.Context, names []Name, at []int) bool {
	if len(at) == 0 {
		return true
	}
	var list []string
	for _, i := range at {
		list = append(list, names[i].Name)
	}
	show := s.opts.Show
	s.opts.Show = nil
	defer func() { s.opts.Show = show }()
	// Spelled out, as a cell may have declared another any.
	r, e := s.Execute(ctx, Cell{Code: fmt.Sprintf("[]interface{}{%s}", strings.Join(list, ", "))})
	if e != nil || len(r.Values) != 1 {
		return false
	}
	values, ok := r.Values[0].([]any)
	if !ok || len(values) != len(at) {
		return false
	}
	for k, i := range at {
		names[i].Value, names[i].HasValue = values[k], true
	}
	return true
}

// Check type-checks a cell without running it; nil means that it would run.
// Nothing of the session changes.
func (s *Session) Check(cell Cell) *Error {
	s.executing.Lock()
	defer s.executing.Unlock()
	t := text{fmt.Sprintf("cell[%d]", cell.Number), cell.Code}
	p, problems := parseCell(s.fset, s.addText(t), cell.Code)
	if len(problems) > 0 {
		return t.failure("SyntaxError", problems)
	}
	if _, problems = s.check(p); len(problems) > 0 {
		return t.failure("TypeError", problems)
	}
	return nil
}
