package extract

import (
	"go/types"
	"testing"
)

func TestNamesThatCannotBeWritten(t *testing.T) {
	p := types.NewPackage("p", "p")
	hiddenPkg := types.NewPackage("x/internal/y", "y")
	named := func(pkg *types.Package, name string) types.Type {
		return types.NewNamed(types.NewTypeName(0, pkg, name, nil), types.Typ[types.Int], nil)
	}
	s := &source{pkg: p}
	for _, tc := range []struct {
		typ  types.Type
		want bool
	}{
		{types.Typ[types.Int], true},
		{named(p, "T"), true},
		{named(p, "t"), false},
		{types.NewSlice(types.NewPointer(named(hiddenPkg, "T"))), false},
		{types.NewMap(types.Typ[types.String], named(p, "t")), false},
	} {
		if got := s.nameable(tc.typ); got != tc.want {
			t.Errorf("nameable(%v) = %v", tc.typ, got)
		}
	}
}
