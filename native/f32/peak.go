package f32

// peakChains is the number of independent multiply-adds in a round of peak.
const peakChains = 12

// Peak does turns rounds of independent multiply-adds on one core, in registers
// alone, and returns how many floating-point operations they were. The time they
// took gives the most that the core can do with this instruction set, which the
// speed of real work can be compared with.
func (k *Kernels) Peak(turns int) (flops float64) {
	if turns <= 0 {
		return 0
	}
	k.peak(turns)
	return 2 * peakChains * float64(k.lanes) * float64(turns)
}

// peakGo is the arithmetic of Peak: each chain is a = a/2 + 1.
func peakGo(turns int) float32 {
	var a, b, c, d, e, f, g, h, i, j, k, l float32
	for range turns {
		a, b, c, d = a*0.5+1, b*0.5+1, c*0.5+1, d*0.5+1
		e, f, g, h = e*0.5+1, f*0.5+1, g*0.5+1, h*0.5+1
		i, j, k, l = i*0.5+1, j*0.5+1, k*0.5+1, l*0.5+1
	}
	return a + b + c + d + e + f + g + h + i + j + k + l
}
