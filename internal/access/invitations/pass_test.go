package invitations_test

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/warder-project/warder/internal/access/invitations"
	"github.com/warder-project/warder/internal/access/invitations/invitationstest"
	"github.com/warder-project/warder/internal/access/signin"
	"github.com/warder-project/warder/internal/access/signin/signintest"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/secret"
	"github.com/warder-project/warder/internal/registry/people"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

func typed(person people.Person, code string) invitations.TypedPass {
	return invitations.TypedPass{UserName: person.UserName, Code: code, Source: netip.MustParseAddr("192.0.2.7")}
}

func issue(t *testing.T, h *signintest.House, wanted invitations.NewPass) invitations.Pass {
	t.Helper()
	pass, err := h.Invitations.IssuePass(t.Context(), signintest.Desk(), wanted)
	if err != nil {
		t.Fatal(err)
	}
	return pass
}

func refused(t *testing.T, what string, err error, want problem.Definition) {
	t.Helper()
	if !problem.Is(err, want) {
		t.Errorf("%s: %v, want %s", what, err, want.Code)
	}
}

// C31.1: a pass is enrolment only, single use, of an hour at most, for one person, and told once.
func TestPassOpensARegistrationOnceAndNothingElse(t *testing.T) {
	t.Parallel()
	h := signintest.Open(t, dbtest.SQLite(t))
	amira, bob := h.Somebody(t, "amira.khan"), h.Somebody(t, "bob.stone")
	pass := issue(t, h, invitations.NewPass{Person: amira.ID})
	code := pass.Code.Reveal()
	if strings.Count(code, "-") != 3 || len(code) != 19 {
		t.Errorf("the code is told as %d characters", len(code))
	}
	_, err := h.Invitations.OpenedByPass(t.Context(), typed(bob, code))
	refused(t, "with another's name", err, invitations.PassNotValid)
	_, err = h.Invitations.OpenedByPass(t.Context(), invitations.TypedPass{UserName: "nobody", Code: code})
	refused(t, "with a name that nobody has", err, invitations.PassNotValid)
	_, err = h.Invitations.Opened(t.Context(), pass.Code)
	refused(t, "as a link", err, invitations.NotValid)
	// What is kept of it is not an address either.
	_, err = h.Invitations.Opened(t.Context(), secret.New("pass "+string(amira.ID)+" "+strings.ReplaceAll(code, "-", "")))
	refused(t, "as the text that is hashed", err, invitations.NotValid)

	sloppy := typed(amira, " "+strings.ToLower(strings.ReplaceAll(code, "-", " "))+" ")
	sloppy.UserName = " Amira.Khan "
	attempt, browser, err := h.Flow.BeginEnrolmentByPass(t.Context(), sloppy, signin.Ask{})
	if err != nil {
		t.Fatal(err)
	}
	if open, err := h.Sessions.OfPerson(t.Context(), amira.ID); err != nil || len(open) != 0 {
		t.Fatalf("the pass gave %d sessions, %v", len(open), err)
	}
	key := h.Batch.NewKey()
	if _, err := h.Flow.Register(t.Context(), h.Registration(t, attempt.ID, browser, key)); err != nil {
		t.Fatal(err)
	}
	if open, err := h.Sessions.OfPerson(t.Context(), amira.ID); err != nil || len(open) != 0 {
		t.Fatalf("a key that was not used yet gave %d sessions, %v", len(open), err)
	}
	_, err = h.Invitations.OpenedByPass(t.Context(), typed(amira, code))
	refused(t, "used again", err, invitations.PassNotValid)
	h.Finish(t, attempt.ID, browser, key)
}

