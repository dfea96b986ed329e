package worker

import (
	"context"

	"arch2vec/kernel/comm"
	"arch2vec/kernel/display"
	"arch2vec/kernel/session"
)

// What the session says crosses the process boundary as it is.
type (
	Error      = session.Error
	Completion = session.Completion
	Match      = session.Match
	Inspection = session.Inspection
)

// Engine is a running Go session as its front ends see it. The Jupyter kernel,
// the headless notebook runner and the prompt all talk to one; Client is the
// implementation, with the user's code in a process of its own.
//
// One Execute runs at a time; the other methods may be called while it runs.
type Engine interface {
	// Execute runs one cell and calls emit, in order and from one goroutine,
	// for everything that the cell shows. It returns when the cell has ended
	// and its last output was emitted. Cancelling ctx interrupts the cell.
	Execute(ctx context.Context, req Request, emit func(Event)) (Reply, error)

	Complete(ctx context.Context, code string, cursor int) (Completion, error)
	Inspect(ctx context.Context, code string, cursor, detail int) (Inspection, error)

	// Interrupt stops the running cell, if there is one: cooperatively at
	// first; when the cell does not end within a grace time, or at a second
	// call, the process is replaced and its variables are lost.
	Interrupt() error

	// Background sets where events go that arrive while no cell runs, such
	// as the output of goroutines that outlive theirs.
	Background(emit func(Event))

	// Restart replaces the process by a fresh one.
	Restart(ctx context.Context) error

	// Close ends the process and waits for it.
	Close() error
}

// Request asks for one cell to be run.
type Request struct {
	Code  string `json:"code"`
	Count int    `json:"count"` // execution counter, names the cell in errors: "cell[3]"
	// Silent suppresses the display of the last value.
	Silent bool `json:"silent,omitempty"`
	// Expressions are evaluated after a successful cell (Jupyter's user_expressions).
	Expressions map[string]string `json:"expressions,omitempty"`
	// Input, when not nil, answers reads from standard input (Jupyter's stdin channel).
	Input func(ctx context.Context, prompt string, password bool) (string, error) `json:"-"`
	// AllowInput says whether Input is there; it crosses the process boundary.
	AllowInput bool `json:"allow_input,omitempty"`
}

// EventKind tells what an Event carries.
type EventKind string

// The kinds of events; each carries the fields named beside it.
const (
	EventStream  EventKind = "stream"  // Stream, Text
	EventDisplay EventKind = "display" // Data
	EventUpdate  EventKind = "update"  // Data (with a display_id in Transient)
	EventClear   EventKind = "clear"   // Wait
	EventResult  EventKind = "result"  // Data: value of the cell's last expression
	EventError   EventKind = "error"   // Error
	EventComm    EventKind = "comm"    // Comm
)

// Event is one thing that a running cell shows.
type Event struct {
	Kind   EventKind     `json:"kind"`
	Stream string        `json:"stream,omitempty"` // "stdout" or "stderr"
	Text   string        `json:"text,omitempty"`
	Data   *display.Data `json:"data,omitempty"`
	Wait   bool          `json:"wait,omitempty"`
	Error  *Error        `json:"error,omitempty"`
	Comm   *comm.Frame   `json:"comm,omitempty"`
}

// Reply ends a cell.
type Reply struct {
	Error       *Error                     `json:"error,omitempty"` // nil when the cell succeeded
	Expressions map[string]ExpressionReply `json:"expressions,omitempty"`
	Payload     []map[string]any           `json:"payload,omitempty"`
}

// ExpressionReply is the value of one user expression, or why it has none.
type ExpressionReply struct {
	Data  *display.Data `json:"data,omitempty"`
	Error *Error        `json:"error,omitempty"`
}
