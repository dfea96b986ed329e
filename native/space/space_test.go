package space_test

import (
	"fmt"
	"strings"
	"testing"

	"arch2vec/native/space"
)

func TestOpen(t *testing.T) {
	for _, name := range space.Names() {
		s, err := space.Open(name)
		if err != nil || s.Name() != name {
			t.Errorf("Open(%q): %v, %v", name, s, err)
		}
	}
	if _, err := space.Open("nosuchspace"); err == nil || !strings.Contains(err.Error(), "nasbench201") {
		t.Errorf("an unknown name gives %v, want an error that lists the known ones", err)
	}
}

func Example() {
	s, err := space.Open("nasbench201")
	if err != nil {
		panic(err)
	}
	arch, _ := s.Format(s.Cell(0))
	fmt.Println(s.Len(), "cells; the first is", arch)
	// Output: 15625 cells; the first is |nor_conv_1x1~0|+|nor_conv_1x1~0|nor_conv_1x1~1|+|nor_conv_1x1~0|nor_conv_1x1~1|nor_conv_1x1~2|
}
