package benchmark

import (
	"context"
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
)

// KnownFile is a file that a benchmark's authors publish.
type KnownFile struct {
	Name      string `json:"name"`
	Benchmark string `json:"benchmark,omitempty"` // the name it is imported under
	Size      string `json:"size,omitempty"`
	Hash      string `json:"hash,omitempty"`  // as far as it is published; the checksum's kind comes first
	Where     string `json:"where,omitempty"` // the page, or file, to download
	Note      string `json:"note"`
}

// ErrUnknownFile is the reason why Identify does not know a file.
var ErrUnknownFile = errors.New("no file that its authors publish a checksum of; or damaged, or another version")

// Identify says which of the published files a download is, by its checksum, and
// in any case its SHA-256 in hexadecimal. Progress may be nil.
func Identify(ctx context.Context, path string, progress func(done, total int64)) (match KnownFile, sha string, err error) {
	s, err := newSource(ctx, path, progress)
	if err != nil {
		return KnownFile{}, "", err
	}
	f, err := s.file("")
	if err != nil {
		return KnownFile{}, "", s.fail("", err)
	}
	defer f.Close()
	a, b := sha256.New(), md5.New()
	if _, err := io.CopyBuffer(io.MultiWriter(a, b), struct{ io.Reader }{f}, make([]byte, 1<<20)); err != nil {
		return KnownFile{}, "", s.fail("", err)
	}
	sha = hex.EncodeToString(a.Sum(nil))
	sum := hex.EncodeToString(b.Sum(nil))
	for _, k := range Known() {
		whole, isSHA := strings.CutPrefix(k.Hash, "SHA-256 ")
		end, isMD5 := strings.CutPrefix(k.Hash, "MD5 ends with ")
		if isSHA && sha == whole || isMD5 && strings.HasSuffix(sum, end) {
			return k, sha, nil
		}
	}
	return KnownFile{}, sha, fmt.Errorf("benchmark: %s: %w", path, ErrUnknownFile)
}

// Known lists the files that Read reads, in the order in which to prefer them.
func Known() []KnownFile {
	return []KnownFile{
		{"nasbench_only108.tfrecord", "nasbench101", "499 MB",
			"SHA-256 4c39c3936e36a85269881d659e44e61a245babcb72cb374eacacf75d0e5f4fd1",
			"https://storage.googleapis.com/nasbench/nasbench_only108.tfrecord", "NAS-Bench-101, the runs of 108 epochs"},
		{"nasbench_full.tfrecord", "nasbench101", "1.95 GB",
			"SHA-256 3d64db8180fb1b0207212f9032205064312b6907a3bbc81eabea10db2f5c7e9c",
			"https://storage.googleapis.com/nasbench/nasbench_full.tfrecord", "NAS-Bench-101, runs of 4, 12, 36 and 108 epochs"},
		{"NATS-tss-v1_0-3ffb9-simple.tar", "nasbench201", "", "5 digits of its MD5 are in its name",
			"https://github.com/D-X-Y/NATS-Bench#preparation-and-download", "NAS-Bench-201 with more runs; unpacked or not"},
		{"NATS-tss-v1_0-3ffb9.pickle.pbz2", "nasbench201", "", "5 digits of its MD5 are in its name",
			"https://github.com/D-X-Y/NATS-Bench#preparation-and-download", "the same in one file"},
		{"NAS-Bench-201-v1_1-096897.pth", "nasbench201", "4.7 GB", "MD5 ends with 096897",
			"https://github.com/D-X-Y/NAS-Bench-201#preparation-and-download", "NAS-Bench-201"},
		{"NAS-Bench-201-v1_0-e61699.pth", "nasbench201", "2.2 GB", "MD5 ends with e61699",
			"https://github.com/D-X-Y/NAS-Bench-201#preparation-and-download", "NAS-Bench-201 as arch2vec used it; the times of 200 epochs are estimates"},
		{"cifar10_valid_converged.json, cifar100.json, ImageNet16_120.json", "nasbench201", "", "",
			"https://github.com/MSU-MLSys-Lab/arch2vec#dataset-preparation-1", "what arch2vec's code makes of that; one of them, or their folder"},
		{"data.json", "nasbench101", "", "",
			"https://github.com/MSU-MLSys-Lab/arch2vec#dataset-preparation-on-nas-bench-101", "what arch2vec's code makes of nasbench_only108.tfrecord"},
		{"*.csv, *.csv.gz", "", "", "", "", "a table of one's own; the documentation of benchmark.ReadCSV has the columns"},
	}
}
