package app

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/warder-project/warder/internal/access/invitations"
	"github.com/warder-project/warder/internal/access/throttle"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/testkit"
)

// Whoever is attacked should hear of it, and hear that their key goes on.
func TestPersonIsToldWhenAMethodStopsForThem(t *testing.T) {
	t.Parallel()
	clock := testkit.NewClock()
	d := openDepartmentAt(t, clock.Now)
	d.join("amira.khan")
	guard := d.Throttle
	try := throttle.Try{Kind: "password", Account: "amira.khan", Source: netip.MustParseAddr("198.51.100.9")}
	for stopped := false; !stopped; {
		err := guard.Admit(t.Context(), try)
		found, refused := problem.Of(err)
		switch {
		case refused:
			clock.Advance(found.RetryAfter)
			stopped = found.Code == throttle.Stopped.Code
		case err != nil:
			t.Fatal(err)
		default:
			if err := guard.Failed(t.Context(), try); err != nil {
				t.Fatal(err)
			}
		}
		if clock.Now().Sub(testkit.Start()) > 365*24*time.Hour {
			t.Fatal("guesses go on for a year")
		}
	}
	sent, err := d.Mail.List(t.Context(), "", 10)
	if err != nil {
		t.Fatal(err)
	}
	told := 0
	for _, message := range sent {
		if strings.Contains(message.Text, "wrong password") && strings.Contains(message.Text, "from 198.51.100.9/32") && message.To == "amira.khan@department.example" {
			told++
		}
	}
	if told != 1 {
		t.Errorf("the person was told %d times, want once: %+v", told, sent)
	}
}

// Somebody who has lost their keys has nothing but the pass, and an hour. Whoever
// guesses at it from a thousand addresses keeps them out of it no more than a key's owner.
func TestThousandGuessesAtAPassDoNotKeepItsOwnerOut(t *testing.T) {
	t.Parallel()
	clock := testkit.NewClock()
	d := openDepartmentAt(t, clock.Now)
	amira := d.join("amira.khan").person
	pass, err := d.Invitations.IssuePass(t.Context(), d.operator, invitations.NewPass{Person: amira.ID})
	if err != nil {
		t.Fatal(err)
	}
	guess := func(i int, code string) error {
		_, err := d.Invitations.OpenedByPass(t.Context(), invitations.TypedPass{UserName: "amira.khan", Code: code,
			Source: netip.AddrFrom4([4]byte{198, 51, byte(100 + i/250), byte(1 + i%250)})})
		return err
	}
	judged := 0
	for i := range 1000 {
		if err := guess(i, "4Q7M-X0TB-9KZP-2WRC"); problem.Is(err, invitations.PassMistyped) || problem.Is(err, invitations.PassNotValid) {
			judged++
		}
		clock.Advance(time.Second)
	}
	if judged == 0 || judged > 20 {
		t.Errorf("%d guesses of a thousand were judged", judged)
	}
	if err := guess(1001, pass.Code.Reveal()); err != nil {
		t.Errorf("the owner is kept out: %v", err)
	}
}
