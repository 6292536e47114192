package demo

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

// keyPath is where a ceremony page asks the demo key.
const keyPath = "/demo/key"

// model is the AAGUID of the demo key. It belongs to nobody's product.
const model = "de300000-0000-4000-8000-00000000c0de"

// keyring holds the software keys of the demo, one per registration. Their
// private keys lie in a file beside the demo's database.
type keyring struct {
	path   string
	origin string

	mu    sync.Mutex // guards what follows; a key has one button
	batch *softkey.Batch
	keys  []*softkey.Key
}

type keyringFile struct {
	Keys []json.RawMessage `json:"keys"`
}

// openKeyring reads the keys, or starts a vendor of its own when there are none.
func openKeyring(path, origin string) (*keyring, error) {
	ring := &keyring{path: path, origin: origin}
	text, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return ring, ring.found()
	}
	if err != nil {
		return nil, fmt.Errorf("read demo keys: %w", err)
	}
	var kept keyringFile
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
func (k *keyring) found() error {
	vendor, err := softkey.NewVendor("Warder demo")
	if err != nil {
		return fmt.Errorf("make demo key vendor: %w", err)
	}
	k.batch, err = vendor.Batch(model)
	if err != nil {
		return fmt.Errorf("make demo key batch: %w", err)
	}
	return nil
}

func (k *keyring) rootPEM() []byte { return k.batch.RootPEM() }

// create registers with a new key of the batch.
func (k *keyring) create(options []byte) ([]byte, error) {
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

// get signs with the key that holds one of the credentials asked for.
func (k *keyring) get(options []byte) ([]byte, error) {
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
func (k *keyring) save() error {
	var kept keyringFile
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
func (k *keyring) ServeHTTP(w http.ResponseWriter, r *http.Request) {
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

func (k *keyring) answer(r *http.Request) ([]byte, error) {
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
		return k.create(asked.Options)
	case "get":
		return k.get(asked.Options)
	}
	return nil, badRequest.New()
}
