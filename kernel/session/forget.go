package session

import (
	"reflect"
	"strings"
	"unsafe"

	"github.com/traefik/yaegi/interp"
)

// forgetEvery is after how many cells that is worth its time.
const forgetEvery = 64

// forgetCells lets go of what the interpreter keeps of cells that have run and
// never looks at again: their syntax trees, by way of a list of them, of the
// scopes of their statements, and of their imports. What a later cell may use is
// kept by its name. These are fields of the interpreter that it does not export;
// where they are not as expected, nothing is forgotten.
func forgetCells(in *interp.Interpreter) {
	interpreter := reflect.ValueOf(in).Elem()
	clearSlice(interpreter.FieldByName("roots"))
	scopes := interpreter.FieldByName("scopes")
	if !scopes.IsValid() || scopes.Kind() != reflect.Map || scopes.Type().Key().Kind() != reflect.String {
		return
	}
	main := scopes.MapIndex(reflect.ValueOf("main"))
	if !main.IsValid() || main.Kind() != reflect.Pointer || main.Type().Elem().Kind() != reflect.Struct {
		return
	}
	clearSlice(main.Elem().FieldByName("child"))
	symbols, ok := field(main.Elem().FieldByName("sym"))
	if !ok || symbols.Kind() != reflect.Map || symbols.Type().Key().Kind() != reflect.String {
		return
	}
	for it := symbols.MapRange(); it.Next(); {
		// An import is known as its name, a slash and the file.
		if strings.Contains(it.Key().String(), "/cell[") {
			symbols.SetMapIndex(it.Key(), reflect.Value{})
		}
	}
}

func clearSlice(v reflect.Value) {
	if v, ok := field(v); ok && v.Kind() == reflect.Slice {
		v.SetZero()
	}
}

// field makes a field that is not exported accessible.
func field(v reflect.Value) (reflect.Value, bool) {
	if !v.IsValid() || !v.CanAddr() {
		return reflect.Value{}, false
	}
	return reflect.NewAt(v.Type(), unsafe.Pointer(v.UnsafeAddr())).Elem(), true
}
