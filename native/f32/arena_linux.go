package f32

import (
	"syscall"
	"unsafe"
)

// inLargePages asks the system to back memory that was not touched yet by large
// pages. It is a hint: whether the system follows it changes nothing but speed.
func inLargePages(s []float32) {
	_ = syscall.Madvise(unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(s))), 4*len(s)), syscall.MADV_HUGEPAGE)
}
