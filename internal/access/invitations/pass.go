package invitations

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/secret"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/people"
)

// How long a pass may last, and how far ahead it may begin.
const (
	UsualPass     = 60 * time.Minute
	shortestPass  = 5 * time.Minute
	longestPass   = 60 * time.Minute
	furthestStart = 7 * 24 * time.Hour
)

// Guard holds back whoever guesses. Its owner is access/throttle; the account is
// a user name in lower case, which may be nobody's.
type Guard interface {
	// Admit answers with a problem of kind TooMany to whoever must wait.
	Admit(ctx context.Context, account string, source netip.Addr) error
	Failed(ctx context.Context, account string, source netip.Addr) error
	Succeeded(ctx context.Context, account string, source netip.Addr) error
}

// NewPass is what a pass is to be.
type NewPass struct {
	Person ids.Person
	Life   time.Duration // from its beginning; 0 is UsualPass
	Starts time.Time     // before which it does not work; zero is at once
	Case   ids.Recovery  // the recovery case it ends; "" for a first key
	Reason string        // for the record; may be empty
}

// Pass is a pass as it is told, once.
type Pass struct {
	Invitation
	Code secret.Value // "4Q7M-X0TB-9KZP-2WRC"
}

// IssuePass makes a pass for a person and withdraws whatever was open for them.
// The caller has checked that the actor may do this. Problems: PassLifeRefused,
// PassStartRefused, CannotInvite, people.NotFound.
func (d *Desk) IssuePass(ctx context.Context, actor audit.Actor, wanted NewPass) (Pass, error) {
	now := d.deps.Now().UTC().Truncate(time.Millisecond)
	if wanted.Life == 0 {
		wanted.Life = UsualPass
	}
	if wanted.Life < shortestPass || wanted.Life > longestPass {
		return Pass{}, PassLifeRefused.New()
	}
	starts := now
	if wanted.Starts.After(now) {
		starts = wanted.Starts.UTC().Truncate(time.Millisecond)
	}
	if starts.Sub(now) > furthestStart {
		return Pass{}, PassStartRefused.New()
	}
	made := Pass{Code: newCode(), Invitation: Invitation{
		ID: ids.New[ids.Invitation](), Kind: KindPass, Person: wanted.Person, By: actor, Case: wanted.Case,
		CreatedAt: now, StartsAt: starts, ExpiresAt: starts.Add(wanted.Life),
	}}
	code, _ := readCode(made.Code.Reveal())
	made.Token = hashOf(wanted.Person, code)
	details := map[string]string{"starts": starts.Format(time.RFC3339)}
	if wanted.Case != "" {
		details["case"] = string(wanted.Case)
	}
	if wanted.Reason != "" {
		details["reason"] = wanted.Reason
	}
	if err := d.keep(ctx, made.Invitation, "pass.issued", details); err != nil {
		return Pass{}, fmt.Errorf("issue a pass to %s: %w", wanted.Person, err)
	}
	return made, nil
}

// TypedPass is what somebody typed on the page for passes.
type TypedPass struct {
	UserName string
	Code     string
	Source   netip.Addr // where they are; may be unknown
}

// OpenedByPass returns what a typed pass opens. A wrong code, another's name and a
// name that nobody has are told by the same problem, and cost as much.
//
// Whoever must wait may still type the right code: nobody guesses 75 bits (NIST SP
// 800-63B-4 §3.1.2.2 asks for a limit below 64), and whoever floods an account with
// wrong ones must not keep its owner, who has nothing else, out for the hour of the
// pass. Problems: PassMistyped, PassNotValid, PassTooEarly, and the guard's.
func (d *Desk) OpenedByPass(ctx context.Context, typed TypedPass) (Invitation, error) {
	account := accountOf(typed.UserName)
	held := d.deps.Guard.Admit(ctx, account, typed.Source)
	if known, ok := problem.Of(held); held != nil && (!ok || known.Kind != problem.TooMany) {
		return Invitation{}, held
	}
	found, wrong := d.typed(ctx, account, typed.Code)
	switch {
	case wrong == nil && held == nil:
		if err := d.deps.Guard.Succeeded(ctx, account, typed.Source); err != nil {
			return Invitation{}, err
		}
	case wrong == nil: // nothing was counted, so nothing is forgiven
	case held != nil:
		return Invitation{}, held
	case problem.Is(wrong, PassNotValid):
		if err := d.deps.Guard.Failed(ctx, account, typed.Source); err != nil {
			return Invitation{}, err
		}
		return Invitation{}, wrong
	default:
		return Invitation{}, wrong
	}
	if !found.Open(d.deps.Now()) {
		return Invitation{}, PassTooEarly.Detailf("It works from %s.", found.StartsAt.Format("2 January 2006 at 15:04 UTC"))
	}
	return found, nil
}

// typed finds the pass that was typed, which may have to wait for its time. Problems:
// PassMistyped, PassNotValid.
func (d *Desk) typed(ctx context.Context, account, text string) (Invitation, error) {
	code, ok := readCode(text)
	if !ok {
		return Invitation{}, PassMistyped.New().At(problem.Field{Name: "code", Message: "There is a slip in the code. Compare it with what you were given"})
	}
	found, err := d.byCode(ctx, account, code)
	if problem.Is(err, NotValid) || err == nil && (found.Kind != KindPass || !found.ClosedAt.IsZero() || found.over(d.deps.Now())) {
		return Invitation{}, PassNotValid.New()
	}
	return found, err
}

// longestName is longer than any user name of the directory.
const longestName = 128

// accountOf is a typed user name as it is counted and looked up.
func accountOf(typed string) string {
	account := strings.ToLower(strings.TrimSpace(typed))
	if len(account) > longestName {
		account = account[:longestName] // nobody has such a name; the page must not say so
	}
	return strings.ToValidUTF8(account, "?")
}

// byCode looks a pass up. For a name that nobody has it looks for one as well.
func (d *Desk) byCode(ctx context.Context, account, code string) (Invitation, error) {
	person, err := d.deps.People.ByUserName(ctx, account)
	if problem.Is(err, people.NotFound) {
		person.ID, err = ids.New[ids.Person](), nil
	}
	if err != nil {
		return Invitation{}, err
	}
	return d.deps.Store.ByToken(ctx, hashOf(person.ID, code))
}

// Withdraw closes what is open for a person, and says whether anything was.
func (d *Desk) Withdraw(ctx context.Context, actor audit.Actor, person ids.Person) (bool, error) {
	var closed bool
	err := d.deps.Tx.InTx(ctx, func(ctx context.Context) error {
		count, err := d.deps.Store.Withdraw(ctx, person, d.deps.Now())
		if err != nil || count == 0 {
			return err
		}
		closed = true
		return d.deps.Audit.Record(ctx, audit.Event{Actor: actor, Action: "enrol.withdrawn", Subject: string(person)})
	})
	if err != nil {
		return false, fmt.Errorf("withdraw what is open for %s: %w", person, err)
	}
	return closed, nil
}
