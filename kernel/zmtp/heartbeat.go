package zmtp

// Heartbeat is a bound REP socket that returns each request as it is.
type Heartbeat struct {
	socket
}

// NewHeartbeat listens at endpoint: "tcp://127.0.0.1:0" or "ipc://PATH".
func NewHeartbeat(endpoint string, options Options) (*Heartbeat, error) {
	h := &Heartbeat{}
	h.receive = h.echo
	if err := h.open("REP", endpoint, options); err != nil {
		return nil, err
	}
	return h, nil
}

// echo answers a request: an envelope of routing frames, an empty frame, the
// body. A REP passes over a message without that empty frame.
func (h *Heartbeat) echo(p *peer, u unit) error {
	h.release(u.size)
	for i, part := range u.parts {
		if len(part) == 0 && i < len(u.parts)-1 {
			p.push(encodeMessage(u.parts))
			return nil
		}
	}
	return nil
}
