package search

// Query is one question to the oracle and its answer: a line of a trace.
type Query struct {
	Query int    `json:"query"` // from 1
	Cell  string `json:"cell"`  // in the notation of the space
	// Validation and Test are accuracies in percent, Cost seconds; Time is the sum of
	// the costs up to here.
	Validation float64 `json:"validation"`
	Test       float64 `json:"test"`
	Cost       float64 `json:"cost"`
	Time       float64 `json:"time"`
	// Error is what the oracle failed with; the accuracies are then 0 and count for
	// nothing.
	Error string `json:"error,omitempty"`
}

// Trace is what one run asked, and heard, within its budget.
type Trace struct {
	Seed    uint64
	Queries []Query
}

// Best returns the position of the query with the highest validation accuracy,
// the first among equals; -1 when there is none.
func (t Trace) Best() int {
	best := -1
	for i, q := range t.Queries {
		if q.Error == "" && (best < 0 || q.Validation > t.Queries[best].Validation) {
			best = i
		}
	}
	return best
}

// Incumbents returns, for every query, the query with the highest validation
// accuracy up to then: what a search would answer if it ended there. Before the
// first answer it is the zero Query.
func (t Trace) Incumbents() []Query {
	incumbents := make([]Query, len(t.Queries))
	best := -1
	for i, q := range t.Queries {
		if q.Error == "" && (best < 0 || q.Validation > t.Queries[best].Validation) {
			best = i
		}
		if best >= 0 {
			incumbents[i] = t.Queries[best]
		}
	}
	return incumbents
}

// Failures returns the number of queries that the oracle failed to answer.
func (t Trace) Failures() int {
	n := 0
	for _, q := range t.Queries {
		if q.Error != "" {
			n++
		}
	}
	return n
}