func TestPassHasItsTimeAndNoMore(t *testing.T) {
	t.Parallel()
	h := signintest.Open(t, dbtest.SQLite(t))
	amira := h.Somebody(t, "amira.khan")
	for life, want := range map[time.Duration]bool{-1: false, time.Minute: false, 5 * time.Minute: true, 0: true, time.Hour: true, time.Hour + 1: false} {
		pass, err := h.Invitations.IssuePass(t.Context(), signintest.Desk(), invitations.NewPass{Person: amira.ID, Life: life})
		if (err == nil) != want || err == nil && pass.ExpiresAt.Sub(h.Clock.Now()) > time.Hour {
			t.Errorf("a pass of %s: until %s, %v", life, pass.ExpiresAt, err)
		}
	}
	_, err := h.Invitations.IssuePass(t.Context(), signintest.Desk(), invitations.NewPass{Person: amira.ID, Starts: h.Clock.Now().Add(8 * 24 * time.Hour)})
	refused(t, "a start too far away", err, invitations.PassStartRefused)

	later := issue(t, h, invitations.NewPass{Person: amira.ID, Starts: h.Clock.Now().Add(2 * time.Hour), Life: 30 * time.Minute})
	_, err = h.Invitations.OpenedByPass(t.Context(), typed(amira, later.Code.Reveal()))
	refused(t, "before its time", err, invitations.PassTooEarly)
	h.Clock.Advance(2*time.Hour + 29*time.Minute)
	if _, err := h.Invitations.OpenedByPass(t.Context(), typed(amira, later.Code.Reveal())); err != nil {
		t.Errorf("in its time: %v", err)
	}
	h.Clock.Advance(time.Minute)
	_, err = h.Invitations.OpenedByPass(t.Context(), typed(amira, later.Code.Reveal()))
	refused(t, "after its time", err, invitations.PassNotValid)

	first := issue(t, h, invitations.NewPass{Person: amira.ID})
	second := issue(t, h, invitations.NewPass{Person: amira.ID})
	_, err = h.Invitations.OpenedByPass(t.Context(), typed(amira, first.Code.Reveal()))
	refused(t, "one that was replaced", err, invitations.PassNotValid)
	if closed, err := h.Invitations.Withdraw(t.Context(), signintest.Desk(), amira.ID); err != nil || !closed {
		t.Errorf("withdrawn %v, %v", closed, err)
	}
	_, err = h.Invitations.OpenedByPass(t.Context(), typed(amira, second.Code.Reveal()))
	refused(t, "one that was withdrawn", err, invitations.PassNotValid)

	if _, err := h.People.Leave(t.Context(), signintest.Desk(), amira.ID, time.Time{}, ""); err != nil {
		t.Fatal(err)
	}
	_, err = h.Invitations.IssuePass(t.Context(), signintest.Desk(), invitations.NewPass{Person: amira.ID})
	refused(t, "for somebody who has left", err, invitations.CannotInvite)
}

func TestSlipInAPassIsNoticedAndAGuessIsCounted(t *testing.T) {
	t.Parallel()
	h := signintest.Open(t, dbtest.SQLite(t))
	h.Guard.Most = 3
	amira := h.Somebody(t, "amira.khan")
	code := issue(t, h, invitations.NewPass{Person: amira.ID}).Code.Reveal()
	letters := strings.ReplaceAll(code, "-", "")
	slips := []string{"", "1234", letters + "0", letters[:15], letters[:15] + "U"}
	for i := range letters {
		wrong := byte('0')
		if letters[i] == '0' {
			wrong = '7'
		}
		slips = append(slips, letters[:i]+string(wrong)+letters[i+1:])
		if i > 0 && letters[i] != letters[i-1] {
			slips = append(slips, letters[:i-1]+string(letters[i])+string(letters[i-1])+letters[i+1:])
		}
	}
	for _, slip := range slips {
		_, err := h.Invitations.OpenedByPass(t.Context(), typed(amira, slip))
		refused(t, slip, err, invitations.PassMistyped)
	}
	for guess := range 3 { // well formed, of somebody else
		other := issue(t, h, invitations.NewPass{Person: h.Somebody(t, "other-"+string(rune(97+guess))).ID})
		_, err := h.Invitations.OpenedByPass(t.Context(), typed(amira, other.Code.Reveal()))
		refused(t, "a guess", err, invitations.PassNotValid)
	}
	_, err := h.Invitations.OpenedByPass(t.Context(), typed(amira, slips[0]))
	refused(t, "a slip after three guesses", err, invitationstest.Held)
	other := issue(t, h, invitations.NewPass{Person: h.Somebody(t, "other").ID})
	_, err = h.Invitations.OpenedByPass(t.Context(), typed(amira, other.Code.Reveal()))
	refused(t, "a guess after three guesses", err, invitationstest.Held)
	// The right one was not guessed.
	if found, err := h.Invitations.OpenedByPass(t.Context(), typed(amira, code)); err != nil || found.Person != amira.ID {
		t.Errorf("the right pass after three guesses of others: %+v, %v", found, err)
	}
}

func FuzzTypedPass(f *testing.F) {
	for _, seed := range []string{"4Q7M-X0TB-9KZP-2WRC", "oil0-OIL0-oil0-OIL0", "", "\x00", "ÄÖÜ", strings.Repeat("A", 65)} {
		f.Add("amira.khan", seed)
	}
	h := signintest.Open(f, dbtest.SQLite(f))
	h.Somebody(f, "amira.khan")
	f.Fuzz(func(t *testing.T, name, code string) {
		_, err := h.Invitations.OpenedByPass(t.Context(), invitations.TypedPass{UserName: name, Code: code})
		if !problem.Is(err, invitations.PassMistyped) && !problem.Is(err, invitations.PassNotValid) {
			t.Errorf("%q with %q: %v", name, code, err)
		}
	})
}
