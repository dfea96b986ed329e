package session

import (
	"fmt"
	"io"
	"os"
	"reflect"

	"github.com/traefik/yaegi/interp"
	"github.com/traefik/yaegi/stdlib/unsafe"

	"arch2vec/kernel/session/lower"
	"arch2vec/stdlib/symbols"
)

// runtimeExports is the runtime package that lowered code calls.
func (s *Session) runtimeExports() interp.Exports {
	return interp.Exports{lower.Runtime + "/" + lower.Runtime: {
		"Show":      reflect.ValueOf(s.show),
		"Print":     reflect.ValueOf(func(a ...any) { printValues(s.stderr(), "", a) }),
		"Println":   reflect.ValueOf(func(a ...any) { printValues(s.stderr(), " ", a); fmt.Fprintln(s.stderr()) }),
		"Goroutine": reflect.ValueOf(s.goroutinePanicked),
		"Typed":     reflect.ValueOf(func(v any, index int) any { return typed{s, v, s.lower.Typed[index]} }),
		"Printer": reflect.ValueOf(func(index int, text func(any) string) {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.printers[index] = text
		}),
		"Stream":    reflect.ValueOf(s.stream),
		"Chain":     reflect.ValueOf(chain),
		"Recovered": reflect.ValueOf(recovered),
		"ClearMap":  reflect.ValueOf(func(m any) { clearMap(m) }),
		"Describe": reflect.ValueOf(func(text func() string) {
			s.trace.mu.Lock()
			s.trace.describe = text
			s.trace.mu.Unlock()
		}),
	}}
}

// show receives the values of a cell's last expression.
func (s *Session) show(values ...any) {
	for i, v := range values {
		if v != nil {
			values[i] = concrete(reflect.ValueOf(v))
		}
	}
	s.values = values
	if s.opts.Show != nil {
		s.opts.Show(values, s.shown)
	}
}

func (s *Session) describePanic() func() string {
	s.trace.mu.Lock()
	defer s.trace.mu.Unlock()
	d := s.trace.describe
	s.trace.describe = nil
	return d
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
		if s.loaded[p] || p == lower.Runtime {
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
			if replace := s.replacements(key); replace != nil {
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
func (s *Session) replacements(key string) map[string]reflect.Value {
	switch key {
	case "fmt/fmt":
		return s.fmtSymbols
	case "errors/errors":
		return map[string]reflect.Value{"Is": reflect.ValueOf(isError)}
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
	mapTypes := symbols.MapTypes()
	table := mapTypes["."]["MapTypes"].Interface().(map[reflect.Value][]reflect.Type)
	s.fmtSymbols = s.fmtFunctions(table)
	exports := s.runtimeExports()
	shown := exports[lower.Runtime+"/"+lower.Runtime]["Show"]
	table[shown] = table[reflect.ValueOf(fmt.Print)]
	if err := s.in.Use(mapTypes); err != nil {
		return err
	}
	return s.in.Use(exports)
}
