package signin

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"fmt"

	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/secret"
	"github.com/warder-project/warder/internal/registry/factors"
	"github.com/warder-project/warder/internal/registry/people"
)

// openCeremony makes the challenge that the attempt needs now and keeps it. Two
// tabs that ask at once are given the same one.
func (f *Flow) openCeremony(ctx context.Context, id ids.Attempt, browser secret.Value) (Attempt, error) {
	var attempt Attempt
	err := f.deps.Tx.InTx(ctx, func(ctx context.Context) error {
		var err error
		attempt, err = f.open(ctx, id, browser, UsingKey, Confirming, Registering)
		if err != nil || len(attempt.Options) > 0 {
			return err
		}
		attempt.Options, attempt.Ceremony, err = f.challenge(ctx, attempt)
		if err != nil {
			return err
		}
		if err := f.deps.Store.Advance(ctx, attempt); err != nil {
			return err
		}
		attempt.Version++
		return nil
	})
	if err != nil {
		return Attempt{}, fmt.Errorf("open a challenge for %s: %w", id, err)
	}
	return attempt, nil
}

func (f *Flow) challenge(ctx context.Context, attempt Attempt) (options, state []byte, err error) {
	switch {
	case attempt.State == Registering:
		person, err := f.enrolling(ctx, attempt)
		if err != nil {
			return nil, nil, err
		}
		return f.deps.Factors.BeginRegistration(ctx, holderOf(person))
	case attempt.Named != "" && attempt.State == UsingKey:
		// Also when the password was right: it tells nobody whether there is a key.
		return f.namedChallenge(ctx, attempt.Named)
	case attempt.Person != "":
		return f.deps.Factors.BeginVerification(ctx, attempt.Person)
	}
	return f.deps.Factors.BeginVerification(ctx, "")
}

func holderOf(person people.Person) factors.Holder {
	return factors.Holder{ID: person.ID, UserName: person.UserName, Name: person.Name}
}

// namedChallenge is the challenge for a typed user name. For a name that nobody
// has, and for somebody without a key, it looks and takes as long as for
// somebody with one: WebAuthn Level 3 §14.6.2 (username enumeration).
func (f *Flow) namedChallenge(ctx context.Context, name string) (options, state []byte, err error) {
	person, err := f.deps.People.ByUserName(ctx, name)
	if problem.Is(err, people.NotFound) {
		// Somebody who does not exist is looked up all the same, and no answer is theirs.
		person.ID, err = ids.New[ids.Person](), nil
	}
	if err != nil {
		return nil, nil, err
	}
	options, state, err = f.deps.Factors.BeginVerification(ctx, person.ID)
	if err != nil {
		return nil, nil, err
	}
	options, err = f.withDecoy(ctx, options, name)
	return options, state, err
}

// descriptor is a PublicKeyCredentialDescriptorJSON without its transports: what
// a browser once reported about a real key tells it from a decoy. Browsers do
// without; the hint "security-key" spares people the question.
type descriptor struct {
	Type string `json:"type"`
	ID   string `json:"id"`
}

// withDecoy adds credentials that nobody has to options that list none.
func (f *Flow) withDecoy(ctx context.Context, options []byte, name string) ([]byte, error) {
	fresh := make([]byte, sha512.Size)
	rand.Read(fresh)
	key, err := f.deps.Store.DecoyKey(ctx, fresh)
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
