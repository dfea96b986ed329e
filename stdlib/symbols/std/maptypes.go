package std

import (
	"encoding"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log"
	"reflect"
)

// MapTypes lists the functions with parameters of type any that treat values
// with certain methods specially: the interpreter wraps an interpreted
// argument in the first of the interfaces that it implements. The functions
// are keyed by their values.
//
// It also names, by the wrapper of an interface, the composed wrappers for
// values that implement an optional interface besides.
func MapTypes() map[reflect.Value][]reflect.Type {
	m := map[reflect.Value][]reflect.Type{}
	put := func(types []reflect.Type, functions ...any) {
		for _, f := range functions {
			m[reflect.ValueOf(f)] = types
		}
	}
	put([]reflect.Type{typeOf[fmt.Formatter](), typeOf[fmt.Stringer]()},
		fmt.Append, fmt.Appendf, fmt.Appendln, fmt.Errorf,
		fmt.Fprint, fmt.Fprintf, fmt.Fprintln,
		fmt.Print, fmt.Printf, fmt.Println,
		fmt.Sprint, fmt.Sprintf, fmt.Sprintln,
		log.Fatal, log.Fatalf, log.Fatalln,
		log.Panic, log.Panicf, log.Panicln,
		log.Print, log.Printf, log.Println)
	put([]reflect.Type{typeOf[fmt.Scanner]()},
		fmt.Scan, fmt.Scanf, fmt.Scanln)
	put([]reflect.Type{typeOf[json.Marshaler](), typeOf[encoding.TextMarshaler]()},
		json.Marshal, json.MarshalIndent)
	put([]reflect.Type{typeOf[json.Unmarshaler](), typeOf[encoding.TextUnmarshaler]()},
		json.Unmarshal)
	put([]reflect.Type{typeOf[xml.Marshaler](), typeOf[encoding.TextMarshaler]()},
		xml.Marshal, xml.MarshalIndent)
	put([]reflect.Type{typeOf[xml.Unmarshaler](), typeOf[encoding.TextUnmarshaler]()},
		xml.Unmarshal)

	put([]reflect.Type{typeOf[responseHijacker]()}, (*_net_http_ResponseWriter)(nil))
	put([]reflect.Type{typeOf[readerWriterTo]()}, (*_io_Reader)(nil))
	put([]reflect.Type{typeOf[writerReaderFrom]()}, (*_io_Writer)(nil))
	return m
}

func typeOf[T any]() reflect.Type { return reflect.TypeFor[T]() }
