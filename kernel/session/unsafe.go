package session

import (
	"reflect"
	"unsafe"
)

// unsafeExports are the functions of package unsafe that the interpreter lacks.
func unsafeExports() map[string]reflect.Value {
	return map[string]reflect.Value{
		"UnsafeAdd":        reflect.ValueOf(func(p unsafe.Pointer, n int) unsafe.Pointer { return unsafe.Add(p, n) }),
		"UnsafeSlice":      reflect.ValueOf(unsafeSlice),
		"UnsafeSliceData":  reflect.ValueOf(unsafeSliceData),
		"UnsafeString":     reflect.ValueOf(unsafeString),
		"UnsafeStringData": reflect.ValueOf(func(s string) *byte { return unsafe.StringData(s) }),
	}
}

// unsafeSlice gives a slice of n elements from a pointer to the first.
func unsafeSlice(pointer any, n int) any {
	v := reflect.ValueOf(pointer)
	elem := v.Type().Elem()
	switch {
	case n < 0 || elem.Size() > 0 && uintptr(n) > ^uintptr(0)>>1/elem.Size():
		panic(runtimeError("runtime error: unsafe.Slice: len out of range"))
	case v.IsNil() && n > 0:
		panic(runtimeError("runtime error: unsafe.Slice: ptr is nil and len is not zero"))
	case v.IsNil():
		return reflect.Zero(reflect.SliceOf(elem)).Interface()
	}
	if size := uintptr(n) * elem.Size(); size > 0 && uintptr(v.UnsafePointer())+size-1 < uintptr(v.UnsafePointer()) {
		panic(runtimeError("runtime error: unsafe.Slice: len out of range"))
	}
	header := struct {
		p        unsafe.Pointer
		len, cap int
	}{v.UnsafePointer(), n, n}
	return reflect.NewAt(reflect.SliceOf(elem), unsafe.Pointer(&header)).Elem().Interface()
}

func unsafeSliceData(slice any) any {
	v := reflect.ValueOf(slice)
	return reflect.NewAt(v.Type().Elem(), v.UnsafePointer()).Interface()
}

func unsafeString(p *byte, n int) string {
	switch {
	case n < 0:
		panic(runtimeError("runtime error: unsafe.String: len out of range"))
	case p == nil && n > 0:
		panic(runtimeError("runtime error: unsafe.String: ptr is nil and len is not zero"))
	case n > 0 && uintptr(unsafe.Pointer(p))+uintptr(n)-1 < uintptr(unsafe.Pointer(p)):
		panic(runtimeError("runtime error: unsafe.String: len out of range"))
	}
	return unsafe.String(p, n)
}
