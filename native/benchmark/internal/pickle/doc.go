// Package pickle reads Python pickles as data, in a stream.
//
// A pickle is a program for a small stack machine that, in Python, can import any
// module and call anything. Here it can not: numbers, strings and containers are
// built; of classes there is the closed list of Classes, each a plain constructor
// of this package; every other name is an error that says it.
//
// The general libraries build the whole object in memory and believe every length
// that a file declares. The benchmarks' pickles have up to 5 GB, tens of times that
// in memory, so that a Decoder lets its user take what it wants out of each
// dictionary as soon as it is filled, and forget the rest; and nothing is allocated
// before its bytes are there.
package pickle
