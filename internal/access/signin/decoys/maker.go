package decoys

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"fmt"
)

// Store keeps the key that decoys are made from.
type Store interface {
	// Key returns the key for decoys, which is fresh if there was none yet. It is
	// called inside a unit of work.
	Key(ctx context.Context, fresh []byte) ([]byte, error)
}

// Maker makes decoys.
type Maker struct{ store Store }

// New returns a maker.
func New(store Store) *Maker { return &Maker{store: store} }

// Add adds credentials that nobody has to options that list none.
func (m *Maker) Add(ctx context.Context, options []byte, name string) ([]byte, error) {
	fresh := make([]byte, sha512.Size)
	rand.Read(fresh)
	key, err := m.store.Key(ctx, fresh)
	if err != nil {
		return nil, fmt.Errorf("make a decoy: %w", err)
	}
	var request map[string]json.RawMessage
	if err := json.Unmarshal(options, &request); err != nil {
		return nil, fmt.Errorf("make a decoy: read request options: %w", err)
	}
	var listed []descriptor
	if text, ok := request["allowCredentials"]; ok {
		if err := json.Unmarshal(text, &listed); err != nil {
			return nil, fmt.Errorf("make a decoy: read allowed credentials: %w", err)
		}
	}
	if len(listed) == 0 {
		listed = decoys(key, name)
	}
	// Written again in either case, so that the order of the members is the same.
	if request["allowCredentials"], err = json.Marshal(listed); err != nil {
		return nil, fmt.Errorf("make a decoy: %w", err)
	}
	return json.Marshal(request)
}

// decoys are one or two credentials as keys make them: people have one or two
// keys, and ids are 32, 48 or 64 bytes long. They are the same each time for the
// same name, on every node and after a restart, as real ones are.
func decoys(key []byte, name string) []descriptor {
	var made []descriptor
	count := 1
	for i := 0; i < count; i++ {
		mac := hmac.New(sha512.New, key)
		fmt.Fprintf(mac, "%d:%s", i, name)
		id := mac.Sum(nil)
		mac.Write([]byte("shape"))
		shape := mac.Sum(nil)
		if i == 0 {
			count += int(shape[0] & 1)
		}
		id = id[:[]int{32, 48, 64}[int(shape[1])%3]]
		made = append(made, descriptor{Type: "public-key", ID: base64.RawURLEncoding.EncodeToString(id)})
	}
	return made
}

// descriptor is a PublicKeyCredentialDescriptorJSON without its transports: what
// a browser once reported about a real key tells it from a decoy. Browsers do
// without; the hint "security-key" spares people the question.
type descriptor struct {
	Type string `json:"type"`
	ID   string `json:"id"`
}
