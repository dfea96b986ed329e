package points

// NewTree is NewIndex without regard to whether the tree pays.
var NewTree = newTree
