// Package analysis looks into learned embeddings: principal components, and
// the summaries that tables print.
package analysis
