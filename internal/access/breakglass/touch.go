package breakglass

import (
	"context"
	"fmt"
	"strings"

	"github.com/warder-project/warder/internal/access/sessions"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/secret"
	"github.com/warder-project/warder/internal/registry/assurance"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/factors"
)

// Answer is what a browser sends back for a key.
type Answer struct {
	Sealed    string // Challenge.Sealed
	Browser   secret.Value
	Response  []byte      // what the key said, JSON as the browser wrote it
	Holder    string      // of the second touch: the name of who holds the key
	Session   ids.Session // the session this browser had; it is replaced
	IP        string
	UserAgent string
}

// Opened is what both touches have led to.
type Opened struct {
	Use   Use
	Token secret.Value // of the session; empty after a test
}

// First takes the answer of the first key and returns a use that waits for the
// second. The same answer sent twice leads to the same use. Problems: NotThisKey,
// NotHardware, OtherBrowser, TooLate, and those of factors.
func (d *Desk) First(ctx context.Context, given Answer) (Use, error) {
	kept, err := d.unseal(given.Sealed, given.Browser)
	if err != nil {
		return Use{}, err
	}
	if kept.Use != "" {
		return Use{}, OtherBrowser.New()
	}
	if err := d.vouch(ctx, kept, given); err != nil {
		return Use{}, err
	}
	var use Use
	var refusal error
	err = d.deps.Tx.InTx(ctx, func(ctx context.Context) error {
		before, found, err := d.deps.Store.ByChallenge(ctx, kept.hash())
		if err != nil || found {
			use, refusal = before, nil
			return err
		}
		var touch Touch
		if touch, _, refusal, err = d.take(ctx, kept, given); err != nil || refusal != nil {
			return err
		}
		touch.Holder = kept.Ask.Holder
		now := d.now()
		use = Use{ID: ids.New[ids.Use](), Purpose: kept.Ask.Purpose, State: Waiting, Reason: kept.Ask.Reason, First: touch,
			Browser: given.Browser.Hash(), Challenge: kept.hash(), BegunAt: now, Until: now.Add(ToTouch)}
		if err := d.deps.Store.Add(ctx, use); err != nil {
			return err
		}
		return d.record(ctx, audit.Person(touch.Person), "breakglass.first_key", use, nil)
	})
	if err == nil {
		err = refusal
	}
	if err != nil {
		return Use{}, fmt.Errorf("first key for emergencies: %w", err)
	}
	d.deps.Log.WarnContext(ctx, "a key for emergencies was touched", "use", string(use.ID), "purpose", string(use.Purpose))
	return use, nil
}

// Second takes the answer of the second key: it begins the session, or ends the
// test. Problems: SamePerson, SameHolder, MovedOn, and those of First.
func (d *Desk) Second(ctx context.Context, id ids.Use, given Answer) (Opened, error) {
	given.Holder = strings.TrimSpace(given.Holder)
	kept, err := d.unseal(given.Sealed, given.Browser)
	if err != nil {
		return Opened{}, err
	}
	if kept.Use == "" || kept.Use != id {
		return Opened{}, OtherBrowser.New()
	}
	if _, err := d.waiting(ctx, id, given); err != nil {
		return Opened{}, err
	}
	if err := d.vouch(ctx, kept, given); err != nil {
		return Opened{}, err
	}
	var opened Opened
	var refusal error
	err = d.deps.Tx.InTx(ctx, func(ctx context.Context) error {
		opened, refusal = Opened{}, nil
		// Before the key's answer is judged: one that is sent twice would look like a copy of the key.
		use, err := d.waiting(ctx, id, given)
		if err != nil {
			return err
		}
		touch, proof, refused, err := d.take(ctx, kept, given)
		if err != nil || refused != nil {
			refusal = refused
			return err
		}
		if refusal, err = d.second(ctx, use, touch); err != nil || refusal != nil {
			return err
		}
		touch.Holder = given.Holder
		use.Second = touch
		opened, err = d.open(ctx, use, proof, given)
		return err
	})
	if err == nil {
		err = refusal
	}
	if err != nil {
		return Opened{}, fmt.Errorf("second key for emergencies: %w", err)
	}
	d.deps.Log.WarnContext(ctx, "two keys for emergencies were touched", "use", string(id), "purpose", string(opened.Use.Purpose))
	return opened, nil
}

// waiting returns a use that the second key may still be touched for.
func (d *Desk) waiting(ctx context.Context, id ids.Use, given Answer) (Use, error) {
	use, err := d.mine(ctx, id, given.Browser)
	switch {
	case err != nil:
		return Use{}, err
	case use.State != Waiting:
		return Use{}, MovedOn.New()
	case use.over(d.now()):
		return Use{}, TooLate.New()
	}
	if faults := checkHolder(given.Holder); len(faults) > 0 {
		return Use{}, Malformed.New().At(faults...)
	}
	if sameName(given.Holder, use.First.Holder) {
		return Use{}, SameHolder.New().At(problem.Field{Name: "holder", Message: "This is the name of the person who touched the first key. The second person gives their own."})
	}
	return use, nil
}

