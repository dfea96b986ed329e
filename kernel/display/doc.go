// Package display shows rich values: text, HTML, Markdown, LaTeX, pictures,
// tables, plots and progress.
//
// A value is shown as a MIME bundle, [Data]: one content in one or more
// representations, always including text/plain. [Auto] makes one of any Go
// value, and the functions named after formats ([HTML], [PNG], [Math] ...) of
// content that is already in that format. Their names and signatures are those
// of gophernotes, so that its notebooks run unchanged.
//
// [Display] shows a bundle now; [NewHandle], [Update] and [Progress] replace
// what was shown before. In a notebook these reach the front end. In a compiled
// program, where no kernel called [Connect], they print the text/plain form, so
// that the same source runs in both.
package display
