//go:build amd64 && !noasm

package f32

import "golang.org/x/sys/cpu"

// native returns the assembly kernels that this processor and operating system
// can run, fastest first.
func native() []*Kernels {
	var k []*Kernels
	avx2 := cpu.X86.HasAVX2 && cpu.X86.HasFMA
	if avx2 && cpu.X86.HasAVX512F {
		k = append(k, avx512Kernels())
	}
	if avx2 {
		k = append(k, avx2Kernels())
	}
	return k
}

func avx512Kernels() *Kernels {
	return &Kernels{
		name: "avx512", lanes: 16,
		tileN: []tile{nil,
			tileN1AVX512, tileN2AVX512, tileN3AVX512, tileN4AVX512, tileN5AVX512, tileN6AVX512, tileN7AVX512,
			tileN8AVX512, tileN9AVX512, tileN10AVX512, tileN11AVX512, tileN12AVX512, tileN13AVX512, tileN14AVX512},
		tileT: []tile{nil,
			tileT1AVX512, tileT2AVX512, tileT3AVX512, tileT4AVX512, tileT5AVX512, tileT6AVX512, tileT7AVX512,
			tileT8AVX512, tileT9AVX512, tileT10AVX512, tileT11AVX512, tileT12AVX512, tileT13AVX512, tileT14AVX512},
		transpose:    transposeAVX2,
		normForward:  normForwardAVX512,
		affineReLU:   affineReLUAVX512,
		normBack:     normBackAVX512,
		normBackNear: normBackNearAVX512,
		latent:       latentAVX512,
		latentBack:   latentBackAVX512,
		nodeSums:     nodeSumsAVX512,
		aggregate:    aggregateAVX512,
		dot:          dotAVX512,
		adam:         adamAVX512,
		exp:          expAVX512,
		tanh:         tanhAVX512,
		crossEntropy: crossEntropyAVX512,
		normal:       normalAVX512,
		dropout:      dropoutAVX512,
		gram:         gramAVX512,
		gramBack:     gramBackAVX512,
		pause:        pause,
		peak:         peakAVX512,
		nearest:      nearestAVX512,
		readout:      readoutAVX512,
		readoutBack:  readoutBackAVX512,
	}
}

func avx2Kernels() *Kernels {
	return &Kernels{
		name: "avx2", lanes: 8,
		tileN: []tile{nil,
			tileN1AVX2, tileN2AVX2, tileN3AVX2, tileN4AVX2, tileN5AVX2, tileN6AVX2},
		tileT: []tile{nil,
			tileT1AVX2, tileT2AVX2, tileT3AVX2, tileT4AVX2, tileT5AVX2, tileT6AVX2},
		transpose:    transposeAVX2,
		normForward:  normForwardAVX2,
		affineReLU:   affineReLUAVX2,
		normBack:     normBackAVX2,
		normBackNear: normBackNearAVX2,
		latent:       latentAVX2,
		latentBack:   latentBackAVX2,
		nodeSums:     nodeSumsAVX2,
		aggregate:    aggregateAVX2,
		dot:          dotAVX2,
		adam:         adamAVX2,
		exp:          expAVX2,
		tanh:         tanhAVX2,
		crossEntropy: crossEntropyAVX2,
		normal:       normalAVX2,
		dropout:      dropoutAVX2,
		gram:         gramAVX2,
		gramBack:     gramBackAVX2,
		pause:        pause,
		peak:         peakAVX2,
		nearest:      nearestAVX2,
		readout:      readoutAVX2,
		readoutBack:  readoutBackAVX2,
	}
}
