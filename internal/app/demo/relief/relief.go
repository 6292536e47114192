// Package relief makes up the exceptions of the demo's department: one that ended
// yesterday, one that is in force, and one that waits for somebody to approve it.
// It asks, approves and uses them as people would, with the clock turned back.
package relief

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	"github.com/warder-project/warder/internal/access/decision"
	"github.com/warder-project/warder/internal/access/sessions"
	"github.com/warder-project/warder/internal/app"
	"github.com/warder-project/warder/internal/app/exempt"
	"github.com/warder-project/warder/internal/base/secret"
	"github.com/warder-project/warder/internal/registry/assurance"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/exceptions"
	"github.com/warder-project/warder/internal/registry/people"
)

// Scene is the department in which the exceptions are.
type Scene struct {
	App      *app.App
	Host     string // at which payroll is
	Owner    string // user name of who answers for the exceptions
	Approver string // user name of the owner of payroll
	Users    []people.Person

	short []people.Person // who signs in with less: the first until yesterday, the second until in three weeks
}

// less is what a key proves that says nothing about itself.
func less() assurance.Assurance { return assurance.Of(assurance.Observation{UserVerified: true}) }

// Agree asks for the exceptions and approves two of them. It is called with the clock
// ten days back; today is when the demo begins.
func (s *Scene) Agree(ctx context.Context, today time.Time) error {
	for _, person := range s.Users {
		held, err := s.App.Factors.OfPerson(ctx, person.ID)
		if err != nil {
			return err
		}
		if len(held) > 0 && person.UserName != s.Owner && person.UserName != s.Approver && len(s.short) < 3 {
			s.short = append(s.short, person)
		}
	}
	if len(s.short) < 3 {
		return fmt.Errorf("only %d people have keys", len(s.short))
	}
	for i, end := range []time.Time{today.AddDate(0, 0, -1), today.AddDate(0, 0, 20), today.AddDate(0, 0, 30)} {
		proposal, err := s.App.Exceptions.Proposal(ctx, s.written(s.short[i], end))
		if err != nil {
			return err
		}
		made, err := s.App.Exceptions.Propose(ctx, exceptions.Command(audit.Command("demo")), proposal)
		if err != nil {
			return err
		}
		if i == 2 {
			return nil // it waits for whoever looks around in the demo
		}
		if err := s.approve(ctx, made); err != nil {
			return fmt.Errorf("approve %s: %w", made.Name(), err)
		}
	}
	return nil
}

func (s *Scene) written(person people.Person, end time.Time) exempt.Written {
	return exempt.Written{People: []string{person.UserName}, Service: "payroll", Floor: "aal2,user_verified", Reason: string(exceptions.KeySupply),
		Narrative:  "The key of the proven model has been ordered and has not come. Until then the old one must do.",
		Likelihood: 2, Impact: 3, Risk: "The old key says nothing about its model. Payroll shows each person their own pay only.",
		Controls: []exempt.Control{{Text: "Each use is looked at on the Monday after", How: "Compare the list of uses with the rota."}},
		Owner:    s.Owner, End: end.Format(time.RFC3339), Sunset: string(exceptions.PathHardware),
		Milestones: []exempt.Step{{Text: "Key delivered", Due: end.AddDate(0, 0, -2).Format(time.DateOnly)}}, OnOverdue: string(exceptions.Ends)}
}

// approve is done by the owner of payroll, with their key.
func (s *Scene) approve(ctx context.Context, made exceptions.Exception) error {
	approver, err := s.App.People.ByUserName(ctx, s.Approver)
	if err != nil {
		return err
	}
	session, _, err := s.signIn(ctx, approver, assurance.Of(assurance.Observation{UserVerified: true, Attested: true, HardwareBound: true}))
	if err != nil {
		return err
	}
	if _, err = s.App.Exceptions.Approve(ctx, exceptions.SignedIn(approver.ID, session.ID), made.ID); err != nil {
		return err
	}
	return s.App.Sessions.End(ctx, audit.Person(approver.ID), session.ID, sessions.SignedOut)
}

// Use lets those with an exception go to payroll, on a day that many days before today.
func (s *Scene) Use(ctx context.Context, days int) error {
	for i, person := range s.short[:2] {
		_, token, err := s.signIn(ctx, person, less())
		if err != nil {
			return err
		}
		s.App.Decisions.Ask(ctx, &decision.Question{Token: token.Hash(), HasToken: true, Portal: true, Host: s.Host, Path: "/payroll", Method: "GET",
			IP: netip.AddrFrom4([4]byte{192, 0, 2, byte(60 + 10*i + days)}), At: s.App.Now()})
	}
	return nil
}

func (s *Scene) signIn(ctx context.Context, person people.Person, have assurance.Assurance) (sessions.Session, secret.Value, error) {
	held, err := s.App.Factors.OfPerson(ctx, person.ID)
	if err != nil {
		return sessions.Session{}, secret.Value{}, err
	}
	return s.App.Sessions.Start(ctx, audit.Person(person.ID), sessions.NewSession{Person: person.ID, Credential: held[0].ID, Key: held[0].Key,
		Assurance: have, AMR: have.AMR(), IP: "192.0.2.60", UserAgent: "Mozilla/5.0 (made up)"})
}
