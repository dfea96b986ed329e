package main

import (
	"fmt"
	"io"
	"strings"
)

// summary prints what changed against the kept list and returns the exit status.
func summary(w io.Writer, results []result, kept *list) int {
	passed, regressions := 0, 0
	var mended []string
	for _, r := range results {
		_, known := kept.find(r.path)
		switch {
		case r.reason == "":
			passed++
			if known {
				mended = append(mended, r.path)
			}
		case !known:
			regressions++
			fmt.Fprintf(w, "FAIL %s: %s\n", r.path, r.reason)
		}
	}
	fmt.Fprintf(w, "%d of %d programs pass", passed, len(results))
	for _, s := range kept.sections {
		n := 0
		for _, r := range results {
			if i, ok := kept.find(r.path); ok && kept.sections[i] == s && r.reason != "" {
				n++
			}
		}
		if n > 0 {
			fmt.Fprintf(w, "; %d: %s", n, s.title)
		}
	}
	fmt.Fprintln(w)
	if len(mended) > 0 {
		fmt.Fprintf(w, "no longer failing (-update takes them off the list): %s\n", strings.Join(mended, " "))
	}
	if regressions > 0 {
		fmt.Fprintf(w, "%d programs fail that are not on the list\n", regressions)
		return 1
	}
	return 0
}

// details is all that the failing programs printed.
func details(results []result) string {
	var b strings.Builder
	for _, r := range results {
		if r.reason == "" {
			continue
		}
		out := r.output
		if len(out) > 2000 {
			out = out[:2000] + "...\n"
		}
		fmt.Fprintf(&b, "=== %s (%.1f s): %s\n%s\n", r.path, r.took.Seconds(), r.reason, out)
	}
	return b.String()
}

func firstLine(s string) string {
	s, _, _ = strings.Cut(strings.TrimSpace(s), "\n")
	if len(s) > 160 {
		s = s[:160] + "..."
	}
	return s
}

// firstDifference shows the first line where two outputs differ.
func firstDifference(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range max(len(g), len(w)) {
		var a, b string
		if i < len(g) {
			a = g[i]
		}
		if i < len(w) {
			b = w[i]
		}
		if a != b {
			return fmt.Sprintf("line %d is %q, not %q", i+1, firstLine(a), firstLine(b))
		}
	}
	return "same lines"
}
