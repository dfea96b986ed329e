package pickle

// The values of a pickle are nil, bool, int64, float64, string, []byte, Tuple,
// *List, *Dict, Forgotten and, for integers past 64 bits and for what numpy calls
// a dtype, values that nobody looks into.

// Tuple is a Python tuple.
type Tuple []any

// List is a Python list, set or frozenset.
type List struct{ Items []any }

// Item is an entry of a Dict.
type Item struct{ Key, Value any }

// Dict is a Python dict or OrderedDict, in the order of insertion.
type Dict struct {
	Items []Item
	// Taken is for the user: what it made of the dictionary.
	Taken any
}

// Get returns the value of a key that is a string or an int64; nil, which is also
// Python's None, when there is none.
func (d *Dict) Get(key any) any {
	v, _ := d.Find(key)
	return v
}

// Find is Get that tells None from what is not there.
func (d *Dict) Find(key any) (any, bool) {
	for i := len(d.Items) - 1; i >= 0; i-- { // the last one set counts
		switch k := d.Items[i].Key.(type) {
		case string, int64:
			if k == key {
				return d.Items[i].Value, true
			}
		}
	}
	return nil, false
}

// Forgotten stands for an object that Decoder.Forget dropped.
type Forgotten struct{}

// class is a name of the closed list.
type class string

// dtype is numpy's type of a scalar.
type dtype struct {
	kind string // such as "f8"
	big  bool   // byte order
}
