package factorstest

import (
	"testing"

	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/factors"
)

// Authenticator is a key together with a browser on a page of an origin; the
// software key of the demo is one.
type Authenticator interface {
	Create(options []byte, origin string) ([]byte, error)
	Get(options []byte, origin string) ([]byte, error)
}

// Enrol registers a key for a person on a page of origin, or ends the test.
func Enrol(t testing.TB, f *factors.Factors, key Authenticator, holder factors.Holder, origin string) factors.Credential {
	t.Helper()
	options, state, err := f.BeginRegistration(t.Context(), holder)
	if err != nil {
		t.Fatalf("begin registration: %v", err)
	}
	response, err := key.Create(options, origin)
	if err != nil {
		t.Fatalf("create credential: %v", err)
	}
	credential, err := f.FinishRegistration(t.Context(), audit.Person(holder.ID), holder, state, response, factors.NewKey{})
	if err != nil {
		t.Fatalf("finish registration: %v", err)
	}
	return credential
}

// Verify lets a key answer on a page of origin; the key says whose it is.
func Verify(t testing.TB, f *factors.Factors, key Authenticator, origin string) (factors.Proof, error) {
	t.Helper()
	options, state, err := f.BeginVerification(t.Context(), "")
	if err != nil {
		t.Fatalf("begin verification: %v", err)
	}
	response, err := key.Get(options, origin)
	if err != nil {
		t.Fatalf("use credential: %v", err)
	}
	return f.FinishVerification(t.Context(), state, response)
}
