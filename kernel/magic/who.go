package magic

import (
	"context"
	"fmt"
	"path"
	"strings"
	"unicode/utf8"

	"arch2vec/kernel/display"
	"arch2vec/kernel/session"
)

// whoWidth bounds a value in the list, in runes.
const whoWidth = 60

// who lists what the session's cells have declared. With arguments, which may
// be patterns such as acc*, only those.
func who(ctx context.Context, s *Session, c call) error {
	names := s.current().Names(ctx)
	patterns := strings.FieldsFunc(c.args, func(r rune) bool { return r == ' ' || r == ',' || r == '\t' })
	for _, p := range patterns {
		if _, err := path.Match(p, ""); err != nil {
			return fmt.Errorf("%%who %s: %w", p, err)
		}
	}
	var rows [][]any
	for _, n := range names {
		if len(patterns) > 0 && !matches(patterns, n.Name) {
			continue
		}
		rows = append(rows, []any{n.Name, n.Kind, n.Type, value(n)})
	}
	if len(rows) == 0 {
		if len(patterns) > 0 {
			return fmt.Errorf("%%who: nothing is named %s", strings.Join(patterns, " or "))
		}
		fmt.Fprintln(s.stdout(), "Nothing is declared yet.")
		return nil
	}
	return display.Display(display.Table([]string{"name", "kind", "type", "value"}, rows))
}

func matches(patterns []string, name string) bool {
	for _, p := range patterns {
		if ok, _ := path.Match(p, name); ok {
			return true
		}
	}
	return false
}

// value is the short text of a variable or constant.
func value(n session.Name) string {
	if !n.HasValue {
		return ""
	}
	text := strings.Join(strings.Fields(display.TextAs(n.Value, n.GoType)), " ")
	if utf8.RuneCountInString(text) > whoWidth {
		text = string([]rune(text)[:whoWidth-1]) + "…"
	}
	return text
}

// reset starts the session anew. Goroutines of earlier cells go on.
func reset(_ context.Context, s *Session, c call) error {
	if c.args != "" && c.args != "-f" {
		return fmt.Errorf("%%reset takes no arguments: %q", c.args)
	}
	return s.restart()
}
