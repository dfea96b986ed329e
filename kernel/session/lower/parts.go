package lower

import "go/types"

// parts are the types that t is written with. Named types have none: what is
// behind a name, and an interface's methods, differ from question to question.
func parts(t types.Type) (p []types.Type) {
	switch t := t.(type) {
	case *types.Pointer:
		return []types.Type{t.Elem()}
	case *types.Slice:
		return []types.Type{t.Elem()}
	case *types.Array:
		return []types.Type{t.Elem()}
	case *types.Chan:
		return []types.Type{t.Elem()}
	case *types.Map:
		return []types.Type{t.Key(), t.Elem()}
	case *types.Tuple:
		for v := range t.Variables() {
			p = append(p, v.Type())
		}
	case *types.Signature:
		return append(parts(t.Params()), parts(t.Results())...)
	case *types.Struct:
		for f := range t.Fields() {
			p = append(p, f.Type())
		}
	}
	return p
}
