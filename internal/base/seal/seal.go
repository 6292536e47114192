package seal

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"
)

// Sealer seals and opens values with the master key. It is safe for concurrent use.
type Sealer struct {
	path string

	mu     sync.RWMutex
	text   []byte         // the file as it was read; guarded by mu
	handle *keyset.Handle // guarded by mu
	aead   tink.AEAD      // guarded by mu
}

// OpenKeyFile reads the master key. With create, a missing file is made, with
// mode 0600, and is on the disk before OpenKeyFile returns. Problems:
// KeyMissing, KeyExposed, KeyGarbled, KeyUnreadable.
func OpenKeyFile(path string, create bool) (*Sealer, error) {
	text, err := readKeyFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		if !create {
			return nil, KeyMissing.Detailf("It should be at %s.", path)
		}
		if err := makeKeyFile(path); err != nil {
			return nil, err
		}
		text, err = readKeyFile(path)
	}
	if err != nil {
		return nil, err
	}
	s := &Sealer{path: path}
	if err := s.use(text); err != nil {
		return nil, err
	}
	return s, nil
}

// Seal encrypts plain for one place: row names table, id and column,
// "service_secret:svc_…:sealed".
func (s *Sealer) Seal(plain []byte, row string) ([]byte, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	sealed, err := s.aead.Encrypt(plain, []byte(row))
	if err != nil {
		return nil, fmt.Errorf("seal %s: %w", row, err)
	}
	return sealed, nil
}

// Open decrypts what Seal made for the same row, else it is the problem
// NotOurs. A key that another process has added to the file is found.
func (s *Sealer) Open(sealed []byte, row string) ([]byte, error) {
	if plain, err := s.decrypt(sealed, row); err == nil {
		return plain, nil
	}
	if changed, err := s.reread(); err != nil || !changed {
		return nil, NotOurs.Because(fmt.Errorf("open %s: %w", row, errors.Join(errors.New("no key of the file opens it"), err)))
	}
	plain, err := s.decrypt(sealed, row)
	if err != nil {
		return nil, NotOurs.Because(fmt.Errorf("open %s: %w", row, err))
	}
	return plain, nil
}

func (s *Sealer) decrypt(sealed []byte, row string) ([]byte, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.aead.Decrypt(sealed, []byte(row))
}

// Fingerprint tells master keys apart without saying anything about them: the
// number of the key that seals now. It changes with Rotate.
func (s *Sealer) Fingerprint() string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return fmt.Sprintf("%08x", s.handle.KeysetInfo().GetPrimaryKeyId())
}

// Rotate adds a new key, with which everything is sealed from now on. The old
// keys stay in the file and go on opening what they sealed.
func (s *Sealer) Rotate() error {
	release, err := lockFolder(filepath.Dir(s.path))
	if err != nil {
		return KeyUnreadable.Because(err)
	}
	defer release()
	if _, err := s.reread(); err != nil { // somebody else may have rotated
		return err
	}
	s.mu.RLock()
	manager := keyset.NewManagerFromHandle(s.handle)
	s.mu.RUnlock()
	number, err := manager.Add(aead.AES256GCMKeyTemplate())
	if err != nil {
		return fmt.Errorf("add master key: %w", err)
	}
	if err := manager.SetPrimary(number); err != nil {
		return fmt.Errorf("use new master key: %w", err)
	}
	handle, err := manager.Handle()
	if err != nil {
		return fmt.Errorf("use new master key: %w", err)
	}
	text, err := writeKeyset(handle)
	if err != nil {
		return err
	}
	if err := replaceKeyFile(s.path, text); err != nil {
		return KeyUnreadable.Because(err)
	}
	return s.use(text)
}

// reread takes over the file if it has changed since it was read.
func (s *Sealer) reread() (changed bool, err error) {
	text, err := readKeyFile(s.path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, KeyMissing.Detailf("It should be at %s.", s.path)
	}
	if err != nil {
		return false, err
	}
	s.mu.RLock()
	same := bytes.Equal(text, s.text)
	s.mu.RUnlock()
	if same {
		return false, nil
	}
	return true, s.use(text)
}

// use takes the keys of text.
func (s *Sealer) use(text []byte) error {
	handle, err := insecurecleartextkeyset.Read(keyset.NewJSONReader(bytes.NewReader(text)))
	if err != nil {
		// The parser's error may repeat the text, and with it a key.
		return KeyGarbled.Detailf("The file is %s.", s.path)
	}
	primitive, err := aead.New(handle)
	if err != nil {
		return KeyGarbled.Detailf("The file is %s.", s.path)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.text, s.handle, s.aead = text, handle, primitive
	return nil
}

func writeKeyset(handle *keyset.Handle) ([]byte, error) {
	var text bytes.Buffer
	if err := insecurecleartextkeyset.Write(handle, keyset.NewJSONWriter(&text)); err != nil {
		return nil, fmt.Errorf("write master key: %w", err)
	}
	return text.Bytes(), nil
}

func makeKeyFile(path string) error {
	handle, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	if err != nil {
		return fmt.Errorf("make master key: %w", err)
	}
	text, err := writeKeyset(handle)
	if err != nil {
		return err
	}
	// Linked into place when it is whole: of two processes that start together
	// one makes the file and both use it, and nobody ever reads half of one.
	err = placeKeyFile(path, text, os.Link)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return KeyUnreadable.Because(err)
	}
	return nil
}
