package reviewstest

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/registry/assurance"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/audit/auditdb"
	"github.com/warder-project/warder/internal/registry/exceptions"
	"github.com/warder-project/warder/internal/registry/exceptions/exceptionsdb"
	"github.com/warder-project/warder/internal/registry/exceptions/exceptionstest"
	"github.com/warder-project/warder/internal/registry/exceptions/reviews"
	"github.com/warder-project/warder/internal/registry/exceptions/reviews/reviewsdb"
	"github.com/warder-project/warder/internal/registry/people"
	"github.com/warder-project/warder/internal/registry/people/peopledb"
	"github.com/warder-project/warder/internal/registry/people/peopletest"
	"github.com/warder-project/warder/internal/registry/services"
	"github.com/warder-project/warder/internal/registry/services/servicesdb"
	"github.com/warder-project/warder/internal/registry/services/servicestest"
	"github.com/warder-project/warder/internal/testkit"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

// Office is a register and a book of reviews on real stores, with the people and the
// service they are about. What other rooms would know is in its fields.
type Office struct {
	T        testing.TB
	DB       *db.DB
	Clock    *testkit.Clock
	Register *exceptions.Register
	Book     *reviews.Book
	Service  services.Service

	Owner, Approver, Risk, Stranger, User people.Person

	IsYearly         bool
	WasUsed          reviews.Uses
	People, HaveKeys int
	Way, CameThrough time.Time
	Letters          []Letter
}

// Letter is a message that was written.
type Letter struct {
	To            ids.Person
	Subject, Text string
}

// NewOffice opens one.
func NewOffice(t testing.TB) *Office {
	o := &Office{T: t, DB: dbtest.SQLite(t), Clock: testkit.NewClock(), Service: servicestest.A("payroll")}
	for _, who := range []struct {
		into *people.Person
		name string
	}{{&o.Owner, "owner"}, {&o.Approver, "approver"}, {&o.Risk, "risk"}, {&o.Stranger, "stranger"}, {&o.User, "user"}} {
		*who.into = peopletest.Somebody(who.name)
	}
	err := o.DB.InTx(t.Context(), func(ctx context.Context) error {
		if err := peopledb.New(o.DB).Add(ctx, []people.Person{o.Owner, o.Approver, o.Risk, o.Stranger, o.User}); err != nil {
			return err
		}
		return servicesdb.New(o.DB).Add(ctx, o.Service)
	})
	if err != nil {
		t.Fatal(err)
	}
	log := audit.New(audit.Deps{Store: auditdb.New(o.DB), Tx: o.DB, Now: o.Clock.Now})
	o.Register = exceptions.New(exceptions.Deps{Store: exceptionsdb.New(o.DB), House: neighbours{o}, Tx: o.DB, Audit: log, Now: o.Clock.Now,
		Follow: func(ctx context.Context, e exceptions.Exception) (time.Time, error) { return o.Book.Follow(ctx, e) }})
	o.Book = reviews.New(reviews.Deps{Store: reviewsdb.New(o.DB), Register: o.Register, House: o, Tx: o.DB, Audit: log, Now: o.Clock.Now})
	return o
}

// Yearly answers for other rooms, as do those below.
func (o *Office) Yearly(context.Context, exceptions.Exception) (bool, error) { return o.IsYearly, nil }

// Uses says what was set.
func (o *Office) Uses(context.Context, ids.Exception, time.Time) (reviews.Uses, error) {
	return o.WasUsed, nil
}

// Covered says what was set.
func (o *Office) Covered(context.Context, exceptions.Exception) (people, withKey int, err error) {
	return o.People, o.HaveKeys, nil
}

// Routed says what was set.
func (o *Office) Routed(context.Context, ids.Service) (time.Time, error) { return o.Way, nil }

// Traffic says what was set.
func (o *Office) Traffic(context.Context, ids.Service, time.Time) (time.Time, error) {
	return o.CameThrough, nil
}

