package app

import (
	"context"
	"errors"
	"net/http"
	"os"
	"runtime"
	"time"

	"github.com/warder-project/warder/internal/access/sessions"
	"github.com/warder-project/warder/internal/access/signin"
	"github.com/warder-project/warder/internal/access/signin/signinweb"
	"github.com/warder-project/warder/internal/app/config"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/registry/assurance"
	"github.com/warder-project/warder/internal/registry/factors"
	"github.com/warder-project/warder/internal/registry/factors/password"
	"github.com/warder-project/warder/internal/registry/factors/sharedsecret"
	"github.com/warder-project/warder/internal/registry/factors/sharedsecret/sharedsecretdb"
	"github.com/warder-project/warder/internal/registry/factors/sharedsecret/sharedsecretweb"
	"github.com/warder-project/warder/internal/registry/factors/totp"
	"github.com/warder-project/warder/internal/registry/people"
)

func (a *App) buildSecrets() error {
	hasher, err := password.NewHasher(password.Usual(), runtime.GOMAXPROCS(0))
	if err != nil {
		return err
	}
	list, err := readPasswordList(a.Config.PasswordList)
	if err != nil {
		return err
	}
	a.Secrets, err = sharedsecret.New(sharedsecret.Deps{
		Store: sharedsecretdb.New(a.DB), Tx: a.DB, Audit: a.Audit, Seal: a.Seal, Hasher: hasher, Now: a.Now,
		Blocklist: list, WordsOf: a.wordsOf, Issuer: a.Config.Public().Hostname(),
		Codes: totp.Parameters{Algorithm: totp.Algorithm(a.Config.TOTPAlgorithm), Digits: a.Config.TOTPDigits},
	})
	return err
}

// readPasswordList reads the operator's list of passwords that are not taken. A list
// that cannot be read stops the start: without it, passwords would be set that the
// operator has ruled out.
func readPasswordList(path string) (*password.Blocklist, error) {
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

// wordsOf is what somebody who knows a person would try as their password.
func (a *App) wordsOf(ctx context.Context, id ids.Person) ([]string, error) {
	person, err := a.People.Get(ctx, id)
	if problem.Is(err, people.NotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return []string{person.UserName, person.Name, person.Email, person.EmployeeID, person.Department, person.JobTitle}, nil
}

// accepted is which shared secrets the policy in force accepts. Where that is not
// known, none is.
func (a *App) accepted(ctx context.Context) assurance.Accepted {
	return a.View.Frame(ctx).Policy.Accepted()
}

// accepts says whether the policy in force accepts a method. Where nobody vouches
// for the policy, none is.
func (a *App) accepts(ctx context.Context, method assurance.Method, at time.Time) bool {
	frame := a.View.Frame(ctx)
	return frame.Vouched && frame.Policy.Accepts(method, at)
}

// hasKey says whether a person can sign in with a key.
func (a *App) hasKey(ctx context.Context, person ids.Person) (bool, error) {
	has, err := a.Methods.Of(ctx, person)
	return has.Working() > 0, err
}

func (a *App) secretPages(gatekeeper *signinweb.Gatekeeper) (room, error) {
	return sharedsecretweb.New(sharedsecretweb.Deps{Book: a.Secrets, Accepted: a.accepted, HasKey: a.hasKey, Now: a.Now,
		Fresh: func(r *http.Request) error {
			session, err := gatekeeper.Session(r)
			if err != nil {
				return err
			}
			return a.freshForMethods(r.Context(), session)
		},
		Holder: func(ctx context.Context, id ids.Person) (factors.Holder, error) {
			person, err := a.People.Get(ctx, id)
			return factors.Holder{ID: person.ID, UserName: person.UserName, Name: person.Name}, err
		}})
}

// secretsPath is the page of a person's passwords and codes, when there is something
// on it for them.
func (a *App) secretsPath(ctx context.Context, person ids.Person) (string, error) {
	held, err := a.Secrets.OfPerson(ctx, person)
	if err != nil {
		return "", err
	}
	accepted, now := a.accepted(ctx), a.Now()
	for _, method := range sharedsecret.Methods() {
		if accepted.Accepts(method, now) || len(sharedsecret.Active(held, method)) > 0 {
			return sharedsecretweb.Path, nil
		}
	}
	return "", nil
}

// freshForMethods sends whoever has not just proven enough to sign in again. Who has
// a key proves it with the key: what can be phished changes nothing for them. Who
// has none proves it with what they have.
func (a *App) freshForMethods(ctx context.Context, session sessions.Session) error {
	need := signin.FreshForNewKey()
	if !session.Assurance.PhishingResistant {
		key, err := a.hasKey(ctx, session.Person)
		if err != nil {
			return err
		}
		need.PhishingResistant, need.UserVerified = key, key
	}
	switch {
	case need.Unmet(session.Assurance, session.AuthTime, a.Now()) == 0:
		return nil
	case !need.PhishingResistant:
		return web.StepUpAnyWay(int(need.AAL))
	}
	return web.StepUpTo(int(need.AAL))
}
