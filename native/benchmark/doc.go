// Package benchmark says what a cell scores: validation and test accuracy, and
// the cost of finding out.
//
// An Oracle answers for one cell at a time. A Table is an Oracle that knows
// every cell of an enumerated space; it is one selection (Runs: data set, length
// of training, seeds, split) out of Data, which is all that a benchmark's file
// holds. Accuracies are in percent, times and costs in seconds.
//
// # What a score is, unless asked otherwise
//
// NAS-Bench-201 has, for CIFAR-10, two kinds of training: on half of the training
// images, validated on the other half ("cifar10-valid"), and on all of them.
// Validation is that of the first kind, Test that of the second, on the 10,000
// test images. On CIFAR-100 and ImageNet16-120 one training gives both, on the two
// halves of what was the test set ("x-valid", "x-test"). Both are after 200
// epochs, the mean over all seeds of the file. The cost is what arch2vec's
// published code charges: the training time of 200 epochs, but on CIFAR-10 12/200
// of that of the cifar10-valid run.
//
// NAS-Bench-101 has one kind of training on CIFAR-10, validated on 10,000 held-out
// training images: the mean over three runs of 108 epochs, and the cost is their
// mean training time. Where a file has no validation accuracy, the test accuracy
// stands in for it, and Table.Describe says so.
package benchmark
