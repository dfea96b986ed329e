package session

import (
	"fmt"
	"io"
	"reflect"
	"strconv"
	"unsafe"
)

// printValues is the built-in print, in the runtime's format.
func printValues(w io.Writer, sep string, a []any) {
	for i, v := range a {
		if i > 0 {
			io.WriteString(w, sep)
		}
		io.WriteString(w, printed(reflect.ValueOf(v)))
	}
}

// words are the two words of an interface, for print.
type words [2]uintptr

func interfaceWords(x any) words { return *(*words)(unsafe.Pointer(&x)) }

func printed(v reflect.Value) string {
	if v.IsValid() && v.Type() == reflect.TypeFor[words]() {
		w := v.Interface().(words)
		return fmt.Sprintf("(%#x,%#x)", w[0], w[1])
	}
	switch v.Kind() {
	case reflect.Invalid:
		return "0x0"
	case reflect.Float32:
		return strconv.FormatFloat(v.Float(), 'g', -1, 32)
	case reflect.Float64:
		return strconv.FormatFloat(v.Float(), 'g', -1, 64)
	case reflect.Complex64, reflect.Complex128:
		c := v.Complex()
		im := strconv.FormatFloat(imag(c), 'g', -1, 64)
		if im[0] != '-' && im[0] != '+' {
			im = "+" + im
		}
		return "(" + strconv.FormatFloat(real(c), 'g', -1, 64) + im + "i)"
	case reflect.Slice:
		return fmt.Sprintf("[%d/%d]%#x", v.Len(), v.Cap(), v.Pointer())
	case reflect.Pointer, reflect.Map, reflect.Chan, reflect.Func, reflect.UnsafePointer:
		return fmt.Sprintf("%#x", v.Pointer())
	}
	return fmt.Sprintf("%v", v)
}
