package f32

// RandomLane is what the length of random fills must be a multiple of.
const RandomLane = 32

// Key names a stream of random numbers. The generator is counter-based
// (Threefry-2x32-20, Salmon et al. 2011): the number at a position is a function
// of key and position alone, whoever computes it and in whatever order.
type Key struct{ K0, K1 uint32 }

// NewKey derives the key of a stream from a seed, through SplitMix64's mixer
// (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014).
func NewKey(seed, stream uint64) Key {
	z := Mix(Mix(seed) + (stream+1)*0x9e3779b97f4a7c15)
	return Key{uint32(z), uint32(z >> 32)}
}

// Mix is the finaliser of SplitMix64: a bijection that spreads every bit over all.
func Mix(z uint64) uint64 {
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// Words returns the two random words at position (c0, c1).
func (k Key) Words(c0, c1 uint32) (uint32, uint32) {
	ks := [3]uint32{k.K0, k.K1, 0x1bd11bda ^ k.K0 ^ k.K1}
	rotations := [8]uint32{13, 15, 26, 6, 17, 29, 16, 24}
	x0, x1 := c0+ks[0], c1+ks[1]
	for r := range 20 {
		x0 += x1
		s := rotations[r%8]
		x1 = (x1<<s | x1>>(32-s)) ^ x0
		if r%4 == 3 {
			i := r/4 + 1
			x0 += ks[i%3]
			x1 += ks[(i+1)%3] + uint32(i)
		}
	}
	return x0, x1
}

// Source is a sequential source over one stream; it implements rand.Source of
// math/rand/v2.
type Source struct {
	Key   Key
	Count uint64
}

// Uint64 returns the next random word.
func (s *Source) Uint64() uint64 {
	a, b := s.Key.Words(uint32(s.Count>>32), uint32(s.Count))
	s.Count++
	return uint64(a)<<32 | uint64(b)
}

// Normal fills out with standard normal deviates from the positions (c0, c1),
// (c0, c1+1), ...: half as many as out is long. The length is a multiple of
// RandomLane.
func (k *Kernels) Normal(key Key, c0, c1 uint32, out []float32) {
	if n := lanes(len(out), RandomLane); n > 0 {
		k.normal(n, key.K0, key.K1, c0, c1, &out[0])
	}
}

// Dropout fills out with 1/keep at probability keep and 0 otherwise, from the
// positions that Normal would use. The length is a multiple of RandomLane.
func (k *Kernels) Dropout(key Key, c0, c1 uint32, keep float32, out []float32) {
	if n := lanes(len(out), RandomLane); n > 0 {
		k.dropout(n, key.K0, key.K1, c0, c1, keep, 1/keep, &out[0])
	}
}
