package signin_test

import (
	"encoding/base64"
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/warder-project/warder/internal/access/signin"
	"github.com/warder-project/warder/internal/access/signin/signintest"
	"github.com/warder-project/warder/internal/registry/factors"
)

// request is what a page for a name shows to anybody.
type request struct {
	Members []string
	Allowed []struct {
		Type, ID   string
		Transports []string
	}
}

func requestFor(t *testing.T, h *signintest.House, name string) request {
	t.Helper()
	attempt, browser := h.BegunWith(t, signin.Ask{Require: signin.Ordinary()}, name)
	step, err := h.Flow.Next(t.Context(), attempt, browser)
	if err != nil {
		t.Fatal(err)
	}
	use, ok := step.(signin.UseKey)
	if !ok {
		t.Fatalf("the name %q leads to %+v", name, step)
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(use.Options, &members); err != nil {
		t.Fatal(err)
	}
	shown := request{Members: slices.Sorted(maps.Keys(members))}
	if err := json.Unmarshal(members["allowCredentials"], &shown.Allowed); err != nil {
		t.Fatalf("the page for %q lists no keys: %v", name, err)
	}
	return shown
}

func TestPageDoesNotTellWhetherANameExists(t *testing.T) {
	t.Parallel()
	h := house(t)
	h.Holder(t, "amira.khan")
	twice, _ := h.Holder(t, "ben.adams")
	h.Enrol(t, twice.ID, h.Batch.NewKey())
	h.Somebody(t, "keyless")
	known := requestFor(t, h, "Amira.Khan ")
	counts := map[int]int{}
	for _, name := range []string{"nobody", "keyless", "a", "b", "c", "d", "e", "f", "g", "h", strings.Repeat("x", 300)} {
		other := requestFor(t, h, name)
		if !slices.Equal(known.Members, other.Members) {
			t.Fatalf("the page for %q differs: %v, for a person %v", name, other.Members, known.Members)
		}
		counts[len(other.Allowed)]++
		for _, listed := range other.Allowed {
			id, err := base64.RawURLEncoding.DecodeString(listed.ID)
			if err != nil || !slices.Contains([]int{32, 48, 64}, len(id)) || listed.Type != "public-key" {
				t.Errorf("%q lists %+v, which no key is like", name, listed)
			}
		}
		if again := requestFor(t, h, name); !reflect.DeepEqual(again, other) {
			t.Errorf("the keys listed for %q change, which real ones do not", name)
		}
	}
	for _, person := range []string{"amira.khan", "ben.adams"} {
		if number := len(requestFor(t, h, person).Allowed); counts[number] == 0 {
			t.Errorf("only a person lists %d keys; names that nobody has list %v", number, counts)
		}
	}
	// How a key is reached is the browser's report about a real one: the names of
	// people would stand out by "nfc", or by whatever decoys do not say.
	for _, name := range []string{"amira.khan", "ben.adams", "nobody", "keyless"} {
		for _, listed := range requestFor(t, h, name).Allowed {
			if len(listed.Transports) != 0 {
				t.Errorf("the page for %q says how its key is reached: %v", name, listed.Transports)
			}
		}
	}
	if requestFor(t, h, "nobody").Allowed[0].ID == requestFor(t, h, "no.one").Allowed[0].ID {
		t.Error("two names list the same key")
	}
}

func TestNameBindsTheSignInToItsPerson(t *testing.T) {
	t.Parallel()
	h := house(t)
	_, key := h.Holder(t, "amira.khan")
	h.Holder(t, "ben.adams")
	attempt, browser := h.BegunWith(t, signin.Ask{Require: signin.Ordinary()}, "amira.khan")
	h.Finish(t, attempt, browser, key)
	for _, name := range []string{"ben.adams", "nobody"} {
		attempt, browser := h.BegunWith(t, signin.Ask{Require: signin.Ordinary()}, name)
		step, err := h.Flow.Next(t.Context(), attempt, browser)
		if err != nil {
			t.Fatal(err)
		}
		// A browser that ignores the list of keys it was given.
		var options map[string]json.RawMessage
		if err := json.Unmarshal(step.(signin.UseKey).Options, &options); err != nil {
			t.Fatal(err)
		}
		delete(options, "allowCredentials")
		loose, err := json.Marshal(options)
		if err != nil {
			t.Fatal(err)
		}
		response, err := key.Get(loose, signintest.Origin)
		if err != nil {
			t.Fatal(err)
		}
		_, err = h.Flow.UseKey(t.Context(), signin.Answer{Attempt: attempt, Browser: browser, Response: response})
		refusedWith(t, "amira’s key for the name "+name, err, factors.UnknownCredential)
	}
}
