package session

import (
	"go/ast"
	"go/token"
	"go/types"
	"regexp"
	"slices"
	"strings"
)

// Complete lists what may stand at the cursor, a byte offset in code: members
// after a dot, fields in a composite literal, variables, functions, types,
// packages, keywords, import paths.
func (s *Session) Complete(code string, cursor int) Completion {
	cursor = max(0, min(cursor, len(code)))
	if c, ok := s.completeImport(code[:cursor], cursor); ok {
		return c
	}
	start := cursor
	for start > 0 && isIdentByte(code[start-1]) {
		start--
	}
	out := Completion{Start: start, End: cursor}
	if start < cursor && '0' <= code[start] && code[start] <= '9' {
		return out
	}
	prefix := code[start:cursor]
	x, path := s.best(finish(code[:start]+placeholder), func(_ *explored, i *ast.Ident) bool { return i.Name == placeholder })
	switch {
	case x != nil:
		out.Matches = s.matchesAt(x, path, prefix)
	case !strings.HasSuffix(strings.TrimRight(code[:start], " \t\n"), "."):
		if x = s.explore("_ = 0"); x != nil {
			out.Matches = s.names(x, nil, prefix)
		}
	}
	return out
}

func (s *Session) matchesAt(x *explored, path []ast.Node, prefix string) []Match {
	id := path[len(path)-1].(*ast.Ident)
	if len(path) > 1 {
		if sel, ok := path[len(path)-2].(*ast.SelectorExpr); ok && sel.Sel == id {
			return x.members(sel, prefix)
		}
	}
	matches := x.literalFields(path, prefix)
	return append(matches, s.names(x, id, prefix)...)
}

// members are the fields and methods of a value, or what a package exports.
func (x *explored) members(sel *ast.SelectorExpr, prefix string) []Match {
	if i, ok := sel.X.(*ast.Ident); ok {
		if pn, ok := x.info.Uses[i].(*types.PkgName); ok {
			var out []Match
			for _, n := range pn.Imported().Scope().Names() {
				if o := pn.Imported().Scope().Lookup(n); o.Exported() && strings.HasPrefix(n, prefix) {
					out = append(out, match(o))
				}
			}
			return out
		}
	}
	t := x.info.TypeOf(sel.X)
	if t == nil {
		return nil
	}
	var out []Match
	seen := map[string]bool{}
	add := func(o types.Object) {
		if seen[o.Name()] || !strings.HasPrefix(o.Name(), prefix) || !o.Exported() && o.Pkg() != nil && o.Pkg().Path() != mainPath {
			return
		}
		seen[o.Name()] = true
		out = append(out, match(o))
	}
	if !x.info.Types[sel.X].IsType() {
		fields(t, add)
	}
	recv := t
	if _, ptr := types.Unalias(t).(*types.Pointer); !ptr && !types.IsInterface(t) {
		recv = types.NewPointer(t)
	}
	set := types.NewMethodSet(recv)
	for i := range set.Len() {
		add(set.At(i).Obj())
	}
	slices.SortFunc(out, func(a, b Match) int { return strings.Compare(a.Text, b.Text) })
	return out
}

// fields calls add for a struct's fields, then for those that it promotes.
func fields(t types.Type, add func(types.Object)) {
	seen := map[types.Type]bool{}
	level := []types.Type{t}
	for len(level) > 0 {
		var next []types.Type
		for _, t := range level {
			t = types.Unalias(t)
			if p, ok := t.Underlying().(*types.Pointer); ok {
				t = types.Unalias(p.Elem())
			}
			st, ok := t.Underlying().(*types.Struct)
			if !ok || seen[t] {
				continue
			}
			seen[t] = true
			for i := range st.NumFields() {
				v := st.Field(i)
				add(v)
				if v.Embedded() {
					next = append(next, v.Type())
				}
			}
		}
		level = next
	}
}

