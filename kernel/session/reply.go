package session

import "arch2vec/kernel/display"

// Error is why a cell failed, in the three fields that Jupyter shows.
type Error struct {
	Name      string   `json:"name"`  // e.g. "TypeError", "panic", "SyntaxError", "Interrupted", "WorkerDied"
	Value     string   `json:"value"` // one line, with the cell's own line and column
	Traceback []string `json:"traceback"`
	Line      int      `json:"line,omitempty"`   // 1-based, in the cell; 0 when unknown
	Column    int      `json:"column,omitempty"` // 1-based, in bytes
}

// Completion lists what may stand at the cursor. Start and End are byte
// offsets in the code of the text that a match replaces.
type Completion struct {
	Matches []Match `json:"matches"`
	Start   int     `json:"start"`
	End     int     `json:"end"`
}

// Match is one completion: its text, and what it is ("function", "type",
// "variable", "constant", "field", "method", "package", "keyword") with its signature.
type Match struct {
	Text      string `json:"text"`
	Kind      string `json:"kind,omitempty"`
	Signature string `json:"signature,omitempty"`
}

// Inspection documents the name at the cursor.
type Inspection struct {
	Found bool         `json:"found"`
	Data  display.Data `json:"data"`
}
