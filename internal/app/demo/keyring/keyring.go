// Package keyring holds the software keys that stand in for hardware keys in the demo,
// and answers for them when a page asks. A real server has nothing like it.
package keyring

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"sync"

	"github.com/warder-project/warder/internal/app/demo/softkey"
	"github.com/warder-project/warder/internal/base/problem"
)

// Problems of the demo key.
var (
	noUserName = problem.Define(problem.Conflict, "demo.user_name_needed",
		"The demo key does not know who you are. Go back, type a user name, and try again.",
		"Type one of the user names that the demo printed, such as amira.khan.")
	noDemoKey = problem.Define(problem.NotFound, "demo.no_key_for_account",
		"The demo key has nothing registered for this account.",
		"Sign in as one of the people the demo printed, or register the demo key with a one-time link.")
	badRequest = problem.Define(problem.Invalid, "demo.bad_request",
		"The demo key could not read what the page asked of it.",
		"Reload the page and try again.")
)

// Problems lists them.
func Problems() []problem.Definition { return []problem.Definition{noUserName, noDemoKey, badRequest} }

// Path is where a ceremony page asks the demo key.
const Path = "/demo/key"

// Model is the AAGUID of the demo key. It belongs to nobody's product.
const Model = "de300000-0000-4000-8000-00000000c0de"

// Keyring has one software key per registration. Their private keys lie in a file
// beside the demo's database.
type Keyring struct {
	path   string
	origin string

	mu    sync.Mutex // guards what follows; a key has one button
	batch *softkey.Batch
	keys  []*softkey.Key
}

type contents struct {
	Keys []json.RawMessage `json:"keys"`
}

// Open reads the keys, or starts a vendor of its own when there are none.
func Open(path, origin string) (*Keyring, error) {
	ring := &Keyring{path: path, origin: origin}
	text, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return ring, ring.found()
	}
	if err != nil {
		return nil, fmt.Errorf("read demo keys: %w", err)
	}
	var kept contents
	if err := json.Unmarshal(text, &kept); err != nil {
		return nil, fmt.Errorf("read demo keys: %w", err)
	}
	for _, raw := range kept.Keys {
		key, err := softkey.Load(raw)
		if err != nil {
			return nil, fmt.Errorf("read demo keys: %w", err)
		}
		ring.keys = append(ring.keys, key)
	}
	if len(ring.keys) == 0 {
		return ring, ring.found()
	}
	ring.batch = ring.keys[0].Batch()
	return ring, nil
}

// found makes the vendor that this demo, and nobody else, trusts.
func (k *Keyring) found() error {
	vendor, err := softkey.NewVendor("Warder demo")
	if err != nil {
		return fmt.Errorf("make demo key vendor: %w", err)
	}
	k.batch, err = vendor.Batch(Model)
	if err != nil {
		return fmt.Errorf("make demo key batch: %w", err)
	}
	return nil
}

// RootPEM is the certificate of the vendor.
func (k *Keyring) RootPEM() []byte { return k.batch.RootPEM() }

// Create registers with a new key of the batch.
func (k *Keyring) Create(options []byte) ([]byte, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	key := k.batch.NewKey()
	answer, err := key.Create(options, k.origin)
	if err != nil {
		return nil, err
	}
	k.keys = append(k.keys, key)
	return answer, k.save()
}

// Get signs with the key that holds one of the credentials asked for.
func (k *Keyring) Get(options []byte) ([]byte, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	asked, err := allowed(options)
	if err != nil {
		return nil, badRequest.Because(err)
	}
	if len(asked) == 0 {
		return nil, noUserName.New()
	}
	for i := len(k.keys) - 1; i >= 0; i-- { // the newest first: an older one may have been lost
		for _, id := range k.keys[i].Credentials() {
			if !asked[string(id)] {
				continue
			}
			answer, err := k.keys[i].Get(options, k.origin)
			if err != nil {
				return nil, err
			}
			return answer, k.save()
		}
	}
	return nil, noDemoKey.New()
}

// NewKey is a key of the same batch that is registered nowhere.
func (k *Keyring) NewKey() *softkey.Key {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.batch.NewKey()
}

// allowed reads allowCredentials of PublicKeyCredentialRequestOptionsJSON.
func allowed(options []byte) (map[string]bool, error) {
	type request struct {
		AllowCredentials []struct {
			ID string `json:"id"`
		} `json:"allowCredentials"`
	}
	var asked struct {
		request
		PublicKey *request `json:"publicKey"`
	}
	if err := json.Unmarshal(options, &asked); err != nil {
		return nil, err
	}
	if asked.PublicKey != nil {
		asked.request = *asked.PublicKey
	}
	found := map[string]bool{}
	for _, descriptor := range asked.AllowCredentials {
		id, err := base64.RawURLEncoding.DecodeString(descriptor.ID)
		if err != nil {
			return nil, err
		}
		found[string(id)] = true
	}
	return found, nil
}

// save writes all keys, whole or not at all. mu is held.
func (k *Keyring) save() error {
	var kept contents
	for _, key := range k.keys {
		raw, err := key.Save()
		if err != nil {
			return fmt.Errorf("keep demo keys: %w", err)
		}
		kept.Keys = append(kept.Keys, raw)
	}
	text, err := json.Marshal(kept)
	if err != nil {
		return fmt.Errorf("keep demo keys: %w", err)
	}
	next := filepath.Join(filepath.Dir(k.path), ".demo-keys.new")
	if err := os.WriteFile(next, text, 0o600); err != nil {
		return fmt.Errorf("keep demo keys: %w", err)
	}
	return os.Rename(next, k.path)
}

// ServeHTTP answers the page's script in place of a key in a USB port.
func (k *Keyring) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	answer, err := k.answer(r)
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	if err == nil {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(answer) // the browser has gone; nobody is left to tell
		return
	}
	found, ok := problem.Of(err)
	if !ok {
		found = badRequest.Because(err)
	}
	text, err := json.Marshal(map[string]string{"type": "about:blank", "code": found.Code, "title": found.Sentence, "next": found.Next})
	if err != nil {
		http.Error(w, found.Sentence, http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(http.StatusConflict)
	_, _ = w.Write(text) // the browser has gone; nobody is left to tell
}

func (k *Keyring) answer(r *http.Request) ([]byte, error) {
	// A real key asks its holder for a touch; this one at least asks that the
	// page is ours.
	if r.Header.Get("Origin") != k.origin {
		return nil, badRequest.New()
	}
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, 256<<10))
	if err != nil {
		return nil, badRequest.Because(err)
	}
	var asked struct {
		Kind    string          `json:"kind"`
		Options json.RawMessage `json:"options"`
	}
	if err := json.Unmarshal(body, &asked); err != nil {
		return nil, badRequest.Because(err)
	}
	switch asked.Kind {
	case "create":
		return k.Create(asked.Options)
	case "get":
		return k.Get(asked.Options)
	}
	return nil, badRequest.New()
}
