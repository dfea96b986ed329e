// Package figure draws: cells as graphs (SVG), curves and point clouds in one
// style (gonum/plot).
package figure
