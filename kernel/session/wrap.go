package session

import (
	"reflect"
	"slices"
	"strings"
)

// compiledMethod makes a function of any of a compiled type's method.
func compiledMethod(t reflect.Type, name string) any {
	m, ok := t.MethodByName(name)
	if !ok {
		panic(runtimeError("interface conversion: " + t.String() + " has no method " + name))
	}
	in, out := []reflect.Type{reflect.TypeFor[any]()}, []reflect.Type(nil)
	for i := 1; i < m.Type.NumIn(); i++ {
		in = append(in, m.Type.In(i))
	}
	for i := range m.Type.NumOut() {
		out = append(out, m.Type.Out(i))
	}
	ft := reflect.FuncOf(in, out, m.Type.IsVariadic())
	return reflect.MakeFunc(ft, func(args []reflect.Value) []reflect.Value {
		args = slices.Clone(args)
		args[0] = args[0].Elem()
		if ft.IsVariadic() {
			return m.Func.CallSlice(args)
		}
		return m.Func.Call(args)
	}).Interface()
}

// To puts x in the compiled interface that pointer points to, if it implements
// that; wrapper points to the struct that holds interpreted values there.
func (d *dynamics) To(x, pointer any, wrapper ...any) bool {
	if x == nil {
		return false
	}
	out := reflect.ValueOf(pointer).Elem()
	v := reflect.ValueOf(x)
	if v.Type().Implements(out.Type()) {
		out.Set(v)
		return true
	}
	dyn := d.of(x)
	if dyn == nil {
		return false
	}
	t := out.Type()
	for i := range t.NumMethod() {
		m, ok := dyn.methods[t.Method(i).Name]
		if !ok || !sameMethod(reflect.TypeOf(m), t.Method(i).Type) {
			return false
		}
	}
	if t == reflect.TypeFor[error]() {
		out.Set(reflect.ValueOf(d.AsError(x)))
		return true
	}
	if len(wrapper) == 0 {
		return false
	}
	w := reflect.New(reflect.TypeOf(wrapper[0]).Elem())
	w.Elem().FieldByName("IValue").Set(v)
	for i := range t.NumMethod() {
		name := t.Method(i).Name
		f := w.Elem().FieldByName("W" + name)
		if !f.IsValid() {
			return false
		}
		f.Set(bind(reflect.ValueOf(dyn.methods[name]), v, f.Type()))
	}
	out.Set(w)
	return true
}

// bind is a method with its first argument given.
func bind(method, x reflect.Value, t reflect.Type) reflect.Value {
	return reflect.MakeFunc(t, func(args []reflect.Value) []reflect.Value {
		args = append([]reflect.Value{x}, args...)
		if t.IsVariadic() {
			return method.CallSlice(args)
		}
		return method.Call(args)
	})
}

// Native takes values, also those inside slices and maps, out of boxes.
func Native(x any) any {
	if x == nil {
		return nil
	}
	v := reflect.ValueOf(x)
	if !holdsBoxes(v, 0) {
		return x
	}
	return unboxed(v, 0).Interface()
}

// bare is x, out of its box if it is in one.
func bare(x any) any {
	if x == nil {
		return nil
	}
	if v := reflect.ValueOf(x); isBox(v.Type()) {
		return v.Field(0).Interface()
	}
	return x
}

// isStandIn tells whether t stands for a type made of itself that is no struct.
func isStandIn(t reflect.Type) bool {
	return t.Kind() == reflect.Struct && t.Name() == "" && t.NumField() == 1 && t.Field(0).Name == "V" &&
		t.Field(0).Type == reflect.TypeFor[any]() && strings.HasPrefix(string(t.Field(0).Tag), `type:"`)
}

// isBox tells whether t is the type of a box.
func isBox(t reflect.Type) bool {
	return t.Kind() == reflect.Struct && t.Name() == "" && t.NumField() == 1 && t.Field(0).Name == "V" &&
		strings.HasPrefix(string(t.Field(0).Tag), `box:"`)
}
