package app

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/warder-project/warder/internal/registry/keys"
)

// NIST SP 800-63B-4 §4.6. Who takes over somebody's account with a key of their
// own should not be able to do so in silence.
func TestPeopleAreToldWhatHappensToTheirKeys(t *testing.T) {
	t.Parallel()
	d := openDepartment(t)
	amira := d.join("amira.khan")
	link, err := d.Invitations.Invite(t.Context(), d.operator, amira.person.ID, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	held, err := d.Keys.HeldBy(t.Context(), amira.person.ID)
	if err != nil || len(held) != 1 {
		t.Fatalf("%d keys: %v", len(held), err)
	}
	if _, err := d.LostKey.Report(t.Context(), d.operator, held[0].ID, keys.Stolen, d.Now()); err != nil {
		t.Fatal(err)
	}
	sent, err := d.Mail.List(t.Context(), "", 10)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, message := range sent {
		got = append(got, message.To+": "+message.Subject)
		if strings.Contains(message.Text, link.Reveal()) {
			t.Errorf("%q holds the one-time link", message.Subject)
		}
	}
	want := []string{
		"amira.khan@department.example: Your security key has been blocked",
		"amira.khan@department.example: You can register a security key",
		"amira.khan@department.example: A security key was registered for you",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
