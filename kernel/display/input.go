package display

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

// Asker is a [Publisher] that can ask the user.
type Asker interface {
	Ask(prompt string, password bool) (string, error)
}

// Input asks the user for a line, with the prompt beside the field where it is
// typed. It returns io.EOF where the user ends the input, and fails where
// nobody can be asked, as in a notebook that is executed without a front end.
// A compiled program asks on its standard streams.
func Input(prompt string) (string, error) { return ask(prompt, false) }

// Password is like [Input] for what nobody should see: the front end shows dots.
func Password(prompt string) (string, error) { return ask(prompt, true) }

func ask(prompt string, password bool) (string, error) {
	switch p := connected().(type) {
	case nil:
		if fd := int(os.Stdin.Fd()); password && term.IsTerminal(fd) {
			fmt.Print(prompt)
			line, err := term.ReadPassword(fd)
			fmt.Println()
			return string(line), err
		}
		return readLine(os.Stdin, os.Stdout, prompt)
	case Asker:
		return p.Ask(prompt, password)
	}
	return "", errors.New("display: this front end takes no input")
}

// readLine reads no further than the line's end: the rest is for others.
func readLine(in io.Reader, out io.Writer, prompt string) (string, error) {
	if _, err := fmt.Fprint(out, prompt); err != nil {
		return "", fmt.Errorf("display: prompt: %w", err)
	}
	line, err := bufio.NewReaderSize(oneByte{in}, 16).ReadString('\n')
	if err == io.EOF && line != "" {
		err = nil
	}
	return strings.TrimRight(line, "\r\n"), err
}

type oneByte struct{ io.Reader }

func (r oneByte) Read(p []byte) (int, error) { return r.Reader.Read(p[:min(len(p), 1)]) }
