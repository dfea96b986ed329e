package cell

import (
	"crypto/sha256"
	"encoding/hex"
)

// Digest identifies a set of cells: the SHA-256, in hexadecimal, of their graph
// hashes in lower-case hexadecimal, each followed by a newline. The hashes are to
// be in ascending order.
func Digest(sums [][HashSize]byte) string {
	all := sha256.New()
	var line [2*HashSize + 1]byte
	line[2*HashSize] = '\n'
	for i := range sums {
		hex.Encode(line[:], sums[i][:])
		all.Write(line[:])
	}
	return hex.EncodeToString(all.Sum(nil))
}
