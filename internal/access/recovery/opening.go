package recovery

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/secret"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/keys"
)

// Opening is what is said when a case is opened.
type Opening struct {
	Person ids.Person
	Why    Why
	Lost   []Loss // keys that are stated to be gone; they are blocked at once
}

// Open opens a case. Keys that are stated lost or stolen are blocked and their
// sessions end, in the same unit of work. Problems: Yourself, CannotHelp,
// AlreadyOpen, Incomplete, NotTheirKey.
func (d *Desk) Open(ctx context.Context, by By, said Opening) (Case, error) {
	if err := notThemselves(by, said.Person); err != nil {
		return Case{}, err
	}
	if !slices.Contains(Whys(), said.Why) {
		return Case{}, Incomplete.New().At(problem.Field{Name: "why", Message: "Choose why they cannot sign in"})
	}
	// A key that was reported must stay blocked even if the page is closed.
	ctx = context.WithoutCancel(ctx)
	var opened Case
	err := d.deps.Tx.InTx(ctx, func(ctx context.Context) error {
		var err error
		opened, err = d.open(ctx, by, said)
		return err
	})
	if err != nil {
		return Case{}, fmt.Errorf("open a recovery case for %s: %w", said.Person, err)
	}
	return opened, nil
}

func (d *Desk) open(ctx context.Context, by By, said Opening) (Case, error) {
	person, err := d.deps.People.Get(ctx, said.Person)
	if err != nil {
		return Case{}, err
	}
	if !person.MaySignIn(d.deps.Now()) {
		return Case{}, CannotHelp.New()
	}
	objection, now := secret.Token(), d.now()
	made := Case{ID: ids.New[ids.Recovery](), Person: person.ID, State: Opened, Why: said.Why, Lost: said.Lost, Opener: by.Actor,
		Objection: objection.Hash(), OpenedAt: now, ExpiresAt: now.Add(ordinaryLife), Version: 1}
	if made.Privileged, err = d.privileged(ctx, person.ID); err != nil {
		return Case{}, err
	}
	if made.Privileged {
		made.ExpiresAt = now.Add(roledLife)
	}
	if err := d.deps.Store.Open(ctx, made); err != nil {
		return Case{}, err
	}
	if err := d.block(ctx, by.Actor, made); err != nil {
		return Case{}, err
	}
	details := map[string]string{"case": string(made.ID), "why": string(made.Why)}
	if made.Privileged {
		details["privileged"] = "yes"
	}
	if err := d.deps.Audit.Record(ctx, audit.Event{Actor: by.Actor, Action: "recovery.opened", Subject: string(person.ID), Details: details}); err != nil {
		return Case{}, err
	}
	return made, d.tellOpened(ctx, made, person, objection)
}

// block blocks what is stated to be gone.
func (d *Desk) block(ctx context.Context, actor audit.Actor, made Case) error {
	if len(made.Lost) == 0 {
		return nil
	}
	held, err := d.deps.Keys.HeldBy(ctx, made.Person)
	if err != nil {
		return err
	}
	for _, loss := range made.Lost {
		if !slices.ContainsFunc(held, func(key keys.Key) bool { return key.ID == loss.Key }) {
			return NotTheirKey.New()
		}
		if _, err := d.deps.LostKeys.Report(ctx, actor, loss.Key, loss.How, d.now()); err != nil {
			return err
		}
	}
	return nil
}

// Identity is how the caller was identified.
type Identity struct {
	Method Method
	Note   string // what was seen; no numbers of documents
}

const longestNote = 500

// Check records that the caller has been identified. With LineManager it asks the
// line manager to say so. Problems: Yourself, Incomplete, NoManager, WrongStep.
func (d *Desk) Check(ctx context.Context, by By, id ids.Recovery, said Identity) (Case, error) {
	note, faults := checkNote(said.Note)
	if !slices.Contains(Methods(), said.Method) {
		faults = append(faults, problem.Field{Name: "method", Message: "Choose how you know who they are"})
	}
	if len(faults) > 0 {
		return Case{}, Incomplete.New().At(faults...)
	}
	what := checked
	if said.Method == LineManager {
		what = asked
	}
	return d.step(ctx, by.Actor, id, what, func(ctx context.Context, c *Case) error {
		if err := notThemselves(by, c.Person); err != nil {
			return err
		}
		if err := d.promote(ctx, c); err != nil {
			return err
		}
		c.Method, c.Note = said.Method, note
		if said.Method == LineManager {
			return d.askManager(ctx, c)
		}
		c.Checker = by.Actor
		return nil
	})
}