// Tell keeps the letter.
func (o *Office) Tell(_ context.Context, person ids.Person, subject, text string) error {
	o.Letters = append(o.Letters, Letter{person, subject, text})
	return nil
}

// Address is where a review is.
func (o *Office) Address(id ids.Review) string {
	return "https://warder.test/admin/exceptions/reviews/" + string(id)
}

// neighbours answer to the register.
type neighbours struct{ o *Office }

func (n neighbours) Standing(_ context.Context, person ids.Person) (exceptions.Standing, error) {
	known := slices.ContainsFunc([]people.Person{n.o.Owner, n.o.Approver, n.o.Risk, n.o.Stranger, n.o.User}, func(p people.Person) bool { return p.ID == person })
	return exceptions.Standing{Known: known, MaySignIn: known}, nil
}

func (n neighbours) Target(_ context.Context, service ids.Service, route ids.Route) (exceptions.Target, error) {
	return exceptions.Target{Open: service == n.o.Service.ID, RouteKnown: route == ""}, nil
}

func (n neighbours) MissingGroups(context.Context, []string) ([]string, error) { return nil, nil }

func (n neighbours) May(_ context.Context, person ids.Person, permission string) (bool, error) {
	switch permission {
	case exceptions.MayApproveHigh:
		return person == n.o.Risk.ID, nil
	case exceptions.MayApprove:
		return person == n.o.Approver.ID || person == n.o.Risk.ID, nil
	}
	return permission == exceptions.MayPropose && person == n.o.Owner.ID, nil
}

func (n neighbours) Fresh(context.Context, ids.Person, ids.Session) (bool, error) { return true, nil }

func (n neighbours) Affected(context.Context, exceptions.Exception) ([]ids.Person, error) {
	return []ids.Person{n.o.User.ID}, nil
}

func (n neighbours) Tell(ctx context.Context, person ids.Person, subject, text string) error {
	return n.o.Tell(ctx, person, subject, text)
}

// By is somebody at a page.
func By(person people.Person) exceptions.By { return exceptions.SignedIn(person.ID, "ses_x") }

// Approved is an exception of low risk that has just been approved; change may alter
// what is proposed.
func (o *Office) Approved(change func(e *exceptions.Exception)) exceptions.Exception {
	o.T.Helper()
	proposal := exceptionstest.Proposal(o.Service.ID, o.Owner.ID)
	proposal.Floor, proposal.Subject.People = assurance.Requirement{AAL: assurance.AAL1}, []ids.Person{o.User.ID}
	proposal.Start, proposal.End = o.Clock.Now(), o.Clock.Now().AddDate(0, 0, 200)
	for i := range proposal.Sunset.Milestones {
		proposal.Sunset.Milestones[i].Due = o.Clock.Now().AddDate(0, 0, 20)
	}
	if change != nil {
		change(&proposal)
	}
	made, err := o.Register.Propose(o.T.Context(), By(o.Owner), proposal)
	if err != nil {
		o.T.Fatal(err)
	}
	approver := o.Approver
	if made.Risk.Level() == exceptions.High {
		approver = o.Risk
	}
	if made, err = o.Register.Approve(o.T.Context(), By(approver), made.ID); err != nil {
		o.T.Fatal(err)
	}
	return made
}

// Open is the open review of an exception; the zero Review when there is none.
func (o *Office) Open(id ids.Exception) reviews.Review {
	o.T.Helper()
	all, err := o.Book.Of(o.T.Context(), id)
	if err != nil {
		o.T.Fatal(err)
	}
	for _, review := range all {
		if review.State == reviews.Open {
			return review
		}
	}
	return reviews.Review{}
}

// Now is an exception as it is.
func (o *Office) Now(id ids.Exception) exceptions.Exception {
	o.T.Helper()
	e, err := o.Register.Get(o.T.Context(), id)
	if err != nil {
		o.T.Fatal(err)
	}
	return e
}
