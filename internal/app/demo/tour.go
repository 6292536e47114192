package demo

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/warder-project/warder/internal/access/policy"
	"github.com/warder-project/warder/internal/app/demo/foresight"
	"github.com/warder-project/warder/internal/app/demo/past"
	"github.com/warder-project/warder/internal/app/demo/visitor"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/factors"
	"github.com/warder-project/warder/internal/registry/people"
)

// tour is a walk through the whole story by somebody who starts today.
type tour struct {
	demo     *Demo
	out      io.Writer
	visitor  *visitor.Visitor // her browser
	stranger *visitor.Visitor // a browser that is signed in to nothing
	person   people.Person
	link     string
	page     visitor.View
	failed   bool
}

// Tour makes a department in options.Directory on free ports, walks through the
// story and prints it. passed is false when a step did not do what it says.
func Tour(ctx context.Context, options Options, out io.Writer) (passed bool, err error) {
	options.Port = 0
	d, err := Open(ctx, options)
	if err != nil {
		return false, err
	}
	running, stop := context.WithCancel(ctx)
	defer stop()
	ready, ended := make(chan struct{}), make(chan error, 1)
	go func() { ended <- d.Run(running, func() { close(ready) }) }()
	select {
	case <-ready:
	case err := <-ended:
		return false, err
	}
	t := &tour{demo: d, out: out}
	err = t.walk(ctx)
	stop()
	if runErr := <-ended; err == nil {
		err = runErr
	}
	return err == nil && !t.failed, err
}

// step is one thing that is promised and then done. It returns what was seen.
type step struct {
	promise string
	deed    func(ctx context.Context) (seen string, err error)
}

func (t *tour) walk(ctx context.Context) error {
	var err error
	if t.visitor, err = visitor.New(t.demo.config.PublicURL, nil); err != nil {
		return err
	}
	if t.stranger, err = visitor.New(t.demo.config.PublicURL, nil); err != nil {
		return err
	}
	fmt.Fprintf(t.out, "A walk through Warder, in a department that is made up.\n\n")
	steps := []step{
		{"Nina Starter joins and is sent a one-time link.", t.invite},
		{"Signed out, she asks for payroll and is asked to sign in. A script gets a status, not a page.", t.signedOut},
		{"She opens the link, which leads to the registration of a key and to nothing else.", t.open},
		{"She first tries a passkey from her phone. It can be copied, so it is refused, and she is told what to use instead.", t.weak},
		{"She registers a security key. Its make and model are proven by attestation.", t.register},
		{"She uses the new key once, and is signed in.", t.signIn},
		{"The link is worth nothing a second time.", t.linkAgain},
		{"She reaches payroll, which knows nothing of keys, because policy says so.", t.payroll},
		{"Forging the header that payroll believes does not help.", t.forge},
		{"She loses the key and reports it. The very next request is refused.", t.lose},
		{"She is told by mail, which in this demo stays on a page.", t.mail},
		{"Whoever finds the key cannot sign in with it.", t.find},
		{"Why? The same policy code explains itself.", t.explain},
		{"She goes to the service desk. How she was identified is on record, and a pass leads her to a new key.", t.recover},
		{"For an administrator the service desk cannot do that alone.", t.alone},
		{"Before the next policy is enforced, it is tried on what people did in fourteen months.", func(ctx context.Context) (string, error) { return past.Try(ctx, t.demo.App) }},
		{"And somebody looks whom it would lock out. While it would, it is not enforced.", func(ctx context.Context) (string, error) { return foresight.Show(ctx, t.demo.App, historian()) }},
		{"The record of all this is whole.", t.verify},
		{"The security lead asks how mature the department is, and what holds it back.", t.assess},
	}
	started := time.Now()
	for i, s := range steps {
		seen, err := s.deed(ctx)
		mark := "as promised"
		if err != nil {
			mark, seen, t.failed = "NOT AS PROMISED", err.Error(), true
		}
		fmt.Fprintf(t.out, "%2d. %s\n", i+1, s.promise)
		for line := range strings.Lines(seen) {
			fmt.Fprintf(t.out, "      %s\n", strings.TrimRight(line, "\n"))
		}
		fmt.Fprintf(t.out, "      [%s]\n\n", mark)
		if err != nil {
			return nil // later steps stand on this one
		}
	}
	fmt.Fprintf(t.out, "%d steps, all as promised, in %.1f seconds.\n", len(steps), time.Since(started).Seconds())
	return nil
}

