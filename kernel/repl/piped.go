package repl

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
)

// piped reads cells from a stream without a prompt. A cell ends where its code
// is complete, so that a program arrives piece by piece and a reader of the
// output sees each result as it comes.
func (s *shell) piped(ctx context.Context) error {
	lines := make(chan string)
	stop := make(chan struct{})
	defer close(stop)
	var readErr error
	go func() { // reading cannot be cancelled; the reader is left behind when ctx is
		defer close(lines)
		in := bufio.NewReader(s.o.Stdin)
		for {
			line, err := in.ReadString('\n')
			if line != "" {
				select {
				case lines <- line:
				case <-stop:
					return
				}
			}
			if err != nil {
				if !errors.Is(err, io.EOF) {
					readErr = err
				}
				return
			}
		}
	}()
	var code strings.Builder
	for {
		select {
		case <-ctx.Done():
			return fmt.Errorf("repl: %w", ctx.Err())
		case line, more := <-lines:
			code.WriteString(line)
			if more {
				if strings.TrimSpace(code.String()) == "" {
					code.Reset()
					continue
				}
				if ok, _ := s.complete(code.String()); !ok {
					continue
				}
			}
			cell := code.String()
			code.Reset()
			if strings.TrimSpace(cell) != "" {
				failed, err := s.run(ctx, strings.TrimSuffix(cell, "\n"))
				switch {
				case ctx.Err() != nil:
					return fmt.Errorf("repl: %w", ctx.Err())
				case err != nil:
					return err
				case failed:
					return ErrFailed
				}
			}
			if !more {
				if readErr != nil {
					return fmt.Errorf("repl: read input: %w", readErr)
				}
				return nil
			}
		}
	}
}
