package jupyter

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"slices"
	"sync"
	"time"

	"arch2vec/kernel/worker"
	"arch2vec/kernel/zmtp"
)

// Options are what a kernel is made of.
type Options struct {
	// Engine runs the cells. The server closes it when it ends.
	Engine worker.Engine
	// IsComplete tells whether code can be run as it is: "complete",
	// "incomplete" (with the indent of the line to come), "invalid" or
	// "unknown". Nil: always unknown.
	IsComplete func(code string) (status, indent string)
	Banner     string // what a console shows at start
	Version    string // of this kernel
	// History is the file that keeps executed cells for later sessions, JSON
	// Lines; empty: only this session's are kept, in memory.
	History string
	// Log tells of ignored messages and lost peers; nil: nobody.
	Log *slog.Logger
}

// How long the parts of an orderly end may take.
const (
	stopCell   = time.Second     // for the running cell, before its engine is closed
	stopEngine = 5 * time.Second // for what waits for the engine, after that
	linger     = time.Second     // for the last messages to reach their peers
)

// How much may wait for a subscriber of iopub, and from where on a cell that
// floods is slowed down to the speed of its readers.
const (
	iopubQueue   = 256 << 20
	iopubBacklog = 16 << 20
)

// Server is a kernel on its five sockets.
type Server struct {
	options    Options
	connection Connection
	log        *slog.Logger
	codec      *codec
	history    *history
	out        *iopub

	shell, control, stdin *zmtp.Router
	pub                   *zmtp.Pub
	heartbeat             *zmtp.Heartbeat

	cells     *queue        // execute requests
	questions chan question // for the engine, beside the cells
	frames    chan question // on comms
	comms     comms
	input     inbox
	greeting  sync.Once          // waiting for the first subscriber
	stop      context.CancelFunc // ends Run
	wg        sync.WaitGroup     // of what Run starts
}

// New binds the sockets that connection names; a port of 0 stands for a free one,
// and Connection then tells which. Every address must be on this machine.
func New(connection Connection, options Options) (*Server, error) {
	if options.Engine == nil {
		return nil, errors.New("jupyter: Options.Engine is missing")
	}
	if err := connection.check(); err != nil {
		return nil, fmt.Errorf("jupyter: connection: %w", err)
	}
	if err := connection.checkLocal(); err != nil {
		return nil, err
	}
	s := &Server{options: options, connection: connection, log: options.Log, codec: newCodec(connection.Key)}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if err := s.bind(); err != nil {
		s.closeSockets(0)
		return nil, fmt.Errorf("jupyter: %w", err)
	}
	var err error
	if s.history, err = openHistory(options.History); err != nil {
		s.log.Warn("the history of earlier sessions is not available", "error", err)
	}
	s.out = &iopub{codec: s.codec, send: s.pub.Send, log: s.log}
	s.cells = newQueue()
	s.questions = make(chan question, maxQuestions)
	s.frames = make(chan question, maxFrames)
	return s, nil
}

// Serve binds the sockets and runs the kernel; see New and Run.
func Serve(ctx context.Context, connection Connection, options Options) error {
	s, err := New(connection, options)
	if err != nil {
		return err
	}
	return s.Run(ctx)
}

// Connection is where the kernel listens, with the ports that it has.
func (s *Server) Connection() Connection { return s.connection }

func (s *Server) bind() (err error) {
	c := &s.connection
	large := zmtp.Options{Listen: listen}
	small := zmtp.Options{Listen: listen, MaxMessage: 64 << 10, MaxHeld: 16 << 20}
	if s.shell, err = zmtp.NewRouter(c.endpoint(c.ShellPort), large); err != nil {
		return err
	}
	if s.control, err = zmtp.NewRouter(c.endpoint(c.ControlPort), large); err != nil {
		return err
	}
	if s.stdin, err = zmtp.NewRouter(c.endpoint(c.StdinPort), large); err != nil {
		return err
	}
	if s.heartbeat, err = zmtp.NewHeartbeat(c.endpoint(c.HBPort), small); err != nil {
		return err
	}
	small.Queue = iopubQueue
	if s.pub, err = zmtp.NewPub(c.endpoint(c.IOPubPort), small); err != nil {
		return err
	}
	for _, p := range []struct {
		port *int
		addr net.Addr
	}{
		{&c.ShellPort, s.shell.Addr()}, {&c.ControlPort, s.control.Addr()}, {&c.StdinPort, s.stdin.Addr()},
		{&c.HBPort, s.heartbeat.Addr()}, {&c.IOPubPort, s.pub.Addr()},
	} {
		if tcp, ok := p.addr.(*net.TCPAddr); ok {
			*p.port = tcp.Port
		}
	}
	return nil
}

