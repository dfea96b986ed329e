package session

import (
	"fmt"
	"go/types"
	"io"
	"maps"
	"os"
	"reflect"

	"github.com/traefik/yaegi/interp"
	"github.com/traefik/yaegi/stdlib/unsafe"

	"arch2vec/kernel/session/lower"
)

// runtimeExports is the runtime package that lowered code calls.
func (s *Session) runtimeExports() interp.Exports {
	rec := &recoveries{trace: s.trace, stop: s.stop, dyn: s.dyn, next: map[uint64]*panicking{}}
	table := map[string]reflect.Value{
		"Show":     reflect.ValueOf(s.show),
		"Print":    reflect.ValueOf(func(a ...any) { printValues(s.stderr(), "", a) }),
		"Println":  reflect.ValueOf(func(a ...any) { printValues(s.stderr(), " ", a); fmt.Fprintln(s.stderr()) }),
		"Stream":   reflect.ValueOf(s.stream),
		"Go":       reflect.ValueOf(s.goStmt),
		"Run":      reflect.ValueOf(rec.Run),
		"Deferred": reflect.ValueOf(rec.Deferred),
		"Defers":   reflect.ValueOf((*defers)(nil)),
		"Panic":    reflect.ValueOf(func(v any) { panic(v) }),
		"Chain":    reflect.ValueOf(chain),
		"ClearMap": reflect.ValueOf(func(m any) { clearMap(m) }),
		"NilPanic": reflect.ValueOf(func() { panic(nilDereference) }),

		"Type":           reflect.ValueOf(s.dyn.Type),
		"Interface":      reflect.ValueOf(s.dyn.Interface),
		"Switch":         reflect.ValueOf(s.dyn.Switch),
		"Case":           reflect.ValueOf(s.dyn.Case),
		"Is":             reflect.ValueOf(s.dyn.Is),
		"Implements":     reflect.ValueOf(s.dyn.Implements),
		"Assert":         reflect.ValueOf(s.dyn.Assert),
		"Failed":         reflect.ValueOf(s.dyn.Failed),
		"Method":         reflect.ValueOf(s.dyn.Method),
		"To":             reflect.ValueOf(s.dyn.To),
		"Equal":          reflect.ValueOf(s.dyn.Equal),
		"Words":          reflect.ValueOf(interfaceWords),
		"Runes":          reflect.ValueOf(runes),
		"Func":           reflect.ValueOf(func(f any) any { return f }),
		"From":           reflect.ValueOf(From),
		"Native":         reflect.ValueOf(Native),
		"Printable":      reflect.ValueOf(s.printable),
		"JSONEncode":     reflect.ValueOf(s.jsonEncode),
		"JSONDecode":     reflect.ValueOf(s.jsonDecode),
		"ReflectType":    reflect.ValueOf(func(v reflect.Value) reflect.Type { return s.described(v.Type(), nil) }),
		"ReflectConvert": reflect.ValueOf(func(v reflect.Value, t reflect.Type) reflect.Value { return v.Convert(compiledType(t)) }),
		"AsError":        reflect.ValueOf(s.dyn.AsError),
	}
	maps.Copy(table, unsafeExports())
	return interp.Exports{lower.Runtime + "/" + lower.Runtime: table}
}

// show receives the values of a cell's last expression.
func (s *Session) show(values ...any) {
	for i, v := range values {
		if i < len(s.shown) && (s.shown[i] == nil || types.IsInterface(s.shown[i])) {
			if v = From(v); v != nil {
				if dyn := s.dyn.of(v); dyn != nil {
					s.shown[i] = dyn.typ
				}
			}
		}
		values[i] = bare(v)
		if i < len(s.shown) && s.shown[i] != nil && v != nil && s.showsByMethods(s.shown[i]) {
			values[i] = shownText(fmt.Sprintf("%+v", typed{s, values[i], s.shown[i]}))
			s.shown[i] = nil
		}
	}
	s.values = values
	if s.opts.Show != nil {
		s.opts.Show(values, s.shown)
	}
}

// shownText is a value that its type's methods have printed.
type shownText string

func (t shownText) String() string { return string(t) }

