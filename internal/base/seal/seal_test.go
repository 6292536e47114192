package seal_test

import (
	"bytes"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/seal"
)

const row = "service_secret:svc_1:sealed"

func keyFile(t *testing.T) string {
	t.Helper()
	return filepath.Join(t.TempDir(), "master.key")
}

func opened(t *testing.T, path string, create bool) *seal.Sealer {
	t.Helper()
	s, err := seal.OpenKeyFile(path, create)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func sealed(t *testing.T, s *seal.Sealer, plain string) []byte {
	t.Helper()
	value, err := s.Seal([]byte(plain), row)
	if err != nil {
		t.Fatal(err)
	}
	return value
}

func expectOpens(t *testing.T, s *seal.Sealer, value []byte, want string) {
	t.Helper()
	got, err := s.Open(value, row)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("opened %q, want %q", got, want)
	}
}

func expectProblem(t *testing.T, err error, want problem.Definition) {
	t.Helper()
	if !problem.Is(err, want) {
		t.Errorf("got %v, want the problem %s", err, want.Code)
	}
}

func TestFirstStartMakesAKeyOnlyItsOwnerCanRead(t *testing.T) {
	t.Parallel()
	path := keyFile(t)
	value := sealed(t, opened(t, path, true), "a signing key")
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		t.Errorf("mode is %v, want 0600", info.Mode().Perm())
	}
	if bytes.Contains(value, []byte("a signing key")) {
		t.Error("the sealed value shows what is in it")
	}
	expectOpens(t, opened(t, path, false), value, "a signing key")
	beside, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(beside) != 1 {
		t.Errorf("the folder holds %v (%v), want the key file only", beside, err)
	}
}

func TestProcessesThatStartTogetherShareOneKey(t *testing.T) {
	t.Parallel()
	path := keyFile(t)
	sealers := make([]*seal.Sealer, 8)
	var group sync.WaitGroup
	for i := range sealers {
		group.Go(func() {
			var err error
			if sealers[i], err = seal.OpenKeyFile(path, true); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if t.Failed() {
		return
	}
	value := sealed(t, sealers[0], "shared")
	for _, s := range sealers {
		expectOpens(t, s, value, "shared")
	}
}

func TestAValueOpensInItsOwnRowOnly(t *testing.T) {
	t.Parallel()
	s := opened(t, keyFile(t), true)
	value := sealed(t, s, "payroll")
	_, err := s.Open(value, "service_secret:svc_2:sealed")
	expectProblem(t, err, seal.NotOurs)
	value[len(value)-1] ^= 1
	_, err = s.Open(value, row)
	expectProblem(t, err, seal.NotOurs)
	_, err = s.Open(nil, row)
	expectProblem(t, err, seal.NotOurs)
}

func TestRotationKeepsWhatOldKeysSealed(t *testing.T) {
	t.Parallel()
	path := keyFile(t)
	server, command := opened(t, path, true), opened(t, path, false)
	before, old := sealed(t, server, "before"), server.Fingerprint()
	if err := command.Rotate(); err != nil {
		t.Fatal(err)
	}
	if command.Fingerprint() == old {
		t.Error("rotation did not change the key that seals")
	}
	after := sealed(t, command, "after")
	expectOpens(t, command, before, "before")
	expectOpens(t, server, after, "after") // a running server finds the new key by itself
	expectOpens(t, opened(t, path, false), before, "before")
}

func TestEveryRotationOfTwoProcessesIsKept(t *testing.T) {
	t.Parallel()
	path := keyFile(t)
	one, two := opened(t, path, true), opened(t, path, false)
	var values [][]byte
	for _, s := range []*seal.Sealer{one, two, one, two} {
		if err := s.Rotate(); err != nil {
			t.Fatal(err)
		}
		values = append(values, sealed(t, s, "kept"))
	}
	for _, value := range values {
		expectOpens(t, opened(t, path, false), value, "kept")
	}
}

func TestAnUnfitKeyFileIsRefused(t *testing.T) {
	t.Parallel()
	path := keyFile(t)
	opened(t, path, true)
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, story := range []struct {
		name string
		text []byte
		mode os.FileMode
		want problem.Definition
	}{
		{"readable by the group", good, 0o640, seal.KeyExposed},
		{"readable by others", good, 0o604, seal.KeyExposed},
		{"writable by others", good, 0o602, seal.KeyExposed},
		{"empty", nil, 0o600, seal.KeyGarbled},
		{"cut short", good[:len(good)/2], 0o600, seal.KeyGarbled},
		{"something else", []byte("-----BEGIN PRIVATE KEY-----"), 0o600, seal.KeyGarbled},
		{"without a key", []byte(`{"primaryKeyId":1,"key":[]}`), 0o600, seal.KeyGarbled},
		{"huge", bytes.Repeat([]byte(" "), 2<<20), 0o600, seal.KeyGarbled},
	} {
		t.Run(story.name, func(t *testing.T) {
			t.Parallel()
			path := keyFile(t)
			if err := os.WriteFile(path, story.text, 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(path, story.mode); err != nil {
				t.Fatal(err)
			}
			_, err := seal.OpenKeyFile(path, true)
			expectProblem(t, err, story.want)
			left, err := os.ReadFile(path)
			if err != nil || !bytes.Equal(left, story.text) {
				t.Error("the refused file was changed")
			}
		})
	}
	_, err = seal.OpenKeyFile(keyFile(t), false)
	expectProblem(t, err, seal.KeyMissing)
}

func FuzzOpenAcceptsOnlyWhatWasSealed(f *testing.F) {
	path := filepath.Join(f.TempDir(), "master.key")
	s, err := seal.OpenKeyFile(path, true)
	if err != nil {
		f.Fatal(err)
	}
	value, err := s.Seal([]byte("x"), row)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(value[:5])
	f.Add(append(bytes.Clone(value), 0))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, other []byte) {
		if bytes.Equal(other, value) {
			t.Skip()
		}
		if plain, err := s.Open(other, row); err == nil {
			t.Errorf("%x opened as %q", other, plain)
		}
	})
}
