package display

import (
	"bytes"
	"strings"
	"sync"
	"testing"
	"time"
)

// fakeProgress returns a Progress on a clock that the test moves.
func fakeProgress(total int, out progressOutput) (*Progress, func(time.Duration)) {
	now := time.Unix(0, 0)
	p := &Progress{title: "Training", total: total, out: out, now: func() time.Time { return now }}
	p.start()
	return p, func(d time.Duration) { now = now.Add(d) }
}

func TestProgressInNotebook(t *testing.T) {
	r := connect(t)
	p, sleep := fakeProgress(1000, &notebookProgress{})
	for range 1000 { // 2 s of work
		sleep(2 * time.Millisecond)
		p.Add(1)
	}
	p.Note("loss 0.5")
	p.Finish()
	p.Finish()
	p.Add(1)
	// The first, one every 100 ms, the complete one, the end.
	if n := len(r.shown); n < 20 || n > 23 {
		t.Errorf("%d messages for 2 s of work", n)
	}
	for i, d := range r.shown {
		if d.Transient["display_id"] != r.shown[0].Transient["display_id"] || r.updates[i] != (i > 0) {
			t.Fatalf("message %d is no update of the first", i)
		}
	}
	last := r.shown[len(r.shown)-1]
	want := "Training  [########################] 100%  1000/1000  00:02  500/s  loss 0.5"
	if last.Data[MIMETypeText] != want {
		t.Errorf("text %q\nwant %q", last.Data[MIMETypeText], want)
	}
	if h := last.Data[MIMETypeHTML].(string); !strings.Contains(h, "width:100.0%") {
		t.Errorf("HTML %s", h)
	}
	half := r.shown[10].Data[MIMETypeText].(string)
	if !strings.Contains(half, "50%  500/1000  00:01<00:01") {
		t.Errorf("half way: %q", half)
	}
}

func TestProgressLog(t *testing.T) {
	var b bytes.Buffer
	p, sleep := fakeProgress(4, &logProgress{w: &b})
	for range 4 {
		sleep(3 * time.Second)
		p.Add(1)
	}
	p.Finish()
	want := strings.Join([]string{
		"Training  [------------------------]   0%  0/4  00:00",
		"Training  [############------------]  50%  2/4  00:06<00:06  0.333/s",
		"Training  [########################] 100%  4/4  00:12  0.333/s",
	}, "\n") + "\n"
	if b.String() != want {
		t.Errorf("log\n%s\nwant\n%s", b.String(), want)
	}
}

func TestProgressUnknownTotal(t *testing.T) {
	r := connect(t)
	p := NewProgress("Reading", 0)
	p.Set(7)
	p.Finish()
	last := r.shown[len(r.shown)-1].Data[MIMETypeText].(string)
	if !strings.HasPrefix(last, "Reading  7  00:00") {
		t.Errorf("text %q", last)
	}
}

func TestProgressOnTerminal(t *testing.T) {
	var b bytes.Buffer
	p := &Progress{title: "Training", total: 10, now: time.Now}
	p.out = newTerminalProgress(p, &b)
	p.start()
	p.Note("loss 1")
	p.Set(10)
	p.Finish()
	if s := b.String(); !strings.Contains(s, "\r") || !strings.Contains(s, "10/10") || strings.Count(s, "\n") != 1 {
		t.Errorf("terminal shows %q", s)
	}
}

func TestProgressFromGoroutines(t *testing.T) {
	connect(t)
	p := NewProgress("Searching", 800)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 100 {
				p.Add(1)
			}
		})
	}
	wg.Wait()
	p.Finish()
	if p.done != 800 {
		t.Errorf("done = %d", p.done)
	}
}

func TestClock(t *testing.T) {
	for d, want := range map[time.Duration]string{0: "00:00", 61 * time.Second: "01:01", 3723 * time.Second: "1:02:03"} {
		if got := clock(d); got != want {
			t.Errorf("clock(%v) = %s, want %s", d, got, want)
		}
	}
}
