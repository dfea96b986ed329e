// Package zmtp is the bind side of ZeroMQ: ZMTP 3.0 with the NULL mechanism over
// TCP and Unix-domain sockets, for the three socket types that a Jupyter kernel
// needs. [Router] exchanges messages with DEALER and REQ peers, [Pub] publishes to
// SUB peers, and [Heartbeat] is a REP socket that returns every request.
//
// It is written to outlive its peers. A connection that says nothing ends at the
// handshake deadline and holds up nobody; what a peer announces is never
// allocated before it arrives; frames, messages and the bytes held for all peers
// have limits; a peer that does not read is dropped when its queue is full;
// malformed input closes the connection that it came from and no other. Close
// delivers what is queued, within a linger time, and leaves no goroutine.
//
// The protocol is 23/ZMTP (https://rfc.zeromq.org/spec/23/); of 37/ZMTP 3.1 the
// SUBSCRIBE, CANCEL, PING and PONG commands are understood.
package zmtp
