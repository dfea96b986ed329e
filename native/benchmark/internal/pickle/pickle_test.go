package pickle_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"reflect"
	"strings"
	"testing"

	"arch2vec/native/benchmark/internal/pickle"
)

func Example() {
	// pickle.dumps({"accuracy": 93.5, "epochs": 12}, 2)
	text := "\x80\x02}q\x00(X\x08\x00\x00\x00accuracyq\x01G@W`\x00\x00\x00\x00\x00X\x06\x00\x00\x00epochsq\x02K\x0cu."
	v, err := pickle.NewDecoder(strings.NewReader(text)).Decode()
	if err != nil {
		panic(err)
	}
	fmt.Println(v.(*pickle.Dict).Get("accuracy"))
	_, err = pickle.NewDecoder(strings.NewReader("cos\nsystem\n(S'echo'\ntR.")).Decode()
	fmt.Println(strings.HasPrefix(err.Error(), "pickle, byte 0: it asks for the class os.system, which is refused"))
	// Output:
	// 93.5
	// true
}

// TestValues decodes what Python's pickle writes of each kind, in several
// protocols.
func TestValues(t *testing.T) {
	for _, c := range []struct {
		text string
		want any
	}{
		{"N.", nil},
		{"\x80\x02\x88.", true},
		{"I01\n.", true},
		{"I-17\n.", int64(-17)},
		{"L123456789012L\n.", int64(123456789012)},
		{"\x80\x02K\xff.", int64(255)},
		{"\x80\x02M\xff\xff.", int64(65535)},
		{"\x80\x02J\xfe\xff\xff\xff.", int64(-2)},
		{"\x80\x02\x8a\x00.", int64(0)},
		{"\x80\x02\x8a\x01\xff.", int64(-1)},
		{"\x80\x02\x8a\x08\x00\x00\x00\x00\x00\x00\x00\x80.", int64(math.MinInt64)},
		{"F1.5\n.", 1.5},
		{"\x80\x02G\xbf\xf0\x00\x00\x00\x00\x00\x00.", -1.0},
		{"S'it'\n.", "it"},
		{"Vtext\n.", "text"},
		{"\x80\x04\x8c\x02hi.", "hi"},
		{"\x80\x03C\x02\x00\xff.", []byte{0, 255}},
		{"\x80\x02K\x01K\x02\x86.", pickle.Tuple{int64(1), int64(2)}},
		{"(K\x01K\x02K\x03K\x04t.", pickle.Tuple{int64(1), int64(2), int64(3), int64(4)}},
		{"]q\x00(K\x01h\x00e0]K\x05a.", &pickle.List{Items: []any{int64(5)}}},
		{"\x80\x04\x8f\x94(K\x07\x90.", &pickle.List{Items: []any{int64(7)}}},
		{"c__builtin__\nset\n(]K\x07atR.", &pickle.List{Items: []any{int64(7)}}},
		{"(S'a'\nK\x01d.", &pickle.Dict{Items: []pickle.Item{{Key: "a", Value: int64(1)}}}},
		{"ccollections\nOrderedDict\n)RS'a'\nK\x01s.", &pickle.Dict{Items: []pickle.Item{{Key: "a", Value: int64(1)}}}},
		{"ccollections\nOrderedDict\n](](S'a'\nK\x01ee\x85R.", &pickle.Dict{Items: []pickle.Item{{Key: "a", Value: int64(1)}}}},
		// numpy.float64(0.5), numpy.int64(-1)
		{"cnumpy.core.multiarray\nscalar\n(cnumpy\ndtype\n(S'f8'\nK\x00K\x01tR(K\x03S'<'\nNNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tbC\x08\x00\x00\x00\x00\x00\x00\xe0\x3ftR.", 0.5},
		{"cnumpy.core.multiarray\nscalar\n(cnumpy\ndtype\n(S'i8'\ntR(K\x03S'>'\ntbC\x08\xff\xff\xff\xff\xff\xff\xff\xfftR.", int64(-1)},
		{"cnumpy.core.multiarray\nscalar\n(cnumpy\ndtype\n(S'f4'\ntRc_codecs\nencode\n(V\x00\x00\x00?\nVlatin1\ntRtR.", 0.5},
	} {
		got, err := pickle.NewDecoder(strings.NewReader(c.text)).Decode()
		if err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%q: %#v, %v; want %#v", c.text, got, err, c.want)
		}
	}
}

