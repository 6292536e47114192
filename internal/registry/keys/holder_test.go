package keys_test

import (
	"strings"
	"testing"

	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/keys"
)

func TestReleasedKeyStaysWithItsHolderToBeHandedBack(t *testing.T) {
	t.Parallel()
	h, holder := open(t), ids.New[ids.Person]()
	key, err := h.Enrol(t.Context(), desk(), keys.Enrolment{Holder: holder, Serial: "1", Model: blue, ModelGrade: keys.ModelVerified})
	if err != nil {
		t.Fatal(err)
	}
	released, err := h.Release(t.Context(), desk(), key.ID)
	if err != nil || released.State != keys.StateHeld || released.Holder != holder || !released.ToReturn {
		t.Fatalf("%+v, %v", released, err)
	}
	_, err = h.Release(t.Context(), desk(), key.ID)
	want(t, err, keys.BadTransition)
	// It does not wait to be set up: only its number brings it back.
	other, err := h.Enrol(t.Context(), desk(), keys.Enrolment{Holder: holder, Model: blue, ModelGrade: keys.ModelVerified})
	if err != nil || other.ID == key.ID {
		t.Errorf("another key of the model took its record: %+v, %v", other, err)
	}
	again, err := h.Enrol(t.Context(), desk(), keys.Enrolment{Holder: holder, Serial: "1"})
	if err != nil || again.ID != key.ID || again.ToReturn || again.State != keys.StateEnrolled {
		t.Errorf("set up again it is %+v, %v", again, err)
	}
}

func TestPlaceOfAKeyIsKeptAndNotCopiedIntoTheRecord(t *testing.T) {
	t.Parallel()
	h := open(t)
	key := h.stock(t, keys.NewKey{Serial: "1"}, ids.New[ids.Person]())
	for _, place := range []string{"  At home  ", "At home", ""} {
		kept, err := h.NotePlace(t.Context(), desk(), key.ID, place)
		if err != nil || kept.Place != strings.TrimSpace(place) {
			t.Errorf("%q became %q, %v", place, kept.Place, err)
		}
	}
	entries, err := h.audit.List(t.Context(), audit.Filter{Action: "key.place_noted"})
	if err != nil || len(entries) != 2 {
		t.Fatalf("%d entries, want one for each change; %v", len(entries), err)
	}
	for _, entry := range entries {
		for name, value := range entry.Details {
			if strings.Contains(value, "home") {
				t.Errorf("the record says %s: %s", name, value)
			}
		}
	}
	for _, place := range []string{strings.Repeat("x", 101), "two\nlines", "\xff"} {
		_, err := h.NotePlace(t.Context(), desk(), key.ID, place)
		want(t, err, keys.Malformed)
	}
	stock := h.stock(t, keys.NewKey{Serial: "2"}, "")
	_, err = h.NotePlace(t.Context(), desk(), stock.ID, "On the shelf")
	want(t, err, keys.BadTransition)
	_, err = h.NotePlace(t.Context(), desk(), ids.New[ids.Key](), "Nowhere")
	want(t, err, keys.NotFound)
}
