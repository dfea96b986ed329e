package pickle

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
)

// Classes returns the names that a pickle may use. What they make is plain data:
// an OrderedDict a *Dict, a set a *List, a numpy scalar its number.
func Classes() []string {
	return []string{
		"_codecs.encode", // bytes, in protocol 2
		"builtins.set", "__builtin__.set",
		"collections.OrderedDict",
		"numpy.dtype",
		"numpy.core.multiarray.scalar", "numpy._core.multiarray.scalar",
	}
}

// ForbiddenError says that a pickle asked for a class that is not on the list.
type ForbiddenError struct{ Class string }

func (e *ForbiddenError) Error() string {
	return fmt.Sprintf("it asks for the class %.200s, which is refused (allowed are %s)", e.Class, strings.Join(Classes(), ", "))
}

// object does an instruction about classes.
func (d *Decoder) object(op byte) error {
	switch op {
	case 'c': // GLOBAL
		line, err := d.line()
		if err != nil {
			return err
		}
		module := string(line)
		if line, err = d.line(); err != nil {
			return err
		}
		return d.global(module, string(line))
	case 0x93: // STACK_GLOBAL
		name, err := d.pop()
		if err != nil {
			return err
		}
		module, err := d.pop()
		if err != nil {
			return err
		}
		m, ok1 := module.(string)
		n, ok2 := name.(string)
		if !ok1 || !ok2 {
			return errors.New("the name of a class is no text")
		}
		return d.global(m, n)
	case 'R', 0x81: // REDUCE, NEWOBJ
		args, err := d.pop()
		if err != nil {
			return err
		}
		f, err := d.pop()
		if err != nil {
			return err
		}
		c, ok1 := f.(class)
		t, ok2 := args.(Tuple)
		if !ok1 || !ok2 {
			return errors.New("it calls what is no class")
		}
		v, err := d.call(c, t)
		if err != nil {
			return fmt.Errorf("%s: %w", c, err)
		}
		return d.make(v)
	}
	state, err := d.pop() // BUILD
	if err != nil {
		return err
	}
	top, err := d.top()
	if err != nil {
		return err
	}
	switch v := top.(type) {
	case *dtype: // (version, byte order, ...)
		if t, ok := state.(Tuple); ok && len(t) > 1 {
			v.big = t[1] == any(">")
			return nil
		}
	case *Dict: // attributes of an OrderedDict, which nobody needs
		return nil
	}
	return errors.New("it gives a state to what has none")
}

// global finds a class.
func (d *Decoder) global(module, name string) error {
	full := module + "." + name
	if !slices.Contains(Classes(), full) {
		return &ForbiddenError{full}
	}
	return d.make(class(full))
}

// call is what the classes do.
func (d *Decoder) call(c class, args Tuple) (any, error) {
	switch c {
	case "_codecs.encode":
		if len(args) == 2 && args[1] == any("latin1") {
			if s, ok := args[0].(string); ok {
				return latin1(s)
			}
		}
		return nil, errors.New("want a text and latin1")
	case "builtins.set", "__builtin__.set":
		if len(args) == 0 {
			return &List{}, nil
		}
		if l, ok := args[0].(*List); ok && len(args) == 1 {
			return &List{append([]any(nil), l.Items...)}, nil
		}
		return nil, errors.New("want a list")
	case "collections.OrderedDict":
		return d.ordered(args)
	case "numpy.dtype":
		if len(args) > 0 {
			if kind, ok := args[0].(string); ok {
				return &dtype{kind: kind}, nil
			}
		}
		return nil, errors.New("want the name of a type")
	}
	if len(args) == 2 {
		t, ok1 := args[0].(*dtype)
		b, ok2 := args[1].([]byte)
		if ok1 && ok2 {
			return t.number(b)
		}
	}
	return nil, errors.New("want a type and bytes")
}

// ordered makes a dictionary of a list of pairs, the form of old Pythons, or an
// empty one.
func (d *Decoder) ordered(args Tuple) (any, error) {
	dict := &Dict{}
	if len(args) == 0 {
		return dict, nil
	}
	pairs, ok := args[0].(*List)
	if !ok || len(args) > 1 {
		return nil, errors.New("want a list of pairs")
	}
	for _, p := range pairs.Items {
		var pair []any
		switch p := p.(type) {
		case *List:
			pair = p.Items
		case Tuple:
			pair = p
		}
		if len(pair) != 2 {
			return nil, errors.New("want a list of pairs")
		}
		dict.Items = append(dict.Items, Item{pair[0], pair[1]})
	}
	if d.Filled == nil {
		return dict, nil
	}
	return dict, d.Filled(dict)
}

// latin1 returns the bytes that a text stands for, one a character.
func latin1(s string) ([]byte, error) {
	b := make([]byte, 0, len(s))
	for _, r := range s {
		if r > 0xff {
			return nil, errors.New("a character past latin1")
		}
		b = append(b, byte(r))
	}
	return b, nil
}

// number reads a scalar.
func (t *dtype) number(b []byte) (any, error) {
	var order binary.ByteOrder = binary.LittleEndian
	if t.big {
		order = binary.BigEndian
	}
	switch {
	case t.kind == "f8" && len(b) == 8:
		return math.Float64frombits(order.Uint64(b)), nil
	case t.kind == "f4" && len(b) == 4:
		return float64(math.Float32frombits(order.Uint32(b))), nil
	case t.kind == "i8" && len(b) == 8:
		return int64(order.Uint64(b)), nil
	case t.kind == "i4" && len(b) == 4:
		return int64(int32(order.Uint32(b))), nil
	}
	return nil, fmt.Errorf("no number of type %.20q has %d bytes", t.kind, len(b))
}
