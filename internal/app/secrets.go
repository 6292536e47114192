package app

import (
	"context"
	"errors"
	"net/http"
	"os"
	"runtime"
	"strconv"

	"github.com/warder-project/warder/internal/access/sessions"
	"github.com/warder-project/warder/internal/access/signin"
	"github.com/warder-project/warder/internal/access/signin/signinweb"
	"github.com/warder-project/warder/internal/app/config"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/registry/assurance"
	"github.com/warder-project/warder/internal/registry/audit"
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

// aboutSecret is the message about a change of a password, an app or recovery codes;
// without a subject there is none.
func (a *App) aboutSecret(event audit.Event) (subject, text string) {
	const notYou = "\n\nIf that was you, there is nothing to do. If it was not, tell the service desk now."
	at := " at " + a.Config.PublicURL + "."
	name := map[string]string{"password": "password", "totp": "authenticator app", "recovery_code": "set of recovery codes"}[event.Details["method"]]
	switch event.Action {
	case "secret.password_set":
		return "A password was set for you", "A password has just been set for you" + at + notYou
	case "secret.password_changed":
		return "Your password was changed", "Your password has just been changed" + at + " Whatever was signed in with the old one is signed out." + notYou
	case "secret.app_added":
		return "An authenticator app was added for you", "An authenticator app that shows one-time codes has just been added for you" + at + notYou
	case "secret.codes_made":
		return "New recovery codes were made for you", "New recovery codes have just been made for you" + at + " Older ones do not work any more." + notYou
	case "secret.removed":
		return "Your " + name + " was removed", "Your " + name + " has just been removed" + at + " It cannot be used any more." + notYou
	case "secret.disabled":
		return "Your " + name + " no longer works", "Your " + name + " has just been disabled" + at + " You sign in with your security key, as you have done lately. If that is not possible, tell the service desk: it can be given back for some days."
	case "secret.restored":
		return "Your " + name + " works again", "Your " + name + " has just been given back" + at + notYou
	case "secret.recovery_code_used":
		return "One of your recovery codes was used", "One of your recovery codes has just been used" + at + " " + codesLeft(event.Details["left"]) + notYou
	}
	return "", ""
}

// codesLeft says how many recovery codes are left, and when that is too few.
func codesLeft(left string) string {
	n, err := strconv.Atoi(left)
	switch {
	case err != nil:
		return ""
	case n == 0:
		return "None is left: make new ones as soon as you are signed in with a key."
	case n == 1:
		return "1 is left: make new ones as soon as you are signed in with a key."
	case n <= sharedsecret.Low:
		return left + " are left: make new ones soon."
	}
	return left + " are left."
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
	if need.Unmet(session.Assurance, session.AuthTime, a.Now()) != 0 {
		return web.StepUpTo(int(need.AAL))
	}
	return nil
}
