// Package worker keeps the user's code in a process of its own.
//
// The front process (the Jupyter kernel, the prompt, the headless notebook
// runner) holds a [Client]; the worker process runs [Serve], which evaluates
// cells in a session. Whatever a cell does to its process, the front lives on:
// it says what happened, and the next cell runs in a fresh worker.
//
// # Between the processes
//
// Requests go to the worker's descriptor 3 and messages come back on its
// descriptor 4, one JSON object a line. The worker's standard output and
// standard error are pipes too, so everything that anybody prints is seen:
// interpreted code, native code, programs that a cell starts, and the runtime
// when it reports a crash.
//
// Three pipes have no common order. The worker therefore writes a marker, a
// number behind a secret of this process, into both streams before every
// message. The front takes the markers out again and holds a message back until
// it has seen its marker in both streams: what was printed before a picture is
// shown before it, and what was printed after it, after.
//
// # Interrupting
//
// An interrupt cancels the context of the running cell. A cell that does not
// end within the grace time, or is interrupted again, takes its worker with it.
package worker
