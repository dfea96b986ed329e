package main

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// size is a number of bytes on the command line: "4GB", "512 MB", "1048576".
// K, M, G and T are powers of 1024, with or without B or iB.
type size int64

const sizeUnits = "KMGT"

// UnmarshalText implements encoding.TextUnmarshaler.
func (s *size) UnmarshalText(text []byte) error {
	number := strings.ToUpper(strings.TrimSpace(string(text)))
	number = strings.TrimSuffix(number, "B")
	factor := 1.0
	if cut := strings.TrimSuffix(number, "I"); cut != "" {
		if i := strings.IndexByte(sizeUnits, cut[len(cut)-1]); i >= 0 {
			factor = math.Pow(1024, float64(i+1))
			number = cut[:len(cut)-1]
		}
	}
	n, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	if err != nil || !(n >= 0) || n*factor >= math.MaxInt64 {
		return fmt.Errorf("%q is no size; write bytes, or such as 512MB or 4GB", text)
	}
	*s = size(n * factor)
	return nil
}

// String gives the size in the largest unit that divides it.
func (s size) String() string {
	for i := len(sizeUnits); i > 0; i-- {
		if unit := size(1) << (10 * i); s != 0 && s%unit == 0 {
			return fmt.Sprintf("%d%cB", s/unit, sizeUnits[i-1])
		}
	}
	return strconv.FormatInt(int64(s), 10)
}
