package demo

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/warder-project/warder/internal/access/invitations"
	"github.com/warder-project/warder/internal/access/recovery"
	"github.com/warder-project/warder/internal/app/demo/department"
	"github.com/warder-project/warder/internal/app/demo/softkey"
	"github.com/warder-project/warder/internal/app/demo/visitor"
	"github.com/warder-project/warder/internal/registry/factors"
)

// open takes the one-time link to the page that asks for a key.
func (t *tour) open(ctx context.Context) (string, error) {
	page, err := t.visitor.Open(ctx, t.link)
	if err != nil {
		return "", err
	}
	if t.page, err = t.visitor.Press(ctx, page, nil); err != nil {
		return "", err
	}
	if !t.page.HasCeremony() {
		return "", fmt.Errorf("ended at %s: %q", t.page.Address, t.page.Heading())
	}
	return fmt.Sprintf("“%s”", t.page.Heading()), nil
}

// weak answers with a passkey that is copied between devices, as a phone's is.
func (t *tour) weak(ctx context.Context) (string, error) {
	phone := func(_ string, options []byte, origin string) ([]byte, error) {
		key := t.demo.keys.NewKey()
		key.Behaviour.Statement, key.Behaviour.BackupEligible, key.Behaviour.BackedUp = softkey.None, true, true
		return key.Create(options, origin)
	}
	page, err := t.visitor.TouchWith(ctx, t.page, nil, phone)
	if err != nil {
		return "", err
	}
	held, err := t.demo.App.Factors.OfPerson(ctx, t.person.ID)
	if err != nil || len(held) != 0 {
		return "", fmt.Errorf("%d credentials were registered: %w", len(held), err)
	}
	if !page.HasCeremony() || !strings.Contains(page.Text, factors.SyncedPasskey.Sentence) {
		return "", fmt.Errorf("%d at %s: %q", page.Status, page.Address, page.Heading())
	}
	t.page = page
	return "“" + factors.SyncedPasskey.Sentence + "” " + factors.SyncedPasskey.Next, nil
}

// recover lets the service desk help her: a case, and a pass at the end of it.
func (t *tour) recover(ctx context.Context) (string, error) {
	desk, err := t.agent(ctx)
	if err != nil {
		return "", err
	}
	opened, err := t.demo.App.Recovery.Open(ctx, desk, recovery.Opening{Person: t.person.ID, Why: recovery.LostAll})
	if err != nil {
		return "", err
	}
	ready, err := t.demo.App.Recovery.Check(ctx, desk, opened.ID, recovery.Identity{Method: recovery.InPerson, Note: "Photo pass, compared at the counter."})
	if err != nil {
		return "", err
	}
	pass, _, err := t.demo.App.Recovery.IssueFor(ctx, desk, opened.ID, recovery.Wanted{Reason: "She has lost her only key."})
	if err != nil {
		return "", err
	}
	if t.page, err = t.usePass(ctx, pass); err != nil {
		return "", err
	}
	me, err := t.visitor.Open(ctx, t.demo.config.PublicURL+"/me")
	if err != nil {
		return "", err
	}
	ended, err := t.demo.App.Recovery.Get(ctx, opened.ID)
	if err != nil {
		return "", err
	}
	if me.Status != http.StatusOK || me.Address.Path != "/me" || ended.State != recovery.Completed {
		return "", fmt.Errorf("she is at %s, and the case is %s", me.Address, ended.State)
	}
	return fmt.Sprintf("Identified: %s. The pass opened the registration of a key and nothing else; the new key signed her in. The case is %s.",
		strings.ToLower(ready.Method.Label()), ended.State), nil
}

// usePass takes a pass in an empty browser to a session made with a new key.
func (t *tour) usePass(ctx context.Context, pass invitations.Pass) (visitor.View, error) {
	var err error
	if t.visitor, err = visitor.New(t.demo.config.PublicURL, nil); err != nil {
		return visitor.View{}, err
	}
	page, err := t.visitor.Open(ctx, t.demo.config.PublicURL+"/pass")
	if err != nil {
		return visitor.View{}, err
	}
	page, err = t.visitor.Press(ctx, page, url.Values{"user-name": {t.person.UserName}, "code": {pass.Code.Reveal()}})
	if err != nil {
		return visitor.View{}, err
	}
	if me, err := t.visitor.Open(ctx, t.demo.config.PublicURL+"/me"); err != nil || me.Address.Path == "/me" {
		return visitor.View{}, fmt.Errorf("the pass alone signed her in: %w", err)
	}
	if page, err = t.visitor.Touch(ctx, page, url.Values{"label": {"Second key"}}); err != nil {
		return visitor.View{}, err
	}
	return t.visitor.Touch(ctx, page, nil)
}

// alone lets the desk try the same for an administrator.
func (t *tour) alone(ctx context.Context) (string, error) {
	desk, err := t.agent(ctx)
	if err != nil {
		return "", err
	}
	admin, err := t.demo.App.People.ByUserName(ctx, department.Administrator)
	if err != nil {
		return "", err
	}
	opened, err := t.demo.App.Recovery.Open(ctx, desk, recovery.Opening{Person: admin.ID, Why: recovery.Forgotten})
	if err != nil {
		return "", err
	}
	waiting, err := t.demo.App.Recovery.Check(ctx, desk, opened.ID, recovery.Identity{Method: recovery.InPerson, Note: "Photo pass, compared at the counter."})
	if err != nil {
		return "", err
	}
	_, _, refused := t.demo.App.Recovery.IssueFor(ctx, desk, opened.ID, recovery.Wanted{Reason: "They ask for it."})
	if refused == nil {
		return "", fmt.Errorf("the desk got a pass for an administrator")
	}
	if _, err := t.demo.App.Recovery.Withdraw(ctx, desk, opened.ID, "It was only a try."); err != nil {
		return "", err
	}
	return fmt.Sprintf("Refused. Approvals still missing: %d, one of them from somebody who may do all that an administrator may; then hours of waiting, while everybody is told.", waiting.Missing()), nil
}

// agent is somebody of the service desk, with a key touched this moment.
func (t *tour) agent(ctx context.Context) (recovery.By, error) {
	browser, err := visitor.New(t.demo.config.PublicURL, nil)
	if err != nil {
		return recovery.By{}, err
	}
	page, err := browser.Open(ctx, t.demo.config.PublicURL+"/signin")
	if err != nil {
		return recovery.By{}, err
	}
	if page, err = browser.Press(ctx, page, url.Values{"user-name": {department.ServiceDesk}}); err != nil {
		return recovery.By{}, err
	}
	if page, err = browser.Touch(ctx, page, nil); err != nil {
		return recovery.By{}, err
	}
	person, err := t.demo.App.People.ByUserName(ctx, department.ServiceDesk)
	if err != nil {
		return recovery.By{}, err
	}
	open, err := t.demo.App.Sessions.OfPerson(ctx, person.ID)
	if err != nil || len(open) == 0 {
		return recovery.By{}, fmt.Errorf("the desk is not signed in (%q): %w", page.Heading(), err)
	}
	return recovery.SignedIn(person.ID, open[0].ID), nil
}