func (t *tour) invite(ctx context.Context) (string, error) {
	var err error
	t.person, err = t.demo.App.People.Add(ctx, historian(), people.NewPerson{UserName: "nina.starter", Name: "Nina Starter",
		Email: "nina.starter@department.example", Department: "Finance", Kind: people.KindPerson})
	if err != nil {
		return "", err
	}
	t.link, err = t.demo.App.Invite(ctx, historian(), t.person.ID, time.Hour)
	if err != nil {
		return "", err
	}
	return "The link works once, for an hour, and opens nothing but the registration of a key.", nil
}

func (t *tour) signedOut(ctx context.Context) (string, error) {
	page, err := t.stranger.Open(ctx, t.demo.PayrollAddress())
	if err != nil {
		return "", err
	}
	if page.Address.Path != "/signin" || !strings.HasPrefix(page.Address.String(), t.demo.config.PublicURL) {
		return "", fmt.Errorf("ended at %s", page.Address)
	}
	script, err := t.stranger.Fetch(ctx, t.demo.PayrollAddress()+"/api/payslip")
	if err != nil {
		return "", err
	}
	if script.Status != http.StatusUnauthorized || strings.Contains(script.Text, "<html") {
		return "", fmt.Errorf("the script got %d: %.200s", script.Status, script.Text)
	}
	return fmt.Sprintf("The browser ends at %s, “%s”. The script gets %d and %s.", page.Address.Path, page.Heading(), script.Status, "the code gateway.sign_in_needed"), nil
}

func (t *tour) register(ctx context.Context) (string, error) {
	var err error
	if t.page, err = t.visitor.Touch(ctx, t.page, url.Values{"label": {"Blue key"}}); err != nil {
		return "", err
	}
	credentials, err := t.demo.App.Factors.OfPerson(ctx, t.person.ID)
	if err != nil {
		return "", err
	}
	if len(credentials) != 1 || credentials[0].Attestation != factors.AttestationVerified {
		return "", fmt.Errorf("page %q; credentials: %d, none attested", t.page.Heading(), len(credentials))
	}
	return fmt.Sprintf("Model %s, attestation %s.", credentials[0].Model, credentials[0].Attestation), nil
}

func (t *tour) signIn(ctx context.Context) (string, error) {
	page, err := t.visitor.Touch(ctx, t.page, nil)
	if err != nil {
		return "", err
	}
	page, err = t.visitor.Open(ctx, t.demo.config.PublicURL+"/me")
	if err != nil {
		return "", err
	}
	if page.Status != http.StatusOK || page.Address.Path != "/me" {
		return "", fmt.Errorf("ended at %s: %q", page.Address, page.Heading())
	}
	live, err := t.demo.App.Sessions.OfPerson(ctx, t.person.ID)
	if err != nil || len(live) == 0 {
		return "", fmt.Errorf("no session: %w", err)
	}
	return fmt.Sprintf("“%s”. The session is %s.", page.Heading(), live[0].Assurance), nil
}

func (t *tour) linkAgain(ctx context.Context) (string, error) {
	page, err := t.stranger.Open(ctx, t.link)
	if err != nil {
		return "", err
	}
	if page.Status < 400 {
		return "", fmt.Errorf("it opened %q", page.Heading())
	}
	return fmt.Sprintf("“%s”", page.Heading()), nil
}

func (t *tour) payroll(ctx context.Context) (string, error) {
	page, err := t.visitor.Open(ctx, t.demo.PayrollAddress())
	if err != nil {
		return "", err
	}
	if page.Status != http.StatusOK || !strings.Contains(page.Text, `<strong id="user">nina.starter</strong>`) {
		return "", fmt.Errorf("%d at %s: %q", page.Status, page.Address, page.Heading())
	}
	return fmt.Sprintf("“%s”: signed on as nina.starter.", page.Heading()), nil
}

func (t *tour) forge(ctx context.Context) (string, error) {
	page, err := t.visitor.Open(ctx, t.demo.PayrollAddress(), "Remote-User", "amira.khan", "Remote_User", "amira.khan", "Connection", "Remote-User")
	if err != nil {
		return "", err
	}
	if page.Status != http.StatusOK || strings.Contains(page.Text, "amira.khan") || !strings.Contains(page.Text, "nina.starter") {
		return "", fmt.Errorf("payroll answered %d: %.300s", page.Status, page.Text)
	}
	outside, err := t.stranger.Open(ctx, t.demo.PayrollAddress(), "Remote-User", "amira.khan")
	if err != nil {
		return "", err
	}
	if strings.Contains(outside.Text, "payslip") {
		return "", fmt.Errorf("a stranger saw a payslip")
	}
	return "Payroll still sees nina.starter; a stranger with the header sees the sign-in page.", nil
}

