package worker

import (
	"bytes"
	"strings"
	"time"
	"unicode/utf8"
)

// merger brings a worker's three pipes into one order and gives the result to
// the running cell, or to the background where no cell runs.
type merger struct {
	p          *process
	background func(Event)

	streams  [2]streamState
	messages []message // not delivered yet

	pending  []segment // text in order, not emitted yet
	size     int       // of pending
	flush    *time.Timer
	flushing bool          // flush is running
	interval time.Duration // between emissions of a cell that goes on printing
	last     time.Time     // of the last emission of text
}

// streamState is what a stream holds behind a marker that the message for it
// has not come to yet.
type streamState struct {
	queue []item
	tail  tail
	cut   []byte // the beginning of a rune
}

type segment struct {
	stream streamName
	text   []byte
}

// The first text after a pause is shown almost at once; while a cell goes on
// printing, it is emitted at growing intervals, or when there is much of it.
const (
	firstInterval = 5 * time.Millisecond
	lastInterval  = 100 * time.Millisecond
	maxPending    = 1 << 20
)

func newMerger(p *process, background func(Event)) *merger {
	m := &merger{p: p, background: background, interval: firstInterval, flush: time.NewTimer(time.Hour)}
	m.flush.Stop()
	return m
}

// run ends when the process and its pipes have.
func (m *merger) run() {
	var exit exitState
	for open := 4; open > 0; {
		select {
		case it := <-m.p.items:
			switch it.kind {
			case itemText, itemMarker:
				s := &m.streams[it.stream]
				s.queue = append(s.queue, it)
			case itemMessage:
				m.messages = append(m.messages, it.message)
			case itemEOF:
				open--
			case itemExit:
				exit = it.exit
				open--
			}
			m.advance()
			m.schedule()
		case <-m.flush.C:
			m.flushing = false
			m.emitText(false)
		}
	}
	m.finish(exit)
}

// advance delivers what has come to its place.
func (m *merger) advance() {
	for {
		for s := range m.streams {
			m.drain(streamName(s))
		}
		if len(m.messages) == 0 {
			return
		}
		next := m.messages[0]
		if next.Seq > 0 {
			if !m.at(stdout, next.Seq) || !m.at(stderr, next.Seq) {
				return
			}
			m.streams[stdout].queue = m.streams[stdout].queue[1:]
			m.streams[stderr].queue = m.streams[stderr].queue[1:]
		}
		m.messages = m.messages[1:]
		m.deliver(next)
	}
}

// drain makes the text before the next marker of a stream pending.
func (m *merger) drain(s streamName) {
	st := &m.streams[s]
	for len(st.queue) > 0 && st.queue[0].kind == itemText {
		m.addText(s, st.queue[0].text)
		st.queue = st.queue[1:]
	}
}

func (m *merger) at(s streamName, seq uint64) bool {
	q := m.streams[s].queue
	return len(q) > 0 && q[0].seq == seq
}

func (m *merger) addText(s streamName, text []byte) {
	m.streams[s].tail.write(text)
	m.size += len(text)
	if n := len(m.pending); n > 0 && m.pending[n-1].stream == s {
		m.pending[n-1].text = append(m.pending[n-1].text, text...)
		return
	}
	m.pending = append(m.pending, segment{s, text})
}

// schedule sets the time of the next emission.
func (m *merger) schedule() {
	if m.size >= maxPending {
		m.emitText(false)
	}
	if m.size == 0 || m.flushing {
		return
	}
	if time.Since(m.last) > lastInterval {
		m.interval = firstInterval
	} else {
		m.interval = min(2*m.interval, lastInterval)
	}
	m.flush.Reset(m.interval)
	m.flushing = true
}

// emitText emits the pending text. Unless it is complete, because a message
// follows it, a rune that is cut at its end is kept for the rest to come.
func (m *merger) emitText(complete bool) {
	pending := m.pending
	m.pending, m.size, m.last = nil, 0, time.Now()
	for _, seg := range pending {
		cut := &m.streams[seg.stream].cut
		text := append(*cut, seg.text...)
		*cut = nil
		if !complete {
			n := wholeRunes(text)
			text, *cut = text[:n], append([]byte(nil), text[n:]...)
		}
		m.emitStream(seg.stream, text)
	}
	if complete {
		for s := range m.streams {
			text := m.streams[s].cut
			m.streams[s].cut = nil
			m.emitStream(streamName(s), text)
		}
	}
}