// vouch checks an answer without a unit of work, so that rubbish from strangers
// does not keep those who write waiting.
func (d *Desk) vouch(ctx context.Context, kept opening, given Answer) error {
	credential, err := d.deps.Factors.Vouch(ctx, kept.State, given.Response)
	if problem.Is(err, factors.UnknownCredential) {
		return NotThisKey.Because(err)
	}
	if err != nil {
		return err
	}
	person, err := d.deps.People.Get(ctx, credential.Person)
	if err != nil {
		return err
	}
	if !person.MayBreakGlass(d.now()) {
		return NotThisKey.New()
	}
	return nil
}

// take judges the answer of a key inside the unit of work that uses it. A refusal
// is no error: what was written about the key must stay.
func (d *Desk) take(ctx context.Context, kept opening, given Answer) (touch Touch, proof factors.Proof, refusal, err error) {
	proof, err = d.deps.Factors.FinishVerification(ctx, kept.State, given.Response)
	if known, ok := problem.Of(err); ok && known.Kind == problem.Forbidden {
		return Touch{}, proof, err, nil
	}
	if err != nil {
		return Touch{}, proof, nil, err
	}
	touch = Touch{Person: proof.Credential.Person, Credential: proof.Credential.ID, Key: proof.Credential.Key}
	person, err := d.deps.People.Get(ctx, touch.Person)
	if err != nil {
		return Touch{}, proof, nil, err
	}
	switch shown := proof.Assurance; {
	case !person.MayBreakGlass(d.now()):
		refusal = NotThisKey.New()
	case shown.AAL != assurance.AAL3 || !shown.Attested || !shown.HardwareBound || !shown.UserVerified:
		refusal = NotHardware.New()
	}
	if refusal == nil {
		return touch, proof, nil, nil
	}
	return Touch{}, proof, refusal, d.refused(ctx, touch, refusal)
}

// second says why a good key is not a second one.
func (d *Desk) second(ctx context.Context, use Use, touch Touch) (refusal, err error) {
	if touch.Person == use.First.Person || touch.Key == use.First.Key || touch.Credential == use.First.Credential {
		refusal = SamePerson.New()
		return refusal, d.refused(ctx, touch, refusal)
	}
	// The first key may have been reported lost meanwhile.
	good, err := d.stillGood(ctx, use.First)
	if err != nil || good {
		return nil, err
	}
	refusal = NotThisKey.New()
	return refusal, d.refused(ctx, use.First, refusal)
}

// refused writes down that somebody had a real key in hand and was turned away.
func (d *Desk) refused(ctx context.Context, touch Touch, refusal error) error {
	code := ""
	if known, ok := problem.Of(refusal); ok {
		code = known.Code
	}
	return d.deps.Audit.Record(ctx, audit.Event{Action: "breakglass.refused", Subject: string(touch.Person),
		Details: map[string]string{"key": string(touch.Key), "problem": code}})
}

// open makes the last move: to a session, or to the end of a test.
func (d *Desk) open(ctx context.Context, use Use, proof factors.Proof, given Answer) (Opened, error) {
	now := d.now()
	use.OpenedAt = now
	actor := audit.Person(use.Second.Person)
	if use.Purpose == Test {
		use.State, use.EndedAt = Tested, now
		if err := d.deps.Store.Move(ctx, use, Waiting); err != nil {
			return Opened{}, err
		}
		return Opened{Use: use}, d.record(ctx, actor, "breakglass.tested", use, nil)
	}
	if err := d.endOthers(ctx, actor); err != nil {
		return Opened{}, err
	}
	use.State, use.Until = Open, now.Add(Longest)
	session, token, err := d.deps.Sessions.Start(ctx, audit.Person(use.First.Person), sessions.NewSession{
		Person: use.First.Person, Credential: use.First.Credential, Key: use.First.Key, Assurance: proof.Assurance, AMR: proof.AMR,
		Until: use.Until, IP: given.IP, UserAgent: given.UserAgent,
	})
	if err != nil {
		return Opened{}, err
	}
	use.Session = session.ID
	if err := d.replace(ctx, actor, given.Session); err != nil {
		return Opened{}, err
	}
	if err := d.deps.Store.Move(ctx, use, Waiting); err != nil {
		return Opened{}, err
	}
	return Opened{Use: use, Token: token}, d.record(ctx, actor, "breakglass.opened", use,
		map[string]string{"session": string(session.ID), "until": use.Until.Format("2006-01-02T15:04:05Z07:00")})
}

// replace ends the session that the browser had.
func (d *Desk) replace(ctx context.Context, actor audit.Actor, session ids.Session) error {
	if session == "" {
		return nil
	}
	err := d.deps.Sessions.End(ctx, actor, session, sessions.Replaced)
	if problem.Is(err, sessions.NoSuch) {
		return nil
	}
	return err
}

func problemIsNoKey(err error) bool { return problem.Is(err, factors.UnknownCredential) }

// sameName reports whether two names are written alike but for case and spaces.
func sameName(one, other string) bool {
	plain := func(name string) string { return strings.Join(strings.Fields(strings.ToLower(name)), " ") }
	return plain(one) == plain(other)
}
