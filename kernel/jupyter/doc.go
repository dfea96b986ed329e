// Package jupyter is a Jupyter kernel over a [worker.Engine]: the messaging
// protocol, version 5.4, on the five sockets that a connection file names.
//
//	shell    execute, complete, inspect, history, is_complete, comm_info, kernel_info,
//	         and the messages of comms
//	control  interrupt and shutdown, answered while a cell runs, and all of the above
//	iopub    what cells show, and busy and idle around every request
//	stdin    input that a cell asks the front end for
//	hb       heartbeat
//
// Cells run one after another, in the order of their requests. The other requests
// are answered while a cell runs. A message whose signature is wrong is dropped
// before any of it is parsed.
//
// The protocol is described at
// https://jupyter-client.readthedocs.io/en/stable/messaging.html.
package jupyter
