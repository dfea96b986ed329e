package pickle

import (
	"errors"
	"fmt"
)

// container does an instruction that makes or fills a container.
func (d *Decoder) container(op byte) error {
	switch op {
	case '}':
		return d.make(&Dict{})
	case ']', 0x8f: // EMPTY_LIST, EMPTY_SET
		return d.make(&List{})
	case ')':
		return d.make(Tuple(nil))
	case 't', 'l', 0x91: // TUPLE, LIST, FROZENSET
		values, err := d.popMark()
		if err != nil {
			return err
		}
		copied := append([]any(nil), values...)
		if op == 't' {
			return d.make(Tuple(copied))
		}
		return d.make(&List{copied})
	case 0x85, 0x86, 0x87: // TUPLE1 to TUPLE3
		t := make(Tuple, op-0x84)
		for i := len(t) - 1; i >= 0; i-- {
			v, err := d.pop()
			if err != nil {
				return err
			}
			t[i] = v
		}
		return d.make(t)
	case 'd': // DICT
		values, err := d.popMark()
		if err != nil {
			return err
		}
		dict := &Dict{}
		if err := d.fill(dict, values); err != nil {
			return err
		}
		return d.make(dict)
	case 'a': // APPEND
		v, err := d.pop()
		if err != nil {
			return err
		}
		return d.extend([]any{v})
	case 'e', 0x90: // APPENDS, ADDITEMS
		values, err := d.popMark()
		if err != nil {
			return err
		}
		return d.extend(values)
	case 's': // SETITEM
		value, err := d.pop()
		if err != nil {
			return err
		}
		key, err := d.pop()
		if err != nil {
			return err
		}
		return d.set([]any{key, value})
	case 'u': // SETITEMS
		values, err := d.popMark()
		if err != nil {
			return err
		}
		return d.set(values)
	}
	return fmt.Errorf("no instruction 0x%02x", op)
}

// extend appends to the list on top.
func (d *Decoder) extend(values []any) error {
	top, err := d.top()
	if err != nil {
		return err
	}
	list, ok := top.(*List)
	if !ok {
		return errors.New("it appends to what is no list")
	}
	list.Items = append(list.Items, values...)
	return nil
}

// set puts keys and values into the dictionary on top.
func (d *Decoder) set(values []any) error {
	top, err := d.top()
	if err != nil {
		return err
	}
	dict, ok := top.(*Dict)
	if !ok {
		return errors.New("it sets an entry of what is no dictionary")
	}
	return d.fill(dict, values)
}

func (d *Decoder) fill(dict *Dict, values []any) error {
	if len(values)%2 != 0 {
		return errors.New("a key without a value")
	}
	if dict.Items == nil {
		dict.Items = make([]Item, 0, len(values)/2)
	}
	for i := 0; i < len(values); i += 2 {
		dict.Items = append(dict.Items, Item{values[i], values[i+1]})
	}
	if d.Filled == nil {
		return nil
	}
	return d.Filled(dict)
}
