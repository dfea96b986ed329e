package jupyter

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"arch2vec/kernel/zmtp"
)

// inbox hands an input_reply to the cell that waits for one.
type inbox struct {
	turn sync.Mutex // one question at a time

	mu       sync.Mutex
	identity string // of the front end that was asked
	question string // id of the input_request
	answer   chan string
}

// expect begins to wait; the answer to an earlier question is not taken for this
// one's.
func (b *inbox) expect(identity, question string) <-chan string {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.identity, b.question, b.answer = identity, question, make(chan string, 1)
	return b.answer
}

func (b *inbox) forget() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.answer = nil
}

// deliver takes what arrives on the stdin socket. Some front ends name the
// question in the parent header and some send none.
func (b *inbox) deliver(r *request) {
	var c struct {
		Value string `json:"value"`
	}
	if r.header.Type != "input_reply" || unmarshalObject(r.content, &c) != nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.answer == nil || len(r.identities) == 0 || string(r.identities[0]) != b.identity {
		return
	}
	if r.parent.Type == "input_request" && r.parent.ID != b.question {
		return
	}
	b.answer <- c.Value
	b.answer = nil
}

// connectPatience is how long a front end that asked for a cell may take to
// connect its stdin socket.
const connectPatience = 2 * time.Second

// endOfInput is an answer that ends the input, as Ctrl-D does at a terminal.
const endOfInput = "\x04"

// askInput asks the front end that requested the cell for a line.
func (s *Server) askInput(ctx context.Context, cell *request, prompt string, password bool) (string, error) {
	s.input.turn.Lock()
	defer s.input.turn.Unlock()
	if len(cell.identities) == 0 {
		return "", errors.New("jupyter: input: the request names no front end")
	}
	s.out.flush() // what the cell printed so far belongs before the question
	parts, id, err := s.codec.encode("input_request", cell.raw, nil, map[string]any{"prompt": prompt, "password": password})
	if err != nil {
		return "", err
	}
	answer := s.input.expect(string(cell.identities[0]), id)
	defer s.input.forget()
	for end := time.Now().Add(connectPatience); ; {
		err := s.stdin.Send(append([][]byte{cell.identities[0]}, parts...))
		if err == nil {
			break
		}
		if !errors.Is(err, zmtp.ErrNoPeer) || time.Now().After(end) {
			return "", fmt.Errorf("jupyter: the front end takes no input: %w", err)
		}
		select {
		case <-ctx.Done():
			return "", ctx.Err()
		case <-time.After(10 * time.Millisecond):
		}
	}
	select {
	case text := <-answer:
		if text == endOfInput {
			return "", io.EOF
		}
		return text, nil
	case <-ctx.Done():
		return "", ctx.Err()
	}
}