// showsByMethods tells whether a value of type t is shown by what the methods of
// its type, or of types inside, print. It is not where there are pointers inside
// that only the display follows.
func (s *Session) showsByMethods(t types.Type) bool {
	seen := map[types.Type]bool{}
	methods, pointers := false, false
	var in func(t types.Type, depth int)
	in = func(t types.Type, depth int) {
		t = types.Unalias(t)
		if seen[t] || types.IsInterface(t) {
			return
		}
		seen[t] = true
		if dyn := s.dyn.ofType(t); dyn != nil {
			for _, name := range []string{"Error", "String", "Format"} {
				if dyn.methods[name] != nil {
					methods = true
					return
				}
			}
		}
		if n, ok := t.(*types.Named); ok && !s.interpreted(n) {
			return
		}
		if st, ok := structOf(t); ok {
			for i := range st.NumFields() {
				if st.Field(i).Exported() {
					in(st.Field(i).Type(), depth+1)
				}
			}
		}
		elem, key := elements(t)
		if _, pointer := t.Underlying().(*types.Pointer); pointer && depth > 0 {
			pointers = true
		}
		if key != nil {
			in(key, depth+1)
		}
		if elem != nil {
			in(elem, depth+1)
		}
	}
	in(t, 0)
	return methods && !pointers
}

// runes are the characters of a string and where they start.
func runes(s string) (offsets []int, chars []rune) {
	offsets, chars = make([]int, 0, len(s)), make([]rune, 0, len(s))
	for i, r := range s {
		offsets, chars = append(offsets, i), append(chars, r)
	}
	return offsets, chars
}

func clearMap(m any) {
	if v := reflect.ValueOf(m); v.Kind() == reflect.Map && !v.IsNil() {
		v.Clear()
	}
}

func (s *Session) stderr() io.Writer {
	if s.opts.Stderr != nil {
		return s.opts.Stderr
	}
	return os.Stderr
}

// load gives the interpreter the compiled packages that a unit needs: those it
// imports and those whose types it mentions.
func (s *Session) load(paths []string) error {
	for _, p := range paths {
		if s.loaded[p] || p == lower.Runtime || p == lower.Types {
			continue
		}
		if p == "unsafe" {
			if err := s.in.Use(unsafe.Symbols); err != nil {
				return err
			}
			s.loaded[p] = true
			continue
		}
		exports, err := s.symbols.Exports(p)
		if err != nil {
			return err
		}
		use := interp.Exports{}
		for key, table := range exports {
			if s.loadedKeys[key] {
				continue
			}
			s.loadedKeys[key] = true
			if replace := s.replacements(key, table); replace != nil {
				for n, v := range replace {
					table[n] = v
				}
			}
			// With a doubled slash, as the interpreter would otherwise take
			// the key of package fmt as a sign to change streams and to
			// compile its own generic packages.
			if key == "fmt/fmt" {
				key = "fmt//fmt"
			}
			use[key] = table
		}
		if err := s.in.Use(use); err != nil {
			return err
		}
		s.loaded[p] = true
	}
	return nil
}

// replacements are symbols that behave otherwise in a session whose streams are
// not the process's own.
func (s *Session) replacements(key string, table map[string]reflect.Value) map[string]reflect.Value {
	switch key {
	case "fmt/fmt":
		return s.fmtSymbols
	case "reflect/reflect":
		return s.reflectFunctions(table)
	case "encoding/json/json":
		return s.jsonFunctions()
	case "os/os":
		return fileStreams(s.opts)
	}
	return nil
}

func fileStreams(o Options) map[string]reflect.Value {
	m := map[string]reflect.Value{}
	if f, ok := o.Stdout.(*os.File); ok {
		m["Stdout"] = reflect.ValueOf(&f).Elem()
	}
	if f, ok := o.Stderr.(*os.File); ok {
		m["Stderr"] = reflect.ValueOf(&f).Elem()
	}
	if f, ok := o.Stdin.(*os.File); ok {
		m["Stdin"] = reflect.ValueOf(&f).Elem()
	}
	return m
}

// useRuntime prepares a fresh interpreter.
func (s *Session) useRuntime() error {
	s.fmtSymbols = s.fmtFunctions()
	return s.in.Use(s.runtimeExports())
}