// literalFields are the fields that a struct literal around the cursor lacks.
func (x *explored) literalFields(path []ast.Node, prefix string) []Match {
	if len(path) < 2 {
		return nil
	}
	lit, ok := path[len(path)-2].(*ast.CompositeLit)
	if !ok {
		return nil
	}
	t := x.info.TypeOf(lit)
	if t == nil {
		return nil
	}
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	st, ok := t.Underlying().(*types.Struct)
	if !ok {
		return nil
	}
	given := map[string]bool{}
	for _, e := range lit.Elts {
		if kv, ok := e.(*ast.KeyValueExpr); ok {
			if k, ok := kv.Key.(*ast.Ident); ok {
				given[k.Name] = true
			}
		}
	}
	var out []Match
	for i := range st.NumFields() {
		v := st.Field(i)
		if !given[v.Name()] && strings.HasPrefix(v.Name(), prefix) && (v.Exported() || v.Pkg().Path() == mainPath) {
			out = append(out, match(v))
		}
	}
	return out
}

// names are the names that are visible at an identifier.
func (s *Session) names(x *explored, at *ast.Ident, prefix string) []Match {
	var out []Match
	seen := map[string]bool{}
	add := func(m Match) {
		if !seen[m.Text] && strings.HasPrefix(m.Text, prefix) && !strings.HasPrefix(m.Text, placeholder) {
			seen[m.Text] = true
			out = append(out, m)
		}
	}
	if at != nil {
		for _, o := range x.locals(at.Pos()) {
			add(match(o))
		}
	}
	for _, o := range x.scope {
		add(match(o))
	}
	for _, n := range types.Universe.Names() {
		add(match(types.Universe.Lookup(n)))
	}
	for t := token.BREAK; t <= token.VAR; t++ {
		add(Match{Text: t.String(), Kind: "keyword"})
	}
	if prefix != "" {
		for n, p := range standardNames() {
			if p != "" {
				add(Match{Text: n, Kind: "package", Signature: "package " + n + " // " + p})
			}
		}
	}
	slices.SortFunc(out, func(a, b Match) int { return strings.Compare(a.Text, b.Text) })
	return out
}

func match(o types.Object) Match {
	return Match{Text: o.Name(), Kind: kindOfObject(o), Signature: signature(o)}
}

func kindOfObject(o types.Object) string {
	switch o := o.(type) {
	case *types.PkgName:
		return "package"
	case *types.Const:
		return "constant"
	case *types.TypeName:
		return "type"
	case *types.Func:
		if o.Signature().Recv() != nil {
			return "method"
		}
		return "function"
	case *types.Builtin:
		return "function"
	case *types.Var:
		if o.IsField() {
			return "field"
		}
	case *types.Nil:
		return "constant"
	}
	return "variable"
}

// signature is an object's declaration on one line.
func signature(o types.Object) string {
	switch o := o.(type) {
	case *types.PkgName:
		return "package " + o.Name() + " // " + o.Imported().Path()
	case *types.Builtin:
		return "func " + o.Name()
	case *types.Nil:
		return "nil"
	}
	return types.ObjectString(o, func(p *types.Package) string {
		if p.Path() == mainPath {
			return ""
		}
		return p.Name()
	})
}

var importLine = regexp.MustCompile(`(?:^|\n)[ \t]*(import[ \t]+)?(?:[\w.]+[ \t]+)?"([^"\n]*)$`)

// completeImport completes the path of an import.
func (s *Session) completeImport(before string, cursor int) (Completion, bool) {
	m := importLine.FindStringSubmatch(before)
	if m == nil {
		return Completion{}, false
	}
	if m[1] == "" { // inside import ( ... ?
		open := strings.LastIndex(before, "import (")
		if open < 0 || strings.Contains(before[open:], ")") {
			return Completion{}, false
		}
	}
	out := Completion{Start: cursor - len(m[2]), End: cursor}
	for _, p := range s.typeInfo.Paths() {
		if strings.HasPrefix(p, m[2]) {
			out.Matches = append(out.Matches, Match{Text: p, Kind: "package"})
		}
	}
	return out, true
}
