package pickle

import (
	"errors"
	"math"
)

// memo is what a pickle remembers, to refer to it later. A file of 5 GB remembers
// 170 million values, nearly all of them texts out of a few thousand: two bytes
// each.
type memo struct {
	index   []uint16
	texts   []any // boxed strings, by index-firstText
	numbers map[string]uint16
	others  map[int]any
	order   []int // keys of others that Forget may drop, ascending
}

const (
	other     = 0 // in others
	forgotten = 1
	firstText = 2
)

func (m *memo) len() int { return len(m.index) }

// text returns the string as a value, one and the same for equal strings.
func (m *memo) text(b []byte) any {
	if n, ok := m.numbers[string(b)]; ok {
		return m.texts[n-firstText]
	}
	s := string(b)
	if len(m.texts) >= math.MaxUint16-firstText || len(s) > 200 {
		return s
	}
	if m.numbers == nil {
		m.numbers = map[string]uint16{}
	}
	m.numbers[s] = uint16(len(m.texts) + firstText)
	m.texts = append(m.texts, any(s))
	return m.texts[len(m.texts)-1]
}

// put remembers a value under the next number. Python numbers in sequence; a file
// that does not could have us reserve memory it never fills.
func (m *memo) put(at uint64, v any) error {
	if at > uint64(len(m.index)) {
		return errors.New("it remembers values out of order")
	}
	if at == uint64(len(m.index)) {
		m.index = append(m.index, other)
	}
	if s, ok := v.(string); ok {
		if n, ok := m.numbers[s]; ok {
			delete(m.others, int(at))
			m.index[at] = n
			return nil
		}
	}
	if m.others == nil {
		m.others = map[int]any{}
	}
	m.index[at] = other
	m.others[int(at)] = v
	switch v.(type) {
	case *Dict, *List, Tuple, []byte, float64, int64:
		m.order = append(m.order, int(at))
	}
	return nil
}

func (m *memo) get(at uint64) (any, error) {
	if at >= uint64(len(m.index)) {
		return nil, errors.New("it refers to a value that it did not remember")
	}
	switch n := m.index[at]; n {
	case other:
		return m.others[int(at)], nil
	case forgotten:
		return Forgotten{}, nil
	default:
		return m.texts[n-firstText], nil
	}
}

func (m *memo) forget(since int) {
	n := len(m.order)
	for n > 0 && m.order[n-1] >= since {
		n--
		if at := m.order[n]; m.index[at] == other {
			delete(m.others, at)
			m.index[at] = forgotten
		}
	}
	m.order = m.order[:n]
}
