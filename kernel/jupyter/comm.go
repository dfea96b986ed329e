package jupyter

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"arch2vec/kernel/comm"
	"arch2vec/kernel/worker"
)

const (
	// maxFrames bounds the messages on comms that wait to be delivered.
	maxFrames = 10_000
	// A comm that is opened to an unknown target waits so long for the cells
	// that were requested before it, one of which may register the target.
	targetPatience = 2 * time.Second
)

// comms lists the open ones, for front ends that ask: by identifier, the target.
// It may be used concurrently.
type comms struct {
	mu   sync.Mutex
	open map[string]string
}

func (c *comms) note(f comm.Frame) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch f.Kind {
	case comm.Opening:
		if c.open == nil {
			c.open = map[string]string{}
		}
		c.open[f.ID] = f.Target
	case comm.Closing:
		delete(c.open, f.ID)
	}
}

// list gives the comms of a target; of all targets for none.
func (c *comms) list(target string) map[string]any {
	c.mu.Lock()
	defer c.mu.Unlock()
	found := map[string]any{}
	for id, t := range c.open {
		if target == "" || t == target {
			found[id] = map[string]string{"target_name": t}
		}
	}
	return found
}

func (s *Server) commInfo(r *request) any {
	var c struct {
		Target string `json:"target_name"` // null and "" for all
	}
	if err := unmarshalObject(r.content, &c); err != nil {
		return refusal("ValueError", err)
	}
	return map[string]any{"status": "ok", "comms": s.comms.list(c.Target)}
}

// frameContent is the content of comm_open, comm_msg and comm_close.
type frameContent struct {
	ID     string         `json:"comm_id"`
	Target string         `json:"target_name,omitempty"`
	Data   map[string]any `json:"data"`
}

// publishFrame sends a front end what the session says on a comm.
func (s *Server) publishFrame(parent json.RawMessage, f comm.Frame) {
	s.comms.note(f)
	data, metadata := f.Data, f.Metadata
	if data == nil {
		data = map[string]any{}
	}
	if metadata == nil {
		metadata = map[string]any{}
	}
	s.out.publishWith(string(f.Kind), parent, metadata, frameContent{f.ID, f.Target, data}, f.Buffers...)
}

// deliverFrames hands the messages on comms to the session, in their order, while
// cells run and between them.
func (s *Server) deliverFrames(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case r := <-s.frames:
			s.out.begin(r.raw, false)
			s.out.delivering(r.raw)
			s.deliverFrame(ctx, r)
			s.out.delivering(nil)
			s.out.end(r.raw, false)
		}
	}
}

func (s *Server) deliverFrame(ctx context.Context, r question) {
	var c frameContent
	if err := unmarshalObject(r.content, &c); err != nil || c.ID == "" {
		s.log.Debug("message on a comm ignored", "type", r.header.Type, "error", err)
		return
	}
	f := comm.Frame{Kind: comm.Kind(r.header.Type), ID: c.ID, Target: c.Target}
	f.Data, f.Buffers = c.Data, r.buffers
	_ = json.Unmarshal(r.metadata, &f.Metadata) // nothing depends on it
	s.comms.note(f)                             // before the session can close it
	accepted := s.toSession(ctx, f)
	if f.Kind != comm.Opening {
		return
	}
	if !accepted && r.after.wait(ctx, targetPatience) {
		accepted = s.toSession(ctx, f)
	}
	if !accepted { // nobody is at this end
		s.publishFrame(r.raw, comm.Frame{Kind: comm.Closing, ID: f.ID})
	}
}

func (s *Server) toSession(ctx context.Context, f comm.Frame) (accepted bool) {
	engine, ok := s.options.Engine.(worker.Commer)
	if !ok {
		return false
	}
	accepted, err := engine.Comm(ctx, f)
	if err != nil {
		s.log.Debug("message on a comm not delivered", "error", err)
	}
	return accepted
}
