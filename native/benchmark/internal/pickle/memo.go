package pickle

import (
	"errors"
	"fmt"
	"math"
)

// memo is what a pickle remembers, to refer to it later. A file of 5 GB remembers
// 170 million values, nearly all of them texts out of a few thousand: two bytes
// each.
type memo struct {
	index   [][]uint16 // in pages, so that growing copies nothing
	size    int
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

// maxMemo is somewhat more than the largest file remembers.
const maxMemo = 1 << 28

// page is the length of a page of the index.
const page = 1 << 16

func (m *memo) len() int { return m.size }

func (m *memo) slot(at int) *uint16 { return &m.index[at/page][at%page] }

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
// It returns what it holds more than before.
func (m *memo) put(at uint64, v any) (more int, err error) {
	if at > uint64(m.size) {
		return 0, errors.New("it remembers values out of order")
	}
	fresh := at == uint64(m.size)
	if fresh {
		if at == maxMemo {
			return 0, fmt.Errorf("it remembers more than %d values", maxMemo)
		}
		if at%page == 0 {
			m.index = append(m.index, make([]uint16, page))
		}
		m.size++
	}
	if before, ok := m.others[int(at)]; ok {
		more = -weight(before)
		delete(m.others, int(at))
	}
	if s, ok := v.(string); ok {
		if n, ok := m.numbers[s]; ok {
			*m.slot(int(at)) = n
			return more, nil
		}
	}
	if m.others == nil {
		m.others = map[int]any{}
	}
	*m.slot(int(at)) = other
	m.others[int(at)] = v
	switch v.(type) {
	case *Dict, *List, Tuple, []byte, float64, int64:
		if fresh {
			m.order = append(m.order, int(at))
		}
	}
	return more + weight(v), nil
}

func (m *memo) get(at uint64) (any, error) {
	if at >= uint64(m.size) {
		return nil, errors.New("it refers to a value that it did not remember")
	}
	switch n := *m.slot(int(at)); n {
	case other:
		return m.others[int(at)], nil
	case forgotten:
		return Forgotten{}, nil
	default:
		return m.texts[n-firstText], nil
	}
}

// forget returns the weight of what it dropped.
func (m *memo) forget(since int) (dropped int) {
	n := len(m.order)
	for n > 0 && m.order[n-1] >= since {
		n--
		if at := m.order[n]; *m.slot(at) == other {
			dropped += weight(m.others[at])
			delete(m.others, at)
			*m.slot(at) = forgotten
		}
	}
	m.order = m.order[:n]
	return dropped
}
