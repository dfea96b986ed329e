package darts

// fingerprint is a 64-bit graph hash: equal for exactly the cells whose graph
// hash (cell.Cell.Hash) is equal, but for the odd collision (one in 10^8 samples
// of the published size). It refines the nodes as that does, by their
// neighbours, as many times as there are nodes, with a mixing function in place
// of MD5, which makes it some twenty times as fast.
func (g *genes) fingerprint() uint64 {
	var labels, next [nodes]uint64
	for v := range labels {
		labels[v] = mix(uint64(v) + 1) // inputs and output: by their number
	}
	for k, pick := range g {
		labels[2+k] = mix(uint64(pick.op) + nodes + 1)
	}
	for range nodes {
		var in, out [nodes]uint64 // sums over the neighbours: their order does not matter
		for k, pick := range g {
			to := 2 + k
			first, last := pick.in, pick.in
			if pick.in >= 2 {
				first = 2 * (pick.in - 1)
				last = first + 1
			}
			for from := first; from <= last; from++ {
				in[to] += mix(labels[from] + 1)
				out[from] += mix(labels[to] + 2)
			}
			in[output] += mix(labels[to] + 1)
			out[to] += mix(labels[output] + 2)
		}
		for v := range next {
			next[v] = mix(labels[v] + 3*mix(in[v]+5) + 7*mix(out[v]+11))
		}
		labels = next
	}
	var sum uint64
	for _, l := range labels {
		sum += mix(l + 13)
	}
	return mix(sum)
}

// mix is the finaliser of SplitMix64 (Steele, Lea and Flood, 2014): a bijection
// that spreads every bit over all.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
