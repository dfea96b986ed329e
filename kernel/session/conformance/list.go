package main

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"arch2vec/native/aside"
)

// list is the kept list: sections of programs that fail for the same reason.
//
//	# a comment
//	== title of a section
//	path/of/program.go	what went wrong
type list struct {
	head     []string // comments before the first section
	sections []*section
}

type section struct {
	title   string
	entries []entry
}

type entry struct{ path, reason string }

// unsorted is the section of what nobody has looked at.
const unsorted = "not sorted yet"

func readList(file string) (*list, error) {
	l := &list{}
	b, err := os.ReadFile(file)
	if os.IsNotExist(err) {
		return l, nil
	} else if err != nil {
		return nil, err
	}
	for n, line := range strings.Split(string(b), "\n") {
		line = strings.TrimRight(line, " \r")
		switch {
		case line == "":
		case strings.HasPrefix(line, "#"):
			l.head = append(l.head, line)
		case strings.HasPrefix(line, "== "):
			l.section(line[3:])
		case len(l.sections) == 0:
			return nil, fmt.Errorf("%s:%d: a program before the first section", file, n+1)
		default:
			path, reason, _ := strings.Cut(line, "\t")
			s := l.sections[len(l.sections)-1]
			s.entries = append(s.entries, entry{path, reason})
		}
	}
	return l, nil
}

func (l *list) section(title string) *section {
	for _, s := range l.sections {
		if s.title == title {
			return s
		}
	}
	s := &section{title: title}
	l.sections = append(l.sections, s)
	return s
}

// find returns the index of the section that lists a program.
func (l *list) find(path string) (int, bool) {
	for i, s := range l.sections {
		for _, e := range s.entries {
			if e.path == path {
				return i, true
			}
		}
	}
	return 0, false
}

// update takes off what passes and adds what fails.
func (l *list) update(results []result) {
	for _, r := range results {
		i, known := l.find(r.path)
		switch {
		case r.reason == "" && known:
			s := l.sections[i]
			s.entries = slices.DeleteFunc(s.entries, func(e entry) bool { return e.path == r.path })
		case r.reason != "" && !known:
			s := l.section(unsorted)
			s.entries = append(s.entries, entry{r.path, r.reason})
		}
	}
	l.sections = slices.DeleteFunc(l.sections, func(s *section) bool { return len(s.entries) == 0 })
}

func (l *list) write(file string) error {
	var b strings.Builder
	for _, h := range l.head {
		fmt.Fprintln(&b, h)
	}
	for _, s := range l.sections {
		fmt.Fprintf(&b, "\n== %s\n", s.title)
		slices.SortFunc(s.entries, func(x, y entry) int { return strings.Compare(x.path, y.path) })
		for _, e := range s.entries {
			fmt.Fprintf(&b, "%s\t%s\n", e.path, e.reason)
		}
	}
	return aside.WriteBytes(file, 0o644, []byte(b.String()))
}
