// Package search finds good cells by asking an oracle about few of them: the
// methods of arch2vec's tables (Yan et al., NeurIPS 2020), and what runs, records
// and compares them.
//
// A method is an ask-and-tell [Strategy]: it proposes cells and is told what they
// scored. It never evaluates anything itself, so that a table, a trainer, an
// external command and a cluster all plug in at one place, the oracle.
//
// An [Experiment] runs one method with many seeds, on all cores. A run is a pure
// function of its settings, its seed and the oracle's answers; it leaves a [Trace],
// one line of JSON a query, from which it resumes after a kill by replaying the
// answers it had. Traces become numbers by [Summarize] and [RegretCurve]; methods are
// compared by analysis.Compare.
//
// [Methods] lists the methods. Each has default settings, which are those we hold
// right, and most have reference settings, which repeat what was published,
// defects included.
package search
