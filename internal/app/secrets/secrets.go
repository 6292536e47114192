// Package secrets joins what app alone can join about passwords and codes: the
// secrets with their people, with the keys those have besides, and with the policy
// that accepts them.
package secrets

import (
	"context"
	"errors"
	"os"
	"time"

	"github.com/warder-project/warder/internal/access/methods"
	"github.com/warder-project/warder/internal/access/policy/versions"
	"github.com/warder-project/warder/internal/access/sessions"
	"github.com/warder-project/warder/internal/access/signin"
	"github.com/warder-project/warder/internal/app/config"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/registry/assurance"
	"github.com/warder-project/warder/internal/registry/factors/sharedsecret"
	"github.com/warder-project/warder/internal/registry/factors/sharedsecret/sharedsecretweb"
	"github.com/warder-project/warder/internal/registry/password"
	"github.com/warder-project/warder/internal/registry/people"
)

// Deps is what a Desk needs.
type Deps struct {
	Book     *sharedsecret.Book
	People   *people.Directory
	Methods  *methods.Desk
	Policies *versions.Library
	// Accepted is what the policy in force accepts.
	Accepted func(ctx context.Context) assurance.Accepted
	Now      func() time.Time
}

// Desk answers what depends on more than one room.
type Desk struct{ deps Deps }

// New makes a Desk.
func New(deps Deps) *Desk { return &Desk{deps: deps} }

// ReadList reads the operator's list of passwords that are not taken. A list
// that cannot be read stops the start: without it, passwords would be set that the
// operator has ruled out.
func ReadList(path string) (*password.Blocklist, error) {
	if path == "" {
		return nil, nil
	}
	wrong := func(line int, message string) error {
		return config.Malformed.New().At(problem.Field{Name: "password_blocklist", File: path, Line: line, Message: message})
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, wrong(0, "cannot be opened: check the path, and that Warder's user may read the file")
	}
	defer file.Close()
	list, err := password.ReadBlocklist(file)
	var fault *password.ListFault
	if errors.As(err, &fault) {
		return nil, wrong(fault.Line, fault.Message)
	}
	if err != nil {
		return nil, wrong(0, "cannot be read to its end: expected a text file with one password a line")
	}
	return list, nil
}

// WordsOf finds what somebody who knows a person would try as their password.
func WordsOf(directory *people.Directory) func(ctx context.Context, person ids.Person) ([]string, error) {
	return func(ctx context.Context, id ids.Person) ([]string, error) {
		person, err := directory.Get(ctx, id)
		if problem.Is(err, people.NotFound) {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		return []string{person.UserName, person.Name, person.Email, person.EmployeeID, person.Department, person.JobTitle}, nil
	}
}

// HasKey says whether a person can sign in with a key.
func (d *Desk) HasKey(ctx context.Context, person ids.Person) (bool, error) {
	has, err := d.deps.Methods.Of(ctx, person)
	return has.Working() > 0, err
}

// MayMakeCodes refuses recovery codes to somebody who has, or had, a key and has not
// used one. A password and a code give them no key (access/signin); nor may they give
// them a recovery code, which would. Problem: sharedsecret.CodesNeedKey.
func (d *Desk) MayMakeCodes(ctx context.Context, person ids.Person) error {
	has, err := d.deps.Methods.Of(ctx, person)
	if err == nil && len(has.Credentials) > 0 {
		return sharedsecret.CodesNeedKey.New()
	}
	return err
}

// Path is the page of a person's passwords and codes, when there is something
// on it for them.
func (d *Desk) Path(ctx context.Context, person ids.Person) (string, error) {
	held, err := d.deps.Book.OfPerson(ctx, person)
	if err != nil {
		return "", err
	}
	accepted, now := d.deps.Accepted(ctx), d.deps.Now()
	for _, method := range sharedsecret.Methods() {
		if accepted.Accepts(method, now) || len(sharedsecret.Active(held, method)) > 0 {
			return sharedsecretweb.Path, nil
		}
	}
	return "", nil
}

// Fresh sends whoever has not just proven enough to sign in again. Who has
// a key proves it with the key: what can be phished changes nothing for them. Who
// has none proves it with what they have.
func (d *Desk) Fresh(ctx context.Context, session sessions.Session) error {
	need := signin.FreshForNewKey()
	if !session.Assurance.PhishingResistant {
		key, err := d.HasKey(ctx, session.Person)
		if err != nil {
			return err
		}
		need.PhishingResistant, need.UserVerified = key, key
	}
	switch {
	case need.Unmet(session.Assurance, session.AuthTime, d.deps.Now()) == 0:
		return nil
	case !need.PhishingResistant:
		return web.StepUpAnyWay(int(need.AAL))
	}
	return web.StepUpTo(int(need.AAL))
}
