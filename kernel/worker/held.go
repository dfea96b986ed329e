package worker

import (
	"encoding/binary"
	"fmt"
	"os"
	"syscall"
	"time"
)

// A cell that prints in a loop would spend most of its time in the system,
// writing to a pipe. Its text is therefore held back for a moment, in memory
// that the front shares: where the worker dies, however suddenly, the front
// finds what was not written yet.

const (
	heldSize = 256 << 10
	heldHead = 16 // stream and length, 8 bytes each
	// heldDelay is how long text is held. Only text that follows other text
	// within burst is: one print is written at once.
	heldDelay = 2 * time.Millisecond
	burst     = 50 * time.Microsecond
)

// held is memory that both processes see: a stream, a length and text.
type held struct{ memory []byte }

// newHeld makes the memory and the file through which the worker gets it.
func newHeld() (*held, *os.File, error) {
	f, err := memoryFile()
	if err != nil {
		return nil, nil, fmt.Errorf("worker: shared memory: %w", err)
	}
	if err := f.Truncate(heldSize); err != nil {
		_ = f.Close()
		return nil, nil, fmt.Errorf("worker: shared memory: %w", err)
	}
	h, err := mapHeld(int(f.Fd()))
	if err != nil {
		_ = f.Close()
	}
	return h, f, err
}

// inheritHeld is the worker's side.
func inheritHeld(fd int) (*held, error) {
	var st syscall.Stat_t
	if err := syscall.Fstat(fd, &st); err != nil || st.Mode&syscall.S_IFMT != syscall.S_IFREG || st.Size != heldSize {
		return nil, fmt.Errorf("worker: descriptor %d is not the memory that the front shares", fd)
	}
	h, err := mapHeld(fd)
	_ = syscall.Close(fd)
	return h, err
}

func mapHeld(fd int) (*held, error) {
	memory, err := syscall.Mmap(fd, 0, heldSize, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED)
	if err != nil {
		return nil, fmt.Errorf("worker: shared memory: %w", err)
	}
	return &held{memory}, nil
}

// text is what is held, of which stream. The front does not trust the length.
func (h *held) text() (s streamName, text []byte) {
	n := binary.NativeEndian.Uint64(h.memory[8:])
	if n > heldSize-heldHead {
		return 0, nil
	}
	return streamName(h.memory[0] & 1), h.memory[heldHead : heldHead+n]
}

// add appends text of the stream that is held; it reports whether there was room.
func (h *held) add(s streamName, p []byte) bool {
	_, text := h.text()
	if len(text)+len(p) > heldSize-heldHead {
		return false
	}
	h.memory[0] = byte(s)
	copy(h.memory[heldHead+len(text):], p)
	binary.NativeEndian.PutUint64(h.memory[8:], uint64(len(text)+len(p))) // counts from here on
	return true
}

func (h *held) clear() { binary.NativeEndian.PutUint64(h.memory[8:], 0) }

func (h *held) close() { _ = syscall.Munmap(h.memory) }
