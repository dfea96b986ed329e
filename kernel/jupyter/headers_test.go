package jupyter

import (
	"encoding/json"
	"reflect"
	"testing"
)

// Headers as VS Code, JupyterLab and jupyter_client send them: whatever version
// and fields they have, the reply carries them back as its parent.
func TestHeadersOfClients(t *testing.T) {
	c := newClient(t, startKernel(t, Options{}))
	const content = `{"code":"print hi","silent":false,"store_history":true,"user_expressions":{},"allow_stdin":true,"stop_on_error":false}`
	for _, header := range []string{
		`{"date":"2026-01-02T03:04:05.678Z","msg_id":"3f0c-1","msg_type":"execute_request","session":"a-b","username":"","version":"5.2"}`,
		`{"msg_id":"2_1_2","msg_type":"execute_request","username":"root","session":"2","date":"2026-01-02T03:04:05.678901+00:00","version":"5.3"}`,
		`{"msg_id":"4","msg_type":"execute_request","username":"u","session":"4","date":"2026-01-02T03:04:05Z","version":"5.4","subshell_id":null}`,
		`{"version":"5.4","msg_type":"execute_request","msg_id":"5"}`,
	} {
		for _, metadata := range []string{`{}`, `{"deletedCells":[],"recordTiming":false,"cellId":"x","trusted":true}`} {
			h, p, m, body := []byte(header), []byte(`{}`), []byte(metadata), []byte(content)
			c.shell.sendParts([][]byte{[]byte(delimiter), sign(testKey, h, p, m, body), h, p, m, body})
			reply := c.recv(c.shell)
			var want object
			if err := json.Unmarshal(h, &want); err != nil {
				t.Fatal(err)
			}
			if reply.Content["status"] != "ok" || !reflect.DeepEqual(reply.Parent, want) {
				t.Errorf("%s: reply %v to %v", header, reply.Content, reply.Parent)
			}
			if got := reply.Header["version"]; got != protocolVersion {
				t.Errorf("version %v", got)
			}
			c.output(want["msg_id"].(string))
		}
	}
}