// promote notices that somebody has been given a role since the case was opened.
func (d *Desk) promote(ctx context.Context, c *Case) error {
	now, err := d.privileged(ctx, c.Person)
	if now && !c.Privileged {
		c.Privileged, c.ExpiresAt = true, c.OpenedAt.Add(roledLife)
	}
	return err
}

// checkNote keeps numbers out: what was seen is recorded, not copied.
func checkNote(note string) (string, []problem.Field) {
	note = strings.TrimSpace(strings.ToValidUTF8(note, ""))
	fault := func(message string) (string, []problem.Field) {
		return note, []problem.Field{{Name: "note", Message: message}}
	}
	switch {
	case note == "":
		return fault("Write what you checked, such as: photo pass matches, knew their team")
	case utf8.RuneCountInString(note) > longestNote:
		return fault("Write at most 500 characters")
	case strings.ContainsRune(note, 0):
		return fault("Write it without control characters")
	}
	digits := 0
	for _, character := range note {
		switch {
		case unicode.IsDigit(character):
			digits++
		case character != ' ' && character != '-':
			digits = 0
		}
		if digits == 6 {
			return fault("Leave out numbers of passes, passports and accounts: say what you saw, not what was printed on it")
		}
	}
	return note, nil
}

// askManager asks whoever is the person's line manager now.
func (d *Desk) askManager(ctx context.Context, c *Case) error {
	manager, err := d.manager(ctx, *c)
	if err != nil {
		return err
	}
	return d.tellManagerAsked(ctx, c, manager)
}

// manager is who may vouch in a case: the line manager in the directory, unless
// they have opened it.
func (d *Desk) manager(ctx context.Context, c Case) (ids.Person, error) {
	person, err := d.deps.People.Get(ctx, c.Person)
	if err != nil {
		return "", err
	}
	if person.Manager == "" || person.Manager == person.ID || c.Opener == audit.Person(person.Manager) {
		return "", NoManager.New()
	}
	manager, err := d.deps.People.Get(ctx, person.Manager)
	if err != nil {
		return "", err
	}
	if !manager.MaySignIn(d.deps.Now()) {
		return "", NoManager.New()
	}
	return manager.ID, nil
}

// ToVouch lists the cases in which a person is asked to vouch.
func (d *Desk) ToVouch(ctx context.Context, manager ids.Person) ([]Case, error) {
	open, err := d.List(ctx, Filter{Open: true, Limit: 500})
	if err != nil {
		return nil, err
	}
	var asked []Case
	for _, one := range open {
		if one.State != Opened || one.Method != LineManager {
			continue
		}
		who, err := d.manager(ctx, one)
		if problem.Is(err, NoManager) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if who == manager {
			asked = append(asked, one)
		}
	}
	return asked, nil
}

// Vouch is the line manager's word, given with a key touched a moment ago, that
// the person has really asked. Problems: NotTheManager, NotFresh, WrongStep.
func (d *Desk) Vouch(ctx context.Context, by By, id ids.Recovery) (Case, error) {
	return d.step(ctx, by.Actor, id, checked, func(ctx context.Context, c *Case) error {
		if err := d.asManager(ctx, by, *c); err != nil {
			return err
		}
		if err := d.fresh(ctx, by); err != nil {
			return err
		}
		c.Checker = by.Actor
		return d.promote(ctx, c)
	})
}

// Disown is the line manager's word that the person has not asked: it ends the case.
// It needs no touch of a key, because it lets nobody in. Problem: NotTheManager.
func (d *Desk) Disown(ctx context.Context, by By, id ids.Recovery) (Case, error) {
	return d.step(ctx, by.Actor, id, refused, func(ctx context.Context, c *Case) error {
		c.Ending = "The line manager did not vouch for them."
		return d.asManager(ctx, by, *c)
	})
}

func (d *Desk) asManager(ctx context.Context, by By, c Case) error {
	manager, err := d.manager(ctx, c)
	if problem.Is(err, NoManager) || err == nil && (c.Method != LineManager || c.State != Opened || by.Person() != manager) {
		return NotTheManager.New()
	}
	return err
}
