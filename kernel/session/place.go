package session

import (
	"go/ast"
	"go/token"
)

// group is a part of a cell that is checked at once: declarations, and the
// statements that follow them.
type group struct {
	decls []ast.Decl
	stmts []ast.Stmt
}

// place orders a cell's declarations and statements. A declaration comes first,
// wherever it was written, as in Go; but one that mentions a variable of the
// cell's own statements comes right after the statement that declares the last
// of those. The statements keep their order and run as one body.
func place(p *parsed) []group {
	defined := map[string]int{} // name to the index after its statement
	for i, s := range p.stmts {
		for _, id := range stmtNames(s) {
			defined[id.Name] = i + 1
		}
	}
	at := make([]int, len(p.decls))
	if len(defined) > 0 {
		placeDecls(p, defined, at)
	}
	var groups []group
	for start := 0; start <= len(p.stmts); {
		var g group
		end := len(p.stmts)
		for i, d := range p.decls {
			switch {
			case at[i] == start:
				g.decls = append(g.decls, d)
			case at[i] > start:
				end = min(end, at[i])
			}
		}
		g.stmts = p.stmts[start:end]
		if len(g.decls)+len(g.stmts) > 0 {
			groups = append(groups, g)
		}
		if end == start {
			break
		}
		start = end
	}
	return groups
}

// placeDecls finds for each declaration the statement after which it comes; it
// comes not before those that it mentions itself.
func placeDecls(p *parsed, defined map[string]int, at []int) {
	decls := p.decls
	mentioned := make([]map[string]bool, len(decls))
	owner := map[string]int{}
	for i, d := range decls {
		mentioned[i] = p.mentions(d)
		for _, n := range declNames(d) {
			owner[n] = i
		}
		// A method comes with its type.
		if fd, ok := d.(*ast.FuncDecl); ok && fd.Recv != nil {
			owner["."+receiverName(fd)+"."+fd.Name.Name] = i
		}
		for n := range mentioned[i] {
			if _, own := defined[n]; own {
				at[i] = max(at[i], defined[n])
			}
		}
	}
	for changed := true; changed; {
		changed = false
		for i, d := range decls {
			for n := range mentioned[i] {
				if j, ok := owner[n]; ok && at[j] > at[i] {
					at[i], changed = at[j], true
				}
			}
			if fd, ok := d.(*ast.FuncDecl); ok && fd.Recv != nil {
				if j, ok := owner[receiverName(fd)]; ok && at[j] != at[i] {
					m := max(at[i], at[j])
					at[i], at[j], changed = m, m, true
				}
			}
		}
	}
}

// mentions are the names in a declaration that something outside of it may
// declare: those of which the parser has found no declaration inside.
func (p *parsed) mentions(d ast.Decl) map[string]bool {
	names := map[string]bool{}
	skip := map[*ast.Ident]bool{} // members, labels and what is declared
	if fd, ok := d.(*ast.FuncDecl); ok {
		skip[fd.Name] = true
	}
	ast.Inspect(d, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			skip[n.Sel] = true
		case *ast.BranchStmt:
			skip[n.Label] = true
		case *ast.LabeledStmt:
			skip[n.Label] = true
		case *ast.CompositeLit:
			switch n.Type.(type) {
			case *ast.MapType, *ast.ArrayType:
				return true
			}
			for _, e := range n.Elts { // names of fields, most likely
				if kv, ok := e.(*ast.KeyValueExpr); ok {
					if k, ok := kv.Key.(*ast.Ident); ok {
						skip[k] = true
					}
				}
			}
		case *ast.Ident:
			if !skip[n] && (n.Obj == nil || n.Obj == p.scope.Lookup(n.Name)) {
				names[n.Name] = true
			}
		}
		return true
	})
	for _, n := range declNames(d) {
		delete(names, n)
	}
	return names
}

// declNames are the package-level names that a declaration declares.
func declNames(d ast.Decl) []string {
	var names []string
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Recv == nil && d.Name.Name != "_" && d.Name.Name != "init" {
			names = append(names, d.Name.Name)
		}
	case *ast.GenDecl:
		for _, s := range d.Specs {
			switch s := s.(type) {
			case *ast.TypeSpec:
				names = append(names, s.Name.Name)
			case *ast.ValueSpec:
				for _, n := range s.Names {
					if n.Name != "_" {
						names = append(names, n.Name)
					}
				}
			}
		}
	}
	return names
}

// stmtNames are the variables that a statement at top level may declare.
func stmtNames(s ast.Stmt) []*ast.Ident {
	var names []*ast.Ident
	switch s := s.(type) {
	case *ast.AssignStmt:
		if s.Tok == token.DEFINE {
			for _, l := range s.Lhs {
				if i, ok := l.(*ast.Ident); ok && i.Name != "_" {
					names = append(names, i)
				}
			}
		}
	case *ast.DeclStmt:
		if g, ok := s.Decl.(*ast.GenDecl); ok && g.Tok == token.VAR {
			for _, sp := range g.Specs {
				for _, n := range sp.(*ast.ValueSpec).Names {
					if n.Name != "_" {
						names = append(names, n)
					}
				}
			}
		}
	case *ast.LabeledStmt:
		return stmtNames(s.Stmt)
	}
	return names
}

func receiverName(d *ast.FuncDecl) string {
	if len(d.Recv.List) == 0 {
		return ""
	}
	t := d.Recv.List[0].Type
	for {
		switch x := t.(type) {
		case *ast.StarExpr:
			t = x.X
		case *ast.ParenExpr:
			t = x.X
		case *ast.IndexExpr:
			t = x.X
		case *ast.IndexListExpr:
			t = x.X
		case *ast.Ident:
			return x.Name
		default:
			return ""
		}
	}
}
