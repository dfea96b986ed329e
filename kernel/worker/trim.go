package worker

import (
	"bufio"
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// Trim gives the system back the pages of the program's code and constants that
// only its start needed; they come back from the page cache when they are used.
// A kernel that waits, and there may be many, then takes little memory. Where
// the system does not tell what is mapped, nothing happens.
func Trim() {
	exe, err := os.Readlink("/proc/self/exe")
	if err != nil {
		return
	}
	maps, err := os.Open("/proc/self/maps")
	if err != nil {
		return
	}
	defer maps.Close()
	for lines := bufio.NewScanner(maps); lines.Scan(); {
		var start, end uintptr
		var rights string
		if _, err := fmt.Sscanf(lines.Text(), "%x-%x %s", &start, &end, &rights); err != nil {
			continue
		}
		// Never what is writable: its pages would lose what was written.
		if strings.HasSuffix(lines.Text(), " "+exe) && !strings.Contains(rights, "w") {
			_, _, _ = unix.Syscall(unix.SYS_MADVISE, start, end-start, unix.MADV_DONTNEED)
		}
	}
}
