package worker

import (
	"encoding/json"

	"arch2vec/kernel/display"
)

// wireData is display.Data between the processes. JSON alone would turn a
// picture's []byte into a string, and the front could no longer tell it from
// text.
type wireData struct {
	Data      map[string]wireValue `json:"data,omitempty"`
	Metadata  display.MIMEMap      `json:"metadata,omitempty"`
	Transient display.MIMEMap      `json:"transient,omitempty"`
}

// wireValue has one of its fields set.
type wireValue struct {
	Bytes []byte          `json:"bytes,omitempty"`
	JSON  json.RawMessage `json:"json,omitempty"`
}

func toWire(d *display.Data) (*wireData, error) {
	if d == nil {
		return nil, nil
	}
	w := &wireData{Metadata: d.Metadata, Transient: d.Transient, Data: map[string]wireValue{}}
	for mime, v := range d.Data {
		if b, ok := v.([]byte); ok && b != nil {
			w.Data[mime] = wireValue{Bytes: b}
			continue
		}
		j, err := json.Marshal(v)
		if err != nil {
			return nil, err
		}
		w.Data[mime] = wireValue{JSON: j}
	}
	return w, nil
}

func fromWire(w *wireData) (*display.Data, error) {
	if w == nil {
		return nil, nil
	}
	d := &display.Data{Data: display.MIMEMap{}, Metadata: w.Metadata, Transient: w.Transient}
	for mime, v := range w.Data {
		if v.JSON == nil {
			d.Data[mime] = v.Bytes
			continue
		}
		var x any
		if err := json.Unmarshal(v.JSON, &x); err != nil {
			return nil, err
		}
		d.Data[mime] = x
	}
	return d, nil
}

// wireReply is Reply between the processes.
type wireReply struct {
	Error       *Error                    `json:"error,omitempty"`
	Expressions map[string]wireExpression `json:"expressions,omitempty"`
	Payload     []map[string]any          `json:"payload,omitempty"`
}

type wireExpression struct {
	Data  *wireData `json:"data,omitempty"`
	Error *Error    `json:"error,omitempty"`
}

func replyToWire(r Reply) (*wireReply, error) {
	w := &wireReply{Error: r.Error, Payload: r.Payload}
	for name, x := range r.Expressions {
		d, err := toWire(x.Data)
		if err != nil {
			return nil, err
		}
		if w.Expressions == nil {
			w.Expressions = map[string]wireExpression{}
		}
		w.Expressions[name] = wireExpression{Data: d, Error: x.Error}
	}
	return w, nil
}

func replyFromWire(w *wireReply) (Reply, error) {
	r := Reply{Error: w.Error, Payload: w.Payload}
	for name, x := range w.Expressions {
		d, err := fromWire(x.Data)
		if err != nil {
			return Reply{}, err
		}
		if r.Expressions == nil {
			r.Expressions = map[string]ExpressionReply{}
		}
		r.Expressions[name] = ExpressionReply{Data: d, Error: x.Error}
	}
	return r, nil
}

// wireInspection is Inspection between the processes.
type wireInspection struct {
	Found bool      `json:"found"`
	Data  *wireData `json:"data,omitempty"`
}