// closeSockets gives the last messages time to arrive, on all sockets at once.
func (s *Server) closeSockets(linger time.Duration) {
	var wg sync.WaitGroup
	for _, r := range []*zmtp.Router{s.shell, s.control, s.stdin} {
		if r != nil {
			wg.Go(func() { _ = r.Close(linger) })
		}
	}
	if s.pub != nil {
		wg.Go(func() { _ = s.pub.Close(linger) })
	}
	if s.heartbeat != nil {
		wg.Go(func() { _ = s.heartbeat.Close(0) })
	}
	wg.Wait()
}

// Run serves until a front end asks for shutdown, ctx is cancelled, or the
// process that JPY_PARENT_PID names is gone; each is an orderly end and gives
// nil: the running cell is interrupted, requests that wait are answered as
// aborted, the engine is closed, and the last messages are delivered. An error
// is the engine's failure to close. Run is called once.
func (s *Server) Run(ctx context.Context) error {
	ctx, s.stop = context.WithCancel(ctx)
	defer s.stop()
	s.options.Engine.Background(func(e worker.Event) { s.show(ctx, s.out.outside(), e, nil) })
	s.out.publish("status", nil, statusContent{"starting"})
	for _, loop := range []func(context.Context){
		func(ctx context.Context) { s.receive(ctx, s.shell, s.dispatch) },
		func(ctx context.Context) { s.receive(ctx, s.control, s.dispatch) },
		func(ctx context.Context) { s.receive(ctx, s.stdin, s.input.deliver) },
		s.runCells,
		s.answerQuestions,
		s.deliverFrames,
		func(ctx context.Context) { watchParent(ctx, s.stop) },
	} {
		s.wg.Go(func() { loop(ctx) })
	}
	<-ctx.Done()

	s.cells.close()
	s.waitFor(stopCell)
	err := s.closeEngine()
	s.waitFor(stopEngine)
	s.out.flush()
	s.closeSockets(linger)
	if e := s.history.close(); e != nil {
		s.log.Warn("closing the history", "error", e)
	}
	if err != nil {
		return fmt.Errorf("jupyter: closing the engine: %w", err)
	}
	return nil
}

func (s *Server) closeEngine() error {
	closed := make(chan error, 1)
	go func() { closed <- s.options.Engine.Close() }()
	select {
	case err := <-closed:
		return err
	case <-time.After(stopEngine):
		return errors.New("it is still not closed")
	}
}

// waitFor waits until everything that Run started has ended, but not for ever:
// the process ends in any case.
func (s *Server) waitFor(limit time.Duration) {
	done := make(chan struct{})
	go func() {
		s.wg.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(limit):
	}
}

// request is a message that wants a reply.
type request struct {
	*message
	from  *zmtp.Router
	since time.Time
	done  chan struct{} // closed when a cell has been dealt with
}

// wait waits until a cell has been dealt with, at most for patience, and reports
// whether it has been. There is nothing to wait for in a nil request.
func (r *request) wait(ctx context.Context, patience time.Duration) bool {
	if r == nil {
		return false
	}
	select {
	case <-r.done:
		return true
	case <-ctx.Done():
	case <-time.After(patience):
	}
	return false
}

// receive reads a socket. What cannot be read is dropped: nothing that arrives
// ends the kernel.
func (s *Server) receive(ctx context.Context, from *zmtp.Router, handle func(*request)) {
	for {
		parts, err := from.Recv(ctx)
		if err != nil {
			return
		}
		m, err := s.codec.decode(parts)
		if err != nil {
			s.log.Debug("message ignored", "error", err)
			continue
		}
		handle(&request{message: m, from: from, since: time.Now(), done: make(chan struct{})})
	}
}

// reply answers a request on the socket that it came from.
func (s *Server) reply(r *request, kind string, content any) {
	status := "ok"
	switch c := content.(type) {
	case errorContent:
		status = c.Status
	case executeReply:
		status = c.Status
	}
	metadata := map[string]any{"started": r.since.UTC().Format(time.RFC3339Nano), "status": status}
	parts, _, err := s.codec.encode(kind, r.raw, metadata, content)
	if err == nil {
		err = r.from.Send(append(slices.Clone(r.identities), parts...))
	}
	if err != nil {
		s.log.Debug("message not sent", "type", kind, "error", err)
	}
}
