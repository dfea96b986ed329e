package repl

import (
	"sync"

	"github.com/ergochat/readline"
)

// rawMode keeps the terminal raw while no cell runs. Readline leaves that mode
// after every line, and a key that comes then belongs to the terminal driver:
// Ctrl-C would be a signal, Ctrl-D an end of file that nobody reads.
type rawMode struct {
	mu          sync.Mutex
	enter, exit func() error
	raw, held   bool
}

// newRawMode takes over the mode of a readline that was made with cfg.
func newRawMode(cfg *readline.Config) *rawMode {
	m := &rawMode{enter: cfg.FuncMakeRaw, exit: cfg.FuncExitRaw}
	cfg.FuncMakeRaw, cfg.FuncExitRaw = m.begin, m.end
	return m
}

// hold keeps the mode, once readline begins it, until release.
func (m *rawMode) hold() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.held = true
}

// release gives the terminal back.
func (m *rawMode) release() {
	m.mu.Lock()
	m.held = false
	m.mu.Unlock()
	_ = m.end() // it fails where the terminal is gone, and the prompt ends by itself
}

func (m *rawMode) begin() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.raw {
		return nil // entered twice, readline would forget what to go back to
	}
	err := m.enter()
	m.raw = err == nil
	return err
}

func (m *rawMode) end() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.held || !m.raw {
		return nil
	}
	err := m.exit()
	m.raw = err != nil
	return err
}