func (t *tour) lose(ctx context.Context) (string, error) {
	held, err := t.demo.App.Keys.HeldBy(ctx, t.person.ID)
	if err != nil || len(held) != 1 {
		return "", fmt.Errorf("%d keys: %w", len(held), err)
	}
	page, err := t.visitor.Open(ctx, t.demo.config.PublicURL+"/me/keys/"+string(held[0].ID)+"/lost")
	if err != nil {
		return "", err
	}
	page, err = t.visitor.Press(ctx, page, url.Values{"reason": {"lost"}})
	if err != nil {
		return "", err
	}
	if page.Status != http.StatusOK {
		return "", fmt.Errorf("report answered %d: %q", page.Status, page.Heading())
	}
	next, err := t.visitor.Fetch(ctx, t.demo.PayrollAddress()+"/api/payslip")
	if err != nil {
		return "", err
	}
	if next.Status != http.StatusUnauthorized && next.Status != http.StatusForbidden {
		return "", fmt.Errorf("the next request was answered with %d", next.Status)
	}
	entries, err := t.demo.App.Audit.List(ctx, audit.Filter{Subject: string(held[0].ID), Action: "key.block_in_force", Limit: 1})
	if err != nil || len(entries) != 1 {
		return "", fmt.Errorf("the record does not say how long it took: %w", err)
	}
	return fmt.Sprintf("“%s”. The next request got %d. The record says %s ms from report to block, %s sessions ended.",
		page.Heading(), next.Status, entries[0].Details["milliseconds"], entries[0].Details["sessions_ended"]), nil
}

func (t *tour) mail(ctx context.Context) (string, error) {
	page, err := t.stranger.Open(ctx, t.demo.config.PublicURL+"/demo/mail")
	if err != nil {
		return "", err
	}
	for _, subject := range []string{"Your security key has been blocked", "A security key was registered for you"} {
		if !strings.Contains(page.Text, subject) || !strings.Contains(page.Text, t.person.Email) {
			return "", fmt.Errorf("no message “%s” to her at %s", subject, page.Address)
		}
	}
	return "“A security key was registered for you”, then “Your security key has been blocked”.", nil
}

func (t *tour) find(ctx context.Context) (string, error) {
	page, err := t.stranger.Open(ctx, t.demo.config.PublicURL+"/signin")
	if err != nil {
		return "", err
	}
	if page, err = t.stranger.Press(ctx, page, url.Values{"user-name": {t.person.UserName}}); err != nil {
		return "", err
	}
	if page.HasCeremony() {
		// The page may ask for a key, so as not to tell who has one; no key of
		// hers is good for it.
		after, err := t.stranger.Touch(ctx, page, nil)
		if err == nil && after.Address.Path == "/me" {
			return "", fmt.Errorf("the lost key signed somebody in")
		}
		if err == nil {
			page = after
		}
	}
	me, err := t.stranger.Open(ctx, t.demo.config.PublicURL+"/me")
	if err != nil {
		return "", err
	}
	if me.Address.Path == "/me" {
		return "", fmt.Errorf("the finder is signed in")
	}
	return fmt.Sprintf("The finder gets as far as “%s”.", page.Heading()), nil
}

func (t *tour) explain(ctx context.Context) (string, error) {
	explained, err := t.demo.explain(ctx, t.person.ID, "payroll")
	if err != nil {
		return "", err
	}
	if explained.Trace.Verdict.Effect == policy.Allow {
		return "", fmt.Errorf("it would let her in")
	}
	return explained.Text(), nil
}

func (t *tour) verify(ctx context.Context) (string, error) {
	if _, err := t.demo.App.Audit.SealPending(ctx); err != nil {
		return "", err
	}
	report, err := t.demo.App.Audit.Verify(ctx)
	if err != nil {
		return "", err
	}
	if !report.Sound() {
		return "", fmt.Errorf("%d faults: %s", len(report.Faults), report.Faults[0].Sentence)
	}
	return fmt.Sprintf("%d entries are chained; none was changed, removed or moved.", report.Sealed), nil
}