func (m *merger) emitStream(s streamName, text []byte) {
	if len(text) == 0 {
		return
	}
	valid := string(text)
	if !utf8.Valid(text) { // which is told much faster than mended
		valid = strings.ToValidUTF8(valid, "\uFFFD")
	}
	m.emit(Event{Kind: EventStream, Stream: s.String(), Text: valid})
}

// wholeRunes returns the length of b without an unfinished rune at its end.
func wholeRunes(b []byte) int {
	for i := 1; i <= min(len(b), utf8.UTFMax-1); i++ {
		c := b[len(b)-i]
		if utf8.RuneStart(c) {
			if !utf8.FullRune(b[len(b)-i:]) {
				return len(b) - i
			}
			break
		}
	}
	return len(b)
}

func (m *merger) emit(e Event) {
	m.p.mu.Lock()
	x := m.p.running
	m.p.mu.Unlock()
	if x != nil {
		x.emit(e)
		return
	}
	m.background(e)
}

// deliver acts on a message; all that was printed before it is pending.
func (m *merger) deliver(msg message) {
	switch msg.Op {
	case opEvent:
		m.emitText(true)
		if msg.Event == nil {
			return
		}
		e := *msg.Event
		if e.Comm != nil {
			m.p.noteComm(*e.Comm)
		}
		data, err := fromWire(msg.Data)
		if err != nil {
			return
		}
		e.Data = data
		m.emit(e)
	case opInput:
		m.emitText(true)
		m.p.mu.Lock()
		x := m.p.running
		m.p.mu.Unlock()
		go m.p.answerInput(x, msg)
	case opComm:
		m.emitText(true)
		m.p.answer(msg)
	case opExecute:
		m.emitText(true)
		m.reply(msg)
	}
}

func (m *merger) reply(msg message) {
	m.p.mu.Lock()
	x := m.p.running
	m.p.mu.Unlock()
	if x == nil || x.id != msg.ID {
		return
	}
	r := Reply{}
	var err error
	if msg.Reply != nil {
		r, err = replyFromWire(msg.Reply)
	}
	if msg.Failure != "" || err != nil {
		text := msg.Failure
		if err != nil {
			text = err.Error()
		}
		r = Reply{Error: &Error{Name: "InternalError", Value: text, Traceback: []string{text}}}
	}
	m.end(x, r)
}

// end gives a cell its reply. What comes later is background.
func (m *merger) end(x *execution, r Reply) {
	if r.Error != nil {
		x.emit(Event{Kind: EventError, Error: r.Error})
	}
	m.p.mu.Lock()
	m.p.running = nil
	m.p.mu.Unlock()
	x.done <- r
}

// finish tells the running cell, or the background, why the process ended.
func (m *merger) finish(exit exitState) {
	m.flush.Stop()
	// Markers that lost their messages, and messages that lost their markers.
	for s := range m.streams {
		for _, it := range m.streams[s].queue {
			if it.kind == itemText {
				m.addText(streamName(s), it.text)
			}
		}
		m.streams[s].queue = nil
	}
	if s, text := m.p.held.text(); len(text) > 0 {
		m.addText(s, bytes.Clone(text))
	}
	m.p.held.close()
	for _, msg := range m.messages {
		msg.Seq = 0
		m.deliver(msg)
	}
	m.emitText(true)
	m.closeComms()

	m.p.mu.Lock()
	m.p.finished = true
	x, reason, died := m.p.running, m.p.reason, false
	if reason == nil {
		reason = exit.failure(m.streams[stderr].tail.String())
		m.p.reason = reason
		died = x == nil
	}
	m.p.died = died
	m.p.mu.Unlock()
	if len(reason.Traceback) == 0 {
		reason.Traceback = []string{reason.Value}
	}
	switch {
	case x != nil:
		m.end(x, Reply{Error: reason})
	case died:
		m.background(Event{Kind: EventError, Error: reason})
	}
	close(m.p.gone)
}
