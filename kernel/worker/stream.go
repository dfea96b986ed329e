package worker

import (
	"bytes"
	"os"
	"time"
)

// streamName is one of a worker's standard streams.
type streamName int

const (
	stdout streamName = iota
	stderr
)

func (s streamName) String() string { return [...]string{"stdout", "stderr"}[s] }

// itemKind tells what an item carries.
type itemKind int

const (
	itemText    itemKind = iota // stream, text
	itemMarker                  // stream, seq
	itemMessage                 // message
	itemEOF                     // one of the three pipes has ended
	itemExit                    // exit
)

// item is one thing that came from a worker.
type item struct {
	kind    itemKind
	stream  streamName
	text    []byte
	seq     uint64
	message message
	exit    exitState
}

// settle is how long a stream is left alone after a read, so that a cell that
// prints line by line fills the pipe instead of waking the front at each.
const settle = 2 * time.Millisecond

// readStream passes on one of the standard streams. A message that waits for
// its marker kicks it out of its rest.
func (p *process) readStream(s streamName, f *os.File, kick <-chan struct{}) {
	defer f.Close()
	scanner := newMarkerScanner(p.nonce)
	text := func(b []byte) { p.items <- item{kind: itemText, stream: s, text: bytes.Clone(b)} }
	rest := time.NewTimer(0)
	defer rest.Stop()
	buf := make([]byte, 256<<10)
	for {
		n, err := f.Read(buf)
		marked := false
		scanner.scan(buf[:n], text, func(seq uint64) {
			marked = true
			p.items <- item{kind: itemMarker, stream: s, seq: seq}
		})
		if err != nil {
			scanner.finish(text)
			p.items <- item{kind: itemEOF}
			return
		}
		if marked || n == len(buf) {
			continue
		}
		rest.Reset(settle)
		select {
		case <-kick:
		case <-rest.C:
		}
	}
}

// readMessages passes on the messages; the answers to calls go to their callers.
func (p *process) readMessages(f *os.File, kicks ...chan struct{}) {
	defer f.Close()
	lines := newLineReader(f)
	for {
		var m message
		if err := lines.next(&m); err != nil {
			if !p.ended() && isBroken(err) {
				p.kill(&Error{Name: "WorkerDied", Value: "the worker sent what is no message and was replaced; variables are lost: " + err.Error()})
			}
			p.items <- item{kind: itemEOF}
			return
		}
		if m.Op == opComplete || m.Op == opInspect {
			p.answer(m)
			continue
		}
		if m.Seq > 0 {
			for _, k := range kicks {
				select {
				case k <- struct{}{}:
				default:
				}
			}
		}
		p.items <- item{kind: itemMessage, message: m}
	}
}
