package magic

import (
	"strings"

	"arch2vec/kernel/display"
	"arch2vec/kernel/session"
)

// IsComplete is [session.IsComplete] for cells with magics.
func IsComplete(code string) (status, indent string) {
	if !hasMagic(code) {
		return session.IsComplete(code)
	}
	parts, bad := split(code)
	if bad != nil {
		if bad.unknown { // run it, so that the error says what there is
			return "complete", ""
		}
		return "invalid", ""
	}
	for _, p := range parts {
		if p.magic && p.command.TakesCode && strings.TrimSpace(code[p.args[0]:p.args[1]]) == "" && !strings.HasSuffix(code, "\n") {
			return "incomplete", ""
		}
	}
	return session.IsComplete(goOnly(code, parts))
}

// Complete lists what may stand at the cursor: the names of magics too.
func (s *Session) Complete(code string, cursor int) session.Completion {
	cursor = max(0, min(cursor, len(code)))
	if !hasMagic(code) {
		return s.current().Complete(code, cursor)
	}
	start := strings.LastIndexByte(code[:cursor], '\n') + 1
	typed := strings.TrimLeft(code[start:cursor], " \t")
	switch {
	case strings.HasPrefix(typed, "$"):
		return session.Completion{Start: cursor, End: cursor}
	case strings.HasPrefix(typed, "%") && !strings.ContainsAny(typed, " \t"):
		name := strings.TrimLeft(typed, "%")
		out := session.Completion{Start: cursor - len(name), End: cursor}
		for _, c := range Commands() {
			if strings.HasPrefix(c.Name, name) {
				out.Matches = append(out.Matches, session.Match{Text: c.Name, Kind: "magic",
					Signature: strings.TrimSpace("%" + c.Name + " " + c.Usage)})
			}
		}
		return out
	}
	parts, _ := split(code)
	return s.current().Complete(goOnly(code, parts), cursor)
}

// Inspect documents the name at the cursor, a magic's too.
func (s *Session) Inspect(code string, cursor int) session.Inspection {
	cursor = max(0, min(cursor, len(code)))
	if !hasMagic(code) {
		return s.current().Inspect(code, cursor)
	}
	parts, _ := split(code)
	for _, p := range parts {
		if p.magic && p.start <= cursor && cursor <= p.start+p.indent+len("%%")+len(p.command.Name) && p.command.Name != "$" {
			return document(p.command)
		}
	}
	return s.current().Inspect(goOnly(code, parts), cursor)
}

func document(c Command) session.Inspection {
	usage := strings.TrimSpace("%" + c.Name + " " + c.Usage)
	return session.Inspection{Found: true, Data: display.MakeData3(display.MIMETypeMarkdown,
		usage+"\n\n"+c.Help, "`"+usage+"`\n\n"+c.Help)}
}

// First returns the first magic in a cell as it is written, such as "%time" or
// "$", and its line; "" where there is none.
func First(code string) (name string, line int) {
	if !hasMagic(code) {
		return "", 0
	}
	parts, bad := split(code)
	for _, p := range parts {
		if !p.magic {
			continue
		}
		if p.command.Name == shell.Name {
			return shell.Name, p.line
		}
		return "%" + p.command.Name, p.line
	}
	if bad != nil {
		return strings.Fields(lineAt(code, bad.line))[0], bad.line
	}
	return "", 0
}
