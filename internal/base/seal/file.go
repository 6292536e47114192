package seal

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// longestKeyFile is far more than a keyset of many keys needs.
const longestKeyFile = 1 << 20

// readKeyFile gives the text of the file, or fs.ErrNotExist, KeyExposed,
// KeyGarbled or KeyUnreadable.
func readKeyFile(path string) ([]byte, error) {
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if err != nil {
		return nil, KeyUnreadable.Because(err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, KeyUnreadable.Because(err)
	}
	if !info.Mode().IsRegular() || info.Size() > longestKeyFile {
		return nil, KeyGarbled.Detailf("The file is %s.", path)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, KeyExposed.Detailf("The file is %s, its mode is %04o.", path, info.Mode().Perm())
	}
	text, err := io.ReadAll(file)
	if err != nil {
		return nil, KeyUnreadable.Because(err)
	}
	return text, nil
}

// replaceKeyFile puts a new text in place of the old one at once.
func replaceKeyFile(path string, text []byte) error {
	return placeKeyFile(path, text, os.Rename)
}

// placeKeyFile writes text to a file of its own beside path, makes sure that it
// is on the disk, and then lets place put it under its name.
func placeKeyFile(path string, text []byte, place func(from, to string) error) error {
	folder := filepath.Dir(path)
	file, err := os.CreateTemp(folder, filepath.Base(path)+".*.new") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(file.Name())
	if _, err := file.Write(text); err != nil {
		file.Close()
		return err
	}
	if err := file.Sync(); err != nil {
		file.Close()
		return err
	}
	if err := file.Close(); err != nil {
		return err
	}
	if err := place(file.Name(), path); err != nil {
		return err
	}
	return syncFolder(folder)
}

// syncFolder makes names survive a crash of the machine.
func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	defer folder.Close()
	return folder.Sync()
}

// lockFolder keeps two processes from rotating at the same time.
func lockFolder(path string) (release func() error, err error) {
	folder, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(folder.Fd()), syscall.LOCK_EX); err != nil {
		folder.Close()
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	return folder.Close, nil
}
