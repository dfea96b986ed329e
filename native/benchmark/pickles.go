package benchmark

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/bzip2"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"runtime"
	"strings"
	"sync"

	"arch2vec/native/benchmark/internal/pickle"
)

// The bounds of what a pickle may unpack to, and how many values of it are held. A
// cell of NATS-Bench has 0.3 MB and 50,000 values; the file of all cells is let go
// of cell by cell.
const (
	cellBytes  = 4 << 20
	cellValues = 1 << 20
	fileBytes  = 32 << 30
	fileValues = 2 << 20
)

const pickleSuffix = ".pickle.pbz2"

// readCell reads the pickle of one cell.
func (r *rows201) readCell(packed io.Reader, lock *sync.Mutex) error {
	d := pickle.NewDecoder(&limited{bzip2.NewReader(packed), cellBytes})
	d.MaxHeld = cellValues
	x := newDecoder201(d, func(trained map[trained201]run201, arch string) error {
		lock.Lock()
		defer lock.Unlock()
		return r.add(trained, arch)
	})
	if _, err := x.Decode(); err != nil {
		return err
	}
	return d.End()
}

// readNATS reads the folder NATS-tss-v1_0-3ffb9-simple of NATS-Bench: one file a
// cell.
func readNATS(s *source) (*Data, error) {
	entries, err := os.ReadDir(s.path)
	if err != nil {
		return nil, s.fail("", err)
	}
	var names []string
	for _, e := range entries {
		if isCellFile(e.Name()) {
			names = append(names, e.Name())
		}
	}
	rows := newRows201()
	var lock sync.Mutex
	err = inParallel(len(names), func(i int) error {
		f, err := s.file(names[i])
		if err != nil {
			return err
		}
		defer f.Close()
		return s.fail(names[i], rows.readCell(f, &lock))
	})
	if err != nil {
		return nil, err
	}
	data, err := rows.finish()
	return data, s.fail("", err)
}

// isCellFile tells 000000.pickle.pbz2 from meta.pickle.pbz2.
func isCellFile(name string) bool {
	number, ok := strings.CutSuffix(name, pickleSuffix)
	return ok && len(number) == 6 && strings.Trim(number, "0123456789") == ""
}

// readNATSTar reads the same folder as it is published, in a tar file.
func readNATSTar(s *source) (*Data, error) {
	f, err := s.file("")
	if err != nil {
		return nil, s.fail("", err)
	}
	defer f.Close()
	t := tar.NewReader(f)
	rows := newRows201()
	var lock sync.Mutex
	type member struct {
		name string
		data []byte
	}
	for {
		var some []member // unpacking takes most of the time, and can be done side by side
		for len(some) < 4*runtime.GOMAXPROCS(0) {
			h, err := t.Next()
			if err == io.EOF {
				break
			}
			if err != nil {
				return nil, s.fail("", offset(f, err))
			}
			if !isCellFile(path.Base(h.Name)) {
				continue
			}
			data, err := io.ReadAll(&limited{t, cellBytes})
			if err != nil {
				return nil, s.fail(h.Name, offset(f, err))
			}
			some = append(some, member{h.Name, data})
		}
		if len(some) == 0 {
			break
		}
		err := inParallel(len(some), func(i int) error {
			return s.fail(some[i].name, rows.readCell(bytes.NewReader(some[i].data), &lock))
		})
		if err != nil {
			return nil, err
		}
	}
	data, err := rows.finish()
	return data, s.fail("", err)
}

// offset says where a file was when reading it failed.
func offset(f io.Seeker, err error) error {
	at, _ := f.Seek(0, io.SeekCurrent)
	return fmt.Errorf("byte %d: %w", at, err)
}

// readPacked reads NATS-tss-v1_0-3ffb9.pickle.pbz2: all cells in one pickle.
func readPacked(s *source) (*Data, error) {
	f, err := s.file("")
	if err != nil {
		return nil, s.fail("", err)
	}
	defer f.Close()
	rows := newRows201()
	d := pickle.NewDecoder(&limited{bzip2.NewReader(f), fileBytes})
	if err := rows.readAll(d); err != nil {
		return nil, s.fail("", err)
	}
	if err := d.End(); err != nil {
		return nil, s.fail("", err)
	}
	data, err := rows.finish()
	return data, s.fail("", err)
}

// readAll reads the pickle of all cells.
func (r *rows201) readAll(d *pickle.Decoder) error {
	d.MaxHeld = fileValues
	_, err := newDecoder201(d, r.add).Decode()
	return err
}

// readTorch reads NAS-Bench-201-v1_0-e61699.pth or v1_1-096897.pth: what torch.save
// writes, in its old form of pickles one after another or its new one of a zip file.
func readTorch(s *source) (*Data, error) {
	f, err := s.file("")
	if err != nil {
		return nil, s.fail("", err)
	}
	defer f.Close()
	rows := newRows201()
	var head [2]byte
	if _, err := io.ReadFull(f, head[:]); err != nil {
		return nil, s.fail("", err)
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return nil, s.fail("", err)
	}
	if string(head[:]) == "PK" {
		err = readTorchZip(f, s.total, rows)
	} else {
		err = readTorchOld(f, rows)
	}
	if err != nil {
		return nil, s.fail("", err)
	}
	data, err := rows.finish()
	return data, s.fail("", err)
}

func readTorchZip(f io.ReaderAt, size int64, rows *rows201) error {
	z, err := zip.NewReader(f, size)
	if err != nil {
		return err
	}
	for _, member := range z.File {
		if path.Base(member.Name) != "data.pkl" {
			continue
		}
		r, err := member.Open()
		if err != nil {
			return fmt.Errorf("%s in it: %w", member.Name, err)
		}
		defer r.Close()
		d := pickle.NewDecoder(&limited{r, fileBytes})
		if err = rows.readAll(d); err == nil {
			err = d.End()
		}
		if err != nil {
			return fmt.Errorf("%s in it: %w", member.Name, err)
		}
		return nil
	}
	return errors.New("no data.pkl is in it, as torch.save would have it")
}

// readTorchOld reads the old form: a magic number, a version, facts about the
// machine, and then the object.
func readTorchOld(f io.Reader, rows *rows201) error {
	d := pickle.NewDecoder(f)
	d.MaxHeld = cellValues
	if _, err := d.Decode(); err != nil {
		return err
	}
	version, err := d.Decode()
	if err != nil {
		return err
	}
	if version != any(int64(1001)) {
		return errors.New("it is not a file of torch.save: its second pickle is not the number 1001")
	}
	if _, err := d.Decode(); err != nil {
		return err
	}
	return rows.readAll(d)
}

// inParallel calls f for 0 to n-1 on all processors and returns the error of the
// lowest number that has one; after an error no more are begun.
func inParallel(n int, f func(i int) error) error {
	var (
		lock  sync.Mutex
		next  int
		at    = n
		first error
		wait  sync.WaitGroup
	)
	for range min(runtime.GOMAXPROCS(0), n) {
		wait.Go(func() {
			for {
				lock.Lock()
				i := next
				next++
				stop := first != nil
				lock.Unlock()
				if i >= n || stop {
					return
				}
				if err := f(i); err != nil {
					lock.Lock()
					if i < at {
						at, first = i, err
					}
					lock.Unlock()
				}
			}
		})
	}
	wait.Wait()
	return first
}