// TestRefusals checks what a damaged or hostile pickle is told, and where.
func TestRefusals(t *testing.T) {
	for _, c := range []struct {
		text   string
		offset int64
		says   string
	}{
		{"", 0, "breaks off"},
		{"\x80\x02K", 2, "breaks off"},
		{"\x80\x09.", 0, "protocol 9"},
		{"K\x01K\x02.", 4, "more than one value"},
		{".", 0, "stack is empty"},
		{"(0.", 2, "stack is empty"},
		{"t", 0, "no mark"},
		{"\xfe", 0, "no instruction 0xfe"},
		{"N\x80\x02cposix\nsystem\n", 3, "class posix.system"},
		{"\x80\x04\x8c\x08builtins\x8c\x04eval\x93.", 18, "class builtins.eval"},
		{"(ios\nsystem\n", 1, "refused"},
		{"\x80\x02\x82\x01", 2, "refused"},
		{"N)R.", 2, "no class"},
		{"ccollections\nOrderedDict\nK\x01\x85R.", 28, "list of pairs"},
		{"h\x05.", 0, "did not remember"},
		{"Nr\xff\xff\xff\x7f.", 1, "out of order"},
		{"X\xff\xff\xff\xff", 0, "a text of 4294967295 bytes"},
		{"\x80\x04\x8d\xff\xff\xff\xff\xff\xff\xff\xff", 2, "a text of 18446744073709551615 bytes"},
		{"}K\x01s", 3, "stack is empty"},
		{"}(K\x01u", 4, "key without a value"},
		{"NNa.", 2, "no list"},
		{"NNNs.", 3, "no dictionary"},
		{"Nb", 1, "stack is empty"},
		{"NNb", 2, "gives a state"},
		{"Ix\n", 0, "invalid syntax"},
		{"Q", 0, "weights"},
		{"cnumpy.core.multiarray\nscalar\n(cnumpy\ndtype\n(S'f8'\ntRC\x04abcdtR", 60, "has 4 bytes"},
	} {
		_, err := pickle.NewDecoder(strings.NewReader(c.text)).Decode()
		var where *pickle.Error
		if !errors.As(err, &where) || !strings.Contains(err.Error(), c.says) || where.Offset != c.offset {
			t.Errorf("%q: %v; want %q at byte %d", c.text, err, c.says, c.offset)
		}
	}
	var forbidden *pickle.ForbiddenError
	if _, err := pickle.NewDecoder(strings.NewReader("cos\nsystem\n")).Decode(); !errors.As(err, &forbidden) || forbidden.Class != "os.system" {
		t.Errorf("a forbidden class: %v", err)
	}
	if _, err := pickle.NewDecoder(strings.NewReader("X\x05\x00\x00\x00ab")).Decode(); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("a short text: %v", err)
	}
}

// TestHeld checks that what a pickle holds is bounded, and what dropping and
// forgetting gives back.
func TestHeld(t *testing.T) {
	// A dictionary of dictionaries of 100 entries each, all remembered.
	var b bytes.Buffer
	b.WriteString("\x80\x02}")
	const outer, inner = 1000, 100
	for i := range outer {
		fmt.Fprintf(&b, "I%d\n}\x94(", i)
		for k := range inner {
			fmt.Fprintf(&b, "K%cG\x00\x00\x00\x00\x00\x00\x00\x00", byte(k))
		}
		b.WriteString("us")
	}
	b.WriteByte('.')
	d := pickle.NewDecoder(bytes.NewReader(b.Bytes()))
	d.MaxHeld = 10_000
	if _, err := d.Decode(); err == nil || !strings.Contains(err.Error(), "more than 10000 values") {
		t.Errorf("a large pickle: %v", err)
	}
	d = pickle.NewDecoder(bytes.NewReader(b.Bytes()))
	d.MaxHeld = 10_000
	dropped, mark := 0, 0
	d.Filled = func(dict *pickle.Dict) error {
		if _, ok := dict.Items[0].Value.(float64); ok {
			dropped++
			d.Drop(dict)
			d.Forget(mark)
			mark = d.Mark()
		}
		return nil
	}
	v, err := d.Decode()
	if err != nil || dropped != outer {
		t.Fatalf("%v, %d dropped", err, dropped)
	}
	if n := len(v.(*pickle.Dict).Items); n != outer {
		t.Errorf("%d entries, want %d", n, outer)
	}
	forgotten := pickle.NewDecoder(strings.NewReader("]q\x00}K\x01K\x01sh\x00\x87."))
	forgotten.Filled = func(*pickle.Dict) error { forgotten.Forget(0); return nil }
	if v, err := forgotten.Decode(); err != nil || v.(pickle.Tuple)[2] != any(pickle.Forgotten{}) {
		t.Errorf("what was forgotten is %v, %v", v, err)
	}
}

// TestLongTexts checks that texts which no container takes in are bounded too.
func TestLongTexts(t *testing.T) {
	text := "X\x00\x00\x10\x00" + strings.Repeat("a", 1<<20)
	var texts []io.Reader
	for range 1000 {
		texts = append(texts, strings.NewReader(text))
	}
	_, err := pickle.NewDecoder(io.MultiReader(texts...)).Decode()
	if err == nil || !strings.Contains(err.Error(), "on the stack") {
		t.Errorf("a thousand texts of 1 MB: %v", err)
	}
}

func TestEnd(t *testing.T) {
	for text, end := range map[string]bool{"N.": true, "N.N.": false} {
		d := pickle.NewDecoder(strings.NewReader(text))
		if _, err := d.Decode(); err != nil {
			t.Fatal(err)
		}
		if err := d.End(); (err == nil) != end {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		"\x80\x02}q\x00(X\x01\x00\x00\x00aq\x01K\x01u.", "(S'a'\nK\x01d.", "ccollections\nOrderedDict\n](](S'a'\nK\x01ee\x85R.",
		"cnumpy.core.multiarray\nscalar\n(cnumpy\ndtype\n(S'f8'\nK\x00K\x01tR(K\x03S'<'\ntbC\x08\x00\x00\x00\x00\x00\x00\xe0\x3ftR.",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		d := pickle.NewDecoder(bytes.NewReader(b))
		d.MaxHeld = 1000
		_, err := d.Decode()
		var where *pickle.Error
		if err != nil && !errors.As(err, &where) {
			t.Errorf("%T: %v", err, err)
		}
	})
}
