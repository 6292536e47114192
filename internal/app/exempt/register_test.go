package exempt_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/warder-project/warder/internal/access/decision/decisiontest"
	"github.com/warder-project/warder/internal/access/policy"
	"github.com/warder-project/warder/internal/access/roles"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/registry/assurance"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/exceptions"
	"github.com/warder-project/warder/internal/registry/exceptions/watch"
	"github.com/warder-project/warder/internal/registry/services"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

// C20.1: what a proposal must say. Without an end nothing is saved.
func TestProposalIsCompleteOrNotSaved(t *testing.T) {
	t.Parallel()
	o := open(t, dbtest.SQLite(t))
	for name, c := range map[string]struct {
		spoil func(p *exceptions.Exception)
		want  problem.Definition
		field string
	}{
		"no end":                    {func(p *exceptions.Exception) { p.End = time.Time{} }, exceptions.NoEnd, "end"},
		"an end in the past":        {func(p *exceptions.Exception) { p.End = o.Clock.Now() }, exceptions.Malformed, "end"},
		"an end before the start":   {func(p *exceptions.Exception) { p.Start = p.End }, exceptions.Malformed, "end"},
		"nobody and nowhere":        {func(p *exceptions.Exception) { p.Subject = exceptions.Subject{} }, exceptions.Malformed, "subject"},
		"a route without a service": {func(p *exceptions.Exception) { p.Subject.Route, p.Subject.Service = o.payroll.Routes[0].ID, "" }, exceptions.Malformed, "route"},
		"another service's route":   {func(p *exceptions.Exception) { p.Subject.Route = ids.New[ids.Route]() }, exceptions.Malformed, "route"},
		"no such service":           {func(p *exceptions.Exception) { p.Subject.Service = ids.New[ids.Service]() }, exceptions.Malformed, "service"},
		"no such person":            {func(p *exceptions.Exception) { p.Subject.People = []ids.Person{ids.New[ids.Person]()} }, exceptions.Malformed, "people"},
		"no such group":             {func(p *exceptions.Exception) { p.Subject.Groups = []string{"nobodies"} }, exceptions.Malformed, "groups"},
		"no floor":                  {func(p *exceptions.Exception) { p.Floor = assurance.Requirement{} }, exceptions.Malformed, "floor"},
		"no reason":                 {func(p *exceptions.Exception) { p.Reason = "" }, exceptions.Malformed, "reason"},
		"a reason of our own":       {func(p *exceptions.Exception) { p.Reason = exceptions.Emergency }, exceptions.Malformed, "reason"},
		"nothing told":              {func(p *exceptions.Exception) { p.Narrative = " " }, exceptions.Malformed, "narrative"},
		"likelihood off the scale":  {func(p *exceptions.Exception) { p.Risk.Likelihood = 6 }, exceptions.Malformed, "likelihood"},
		"no impact":                 {func(p *exceptions.Exception) { p.Risk.Impact = 0 }, exceptions.Malformed, "impact"},
		"no words on the risk":      {func(p *exceptions.Exception) { p.Risk.Narrative = "" }, exceptions.Malformed, "risk"},
		"nothing makes up for it":   {func(p *exceptions.Exception) { p.Controls = nil }, exceptions.Malformed, "controls"},
		"a control nobody can test": {func(p *exceptions.Exception) { p.Controls[0].How = "" }, exceptions.Malformed, "controls"},
		"no way out":                {func(p *exceptions.Exception) { p.Sunset.Path = "" }, exceptions.Malformed, "sunset"},
		"no fallback":               {func(p *exceptions.Exception) { p.OnOverdue = exceptions.Fallback{} }, exceptions.Malformed, "on_overdue"},
		"a fallback that is milder": {func(p *exceptions.Exception) {
			p.OnOverdue = exceptions.Fallback{Kind: exceptions.Stricter, Floor: assurance.Requirement{AAL: assurance.AAL1}}
		}, exceptions.Malformed, "on_overdue"},
		"an owner nobody knows":  {func(p *exceptions.Exception) { p.Owner = ids.New[ids.Person]() }, exceptions.Malformed, "owner"},
		"no owner":               {func(p *exceptions.Exception) { p.Owner = "" }, exceptions.Malformed, "owner"},
		"a link that runs":       {func(p *exceptions.Exception) { p.Evidence = []string{"javascript:alert(1)"} }, exceptions.Malformed, "evidence"},
		"a review after the end": {func(p *exceptions.Exception) { p.Reviews = []time.Time{p.End} }, exceptions.Malformed, "reviews"},
		"low risk, too long":     {func(p *exceptions.Exception) { p.End = o.Clock.Now().Add(367 * day) }, exceptions.TooLong, "end"},
		"medium risk, too long": {func(p *exceptions.Exception) {
			p.Risk.Likelihood, p.End = 4, o.Clock.Now().Add(184*day)
		}, exceptions.TooLong, "end"},
		"high risk, too long": {func(p *exceptions.Exception) {
			p.Risk.Likelihood, p.Risk.Impact, p.End = 5, 5, o.Clock.Now().Add(93*day)
		}, exceptions.TooLong, "end"},
	} {
		proposal := o.proposal()
		c.spoil(&proposal)
		_, err := o.register.Propose(t.Context(), command(), proposal)
		found, ok := problem.Of(err)
		if !ok || !problem.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
			continue
		}
		named := false
		for _, field := range found.Fields {
			named = named || field.Name == c.field
		}
		if !named {
			t.Errorf("%s: the fields are %v, want %s", name, found.Fields, c.field)
		}
	}
	if kept, err := o.register.List(t.Context(), exceptions.Filter{}); len(kept) != 0 || err != nil {
		t.Errorf("kept: %d, %v", len(kept), err)
	}
	made := o.propose(t, o.proposal())
	if len(made.Reviews) == 0 || made.Name() != "E-001" {
		t.Errorf("%s has the reviews %v", made.Name(), made.Reviews)
	}
	for _, name := range []string{"E-001", "e-1", string(made.ID)} {
		if found, err := o.register.Named(t.Context(), name); err != nil || found.ID != made.ID {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, name := range []string{"", "E-", "E-0", "E-2", "1", "E-1x", "exc_"} {
		if _, err := o.register.Named(t.Context(), name); !problem.Is(err, exceptions.NotFound) {
			t.Errorf("%q: %v", name, err)
		}
	}
}

// C20.5: who approves is a matter of the risk, and it is always two people.
func TestApprovalTakesSomebodyElseOnTheRouteOfTheRisk(t *testing.T) {
	t.Parallel()
	o := open(t, dbtest.SQLite(t))
	served := o.Somebody(t, "sid.service")
	archive, err := o.Services.Add(t.Context(), decisiontest.Desk(), services.NewService{Slug: "archive", Name: "Archive", Owner: served.Person.ID,
		Routes: []services.NewRoute{{Host: "archive.example.org"}}})
	must(t, err)
	auditor := o.Somebody(t, "ava.auditor")
	o.role(t, auditor, roles.Auditor)
	o.role(t, o.amira, roles.RiskOwner) // she may, but never for herself
	low := func(p *exceptions.Exception) { p.Subject.Service = archive.ID }
	medium := func(p *exceptions.Exception) { low(p); p.Risk.Likelihood, p.Risk.Impact = 4, 3 }
	high := func(p *exceptions.Exception) { low(p); p.Risk.Likelihood, p.Risk.Impact = 4, 4 }
	wide := func(p *exceptions.Exception) { p.Subject.Service = "" }
	lent := func(p *exceptions.Exception) { low(p); p.Subject.People, p.Subject.Groups = nil, []string{"bosses"} }
	o.Group(t, "bosses")
	must(t, o.People.AddMember(t.Context(), decisiontest.Desk(), "bosses", o.board.Person.ID))
	for name, c := range map[string]struct {
		change func(p *exceptions.Exception)
		by     decisiontest.Holder
		want   problem.Definition // zero: approved
	}{
		"low, the owner of the service":    {low, served, problem.Definition{}},
		"low, a security lead":             {low, o.lead, problem.Definition{}},
		"low, an auditor":                  {low, auditor, exceptions.NotYourRoute},
		"low, its owner":                   {low, o.olu, exceptions.SamePerson},
		"low, whom it is for":              {low, o.amira, exceptions.SamePerson},
		"low, one of the group":            {lent, o.board, exceptions.SamePerson},
		"medium, the owner of the service": {medium, served, exceptions.NotYourRoute},
		"medium, a security lead":          {medium, o.lead, problem.Definition{}},
		"medium, a risk owner":             {medium, o.board, problem.Definition{}},
		"everywhere, a security lead":      {wide, o.lead, problem.Definition{}},
		"high, a security lead":            {high, o.lead, exceptions.NotYourRoute},
		"high, a risk owner":               {high, o.board, problem.Definition{}},
	} {
		proposal := o.proposal()
		c.change(&proposal)
		made := o.propose(t, proposal)
		got, err := o.register.Approve(t.Context(), o.at(t, c.by), made.ID)
		switch {
		case c.want.Code == "":
			if err != nil || got.ApprovedBy != c.by.Person.ID || got.ApprovedBy == got.Owner {
				t.Errorf("%s: %v, approved by %s", name, err, got.ApprovedBy)
			}
		case !problem.Is(err, c.want):
			t.Errorf("%s: %v, want %s", name, err, c.want.Code)
		}
	}
}

// Who asked for it does not approve it, even where somebody else owns it.
func TestProposerDoesNotApproveTheirOwnProposal(t *testing.T) {
	t.Parallel()
	o := open(t, dbtest.SQLite(t))
	by := o.at(t, o.lead)
	made, err := o.register.Propose(t.Context(), by, o.proposal())
	must(t, err)
	if _, err := o.register.Approve(t.Context(), by, made.ID); !problem.Is(err, exceptions.SamePerson) {
		t.Errorf("who asked approved: %v", err)
	}
	_, err = o.register.Reassign(t.Context(), by, made.ID, o.board.Person.ID)
	must(t, err)
	if _, err := o.register.Approve(t.Context(), o.at(t, o.board), made.ID); !problem.Is(err, exceptions.SamePerson) {
		t.Errorf("its new owner approved: %v", err)
	}
}

// Only a key that was touched a moment ago approves; a command has none.
func TestApprovalNeedsAFreshKey(t *testing.T) {
	t.Parallel()
	o := open(t, dbtest.SQLite(t))
	made := o.propose(t, o.proposal())
	old := o.at(t, o.board)
	o.Clock.Advance(11 * time.Minute)
	weak, _ := o.SignIn(t, o.board, less())
	theirs, _ := o.SignIn(t, o.lead, decisiontest.Best())
	for name, c := range map[string]struct {
		by   exceptions.By
		want problem.Definition
	}{
		"eleven minutes ago":  {old, exceptions.NotFresh},
		"a weak sign-in":      {exceptions.SignedIn(o.board.Person.ID, weak.ID), exceptions.NotFresh},
		"somebody's session":  {exceptions.SignedIn(o.board.Person.ID, theirs.ID), exceptions.NotFresh},
		"no session":          {exceptions.SignedIn(o.board.Person.ID, ""), exceptions.NotFresh},
		"the command line":    {command(), exceptions.NeedsKey},
		"Warder by itself":    {exceptions.By{Actor: audit.System("x")}, exceptions.NeedsKey},
		"nobody":              {exceptions.By{}, exceptions.NeedsKey},
		"a person that isn't": {exceptions.SignedIn("", theirs.ID), exceptions.NeedsKey},
	} {
		if _, err := o.register.Approve(t.Context(), c.by, made.ID); !problem.Is(err, c.want) {
			t.Errorf("%s: %v, want %s", name, err, c.want.Code)
		}
	}
	o.want(t, policy.StepUp, "")
	_, err := o.register.Approve(t.Context(), o.at(t, o.board), made.ID)
	must(t, err)
}

// Of many who approve at once one does.
func TestExceptionIsApprovedOnce(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, o *office) {
		made := o.propose(t, o.proposal())
		by := []exceptions.By{o.at(t, o.board), o.at(t, o.lead), o.at(t, o.board), o.at(t, o.lead)}
		results := make([]error, len(by))
		var group sync.WaitGroup
		for i := range by {
			group.Go(func() { _, results[i] = o.register.Approve(t.Context(), by[i], made.ID) })
		}
		group.Wait()
		won := 0
		for _, err := range results {
			if err == nil {
				won++
			} else if !problem.Is(err, exceptions.MovedOn) {
				t.Errorf("got %v", err)
			}
		}
		if won != 1 {
			t.Errorf("%d approved it", won)
		}
	})
}

// Who may do what with one that is not theirs.
func TestOnlyThoseWhoTendAnExceptionEndOrShortenIt(t *testing.T) {
	t.Parallel()
	o := open(t, dbtest.SQLite(t))
	made := o.approved(t, o.proposal())
	stranger := o.at(t, o.amira) // it is for her, but not hers to tend
	later, sooner := made.End.Add(day), made.End.Add(-day)
	for name, try := range map[string]func(by exceptions.By) error{
		"end": func(by exceptions.By) error { _, err := o.register.EndNow(t.Context(), by, made.ID, "x"); return err },
		"shorten": func(by exceptions.By) error {
			_, err := o.register.Shorten(t.Context(), by, made.ID, sooner)
			return err
		},
		"renew": func(by exceptions.By) error {
			_, err := o.register.Renew(t.Context(), by, made.ID, later, "x")
			return err
		},
		"reassign": func(by exceptions.By) error {
			_, err := o.register.Reassign(t.Context(), by, made.ID, o.amira.Person.ID)
			return err
		},
		"test": func(by exceptions.By) error {
			_, err := o.register.Test(t.Context(), by, made.ID, 1, exceptions.Works, "")
			return err
		},
		"propose": func(by exceptions.By) error { _, err := o.register.Propose(t.Context(), by, o.proposal()); return err },
	} {
		for who, by := range map[string]exceptions.By{"somebody else": stranger, "nobody": {}, "an auditor's name alone": exceptions.SignedIn("", "")} {
			if err := try(by); !problem.Is(err, exceptions.NotYours) {
				t.Errorf("%s by %s: %v", name, who, err)
			}
		}
	}
	if _, err := o.register.Shorten(t.Context(), command(), made.ID, later); !problem.Is(err, exceptions.Malformed) {
		t.Errorf("shortened to a later end: %v", err)
	}
	after, err := o.register.Shorten(t.Context(), o.at(t, o.olu), made.ID, o.Clock.Now().Add(time.Minute))
	must(t, err)
	o.want(t, policy.Allow, made.ID)
	o.Clock.Set(after.End)
	o.want(t, policy.StepUp, "")
}

// Ended at once means at once, and what is over stays over.
func TestWhatIsOverIsNotBroughtBack(t *testing.T) {
	t.Parallel()
	o := open(t, dbtest.SQLite(t))
	made := o.approved(t, o.proposal())
	o.want(t, policy.Allow, made.ID)
	_, err := o.register.EndNow(t.Context(), command(), made.ID, "the upgrade came early")
	must(t, err)
	o.want(t, policy.StepUp, "")
	over := o.approved(t, o.proposal())
	_, err = o.register.Renew(t.Context(), command(), over.ID, over.End.Add(day), "late")
	must(t, err)
	o.Clock.Set(over.End)
	by := o.at(t, o.board)
	if _, err := o.register.ApproveRenewal(t.Context(), by, over.ID); !problem.Is(err, exceptions.MovedOn) {
		t.Errorf("renewed after its end: %v", err)
	}
	must(t, o.register.Sweep(t.Context()))
	for _, id := range []ids.Exception{made.ID, over.ID} {
		if _, err := o.register.Approve(t.Context(), by, id); !problem.Is(err, exceptions.MovedOn) {
			t.Errorf("approved once more: %v", err)
		}
		if _, err := o.register.Renew(t.Context(), command(), id, over.End.Add(day), "x"); !problem.Is(err, exceptions.MovedOn) {
			t.Errorf("renewed: %v", err)
		}
	}
	o.want(t, policy.StepUp, "")
}

// A renewal is approved like a new one, and from the third on by a risk owner, for the
// board to see.
func TestThirdRenewalNeedsAHigherApproverAndIsMarkedForTheBoard(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, o *office) {
		made := o.approved(t, o.proposal())
		for round := 1; round <= 3; round++ {
			end := made.End.Add(10 * day)
			_, err := o.register.Renew(t.Context(), o.at(t, o.olu), made.ID, end, "the supplier is late")
			must(t, err)
			if waiting, err := o.register.Get(t.Context(), made.ID); err != nil || !waiting.End.Equal(made.End) {
				t.Fatalf("asking alone moved the end to %v, %v", waiting.End, err)
			}
			if _, err := o.register.ApproveRenewal(t.Context(), o.at(t, o.olu), made.ID); !problem.Is(err, exceptions.SamePerson) {
				t.Errorf("renewal %d by its owner: %v", round, err)
			}
			lead, err := o.register.ApproveRenewal(t.Context(), o.at(t, o.lead), made.ID)
			if round < 3 {
				must(t, err)
				made = lead
				continue
			}
			if !problem.Is(err, exceptions.NotYourRoute) {
				t.Errorf("a security lead renewed it for the third time: %v", err)
			}
			made, err = o.register.ApproveRenewal(t.Context(), o.at(t, o.board), made.ID)
			must(t, err)
			if !made.End.Equal(end) || made.Renewals != 3 || !made.ForBoard || made.Renewal.Asked() {
				t.Errorf("after the third: %+v", made)
			}
		}
		_, err := o.register.Renew(t.Context(), command(), made.ID, o.Clock.Now().Add(400*day), "for ever")
		if !problem.Is(err, exceptions.TooLong) {
			t.Errorf("renewed for longer than its risk allows: %v", err)
		}
		_, err = o.register.Renew(t.Context(), command(), made.ID, made.End.Add(day), "again")
		must(t, err)
		refused, err := o.register.RefuseRenewal(t.Context(), o.at(t, o.board), made.ID)
		if err != nil || refused.Renewal.Asked() || !refused.End.Equal(made.End) {
			t.Errorf("refused: %+v, %v", refused, err)
		}
	})
}

// C20.4: warned 30, 14, 7 and 1 days before, owner and affected, each once, whatever restarts.
func TestEachIsWarnedOnceOfEachMilestone(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, o *office) {
		made := o.approved(t, o.proposal()) // of forty days
		another := on(t, o.DB, o.Clock)     // as after a restart, or on another node
		told := map[int]int{}
		for today := 0; today <= 41; today++ {
			for _, node := range []*office{o, another, o} {
				must(t, node.register.Sweep(t.Context()))
			}
			told[today] = len(o.post) + len(another.post)
			o.Clock.Advance(day)
		}
		// The first two letters of each day go to owner and amira; on the last the owner hears the end.
		for today, want := range map[int]int{9: 0, 10: 2, 25: 2, 26: 4, 32: 4, 33: 6, 38: 6, 39: 8, 40: 9, 41: 9} {
			if told[today] != want {
				t.Errorf("after %d days %d letters, want %d", today, told[today], want)
			}
		}
		byPerson := map[ids.Person]int{}
		for _, one := range append(o.post, another.post...) {
			byPerson[one.to]++
		}
		if byPerson[o.olu.Person.ID] != 5 || byPerson[o.amira.Person.ID] != 4 {
			t.Errorf("owner %d, affected %d", byPerson[o.olu.Person.ID], byPerson[o.amira.Person.ID])
		}
		kept, err := o.register.Get(t.Context(), made.ID)
		if err != nil || kept.State != exceptions.Expired {
			t.Errorf("at the end: %q, %v", kept.State, err)
		}
	})
}

// One that is shorter than a warning has no such warning, and a renewal brings new ones.
func TestWarningsBelongToTheEndTheyWarnOf(t *testing.T) {
	t.Parallel()
	o := open(t, dbtest.SQLite(t))
	proposal := o.proposal()
	proposal.End = o.Clock.Now().Add(10 * day)
	made := o.approved(t, proposal)
	must(t, o.register.Sweep(t.Context()))
	if len(o.post) != 0 {
		t.Errorf("warned at once: %v", o.post)
	}
	o.Clock.Advance(4 * day)
	must(t, o.register.Sweep(t.Context()))
	_, err := o.register.Renew(t.Context(), command(), made.ID, made.End.Add(10*day), "late")
	must(t, err)
	_, err = o.register.ApproveRenewal(t.Context(), o.at(t, o.board), made.ID)
	must(t, err)
	o.Clock.Advance(10 * day) // six days before the new end
	must(t, o.register.Sweep(t.Context()))
	if len(o.post) != 4 || !strings.Contains(o.post[0].subject, "7 days") || !strings.Contains(o.post[2].subject, "7 days") {
		t.Errorf("letters: %v", o.post)
	}
}

// A proposal whose end comes first lapses, and nobody can approve it afterwards.
func TestProposalThatWaitsTooLongLapses(t *testing.T) {
	t.Parallel()
	o := open(t, dbtest.SQLite(t))
	made := o.propose(t, o.proposal())
	o.Clock.Set(made.End)
	if _, err := o.register.Approve(t.Context(), o.at(t, o.board), made.ID); !problem.Is(err, exceptions.MovedOn) {
		t.Errorf("approved after its end: %v", err)
	}
	must(t, o.register.Sweep(t.Context()))
	kept, err := o.register.Get(t.Context(), made.ID)
	if err != nil || kept.State != exceptions.Expired || len(o.post) != 1 {
		t.Errorf("%q, %v, %v", kept.State, o.post, err)
	}
}

// What it was let in with before is not forgiven afterwards.
func TestApprovalReachesNobodyBackwards(t *testing.T) {
	t.Parallel()
	o := open(t, dbtest.SQLite(t))
	made := o.propose(t, o.proposal())
	o.Clock.Advance(time.Hour)
	approved, err := o.register.Approve(t.Context(), o.at(t, o.board), made.ID)
	must(t, err)
	if approved.Start.Before(o.Clock.Now()) || approved.InForce(o.Clock.Now().Add(-time.Millisecond)) {
		t.Errorf("approved at %v it began at %v", o.Clock.Now(), approved.Start)
	}
}

func TestExceptionsOfPeopleWhoHaveGoneAreFindings(t *testing.T) {
	t.Parallel()
	o := open(t, dbtest.SQLite(t))
	made := o.approved(t, o.proposal())
	if found, err := o.register.Findings(t.Context()); len(found) != 0 || err != nil {
		t.Errorf("found %v, %v", found, err)
	}
	_, err := o.People.Suspend(t.Context(), decisiontest.Desk(), o.olu.Person.ID, time.Time{}, "x")
	must(t, err)
	_, err = o.People.Leave(t.Context(), decisiontest.Desk(), o.amira.Person.ID, time.Time{}, "x")
	must(t, err)
	_, err = o.register.Test(t.Context(), command(), made.ID, 1, exceptions.Fails, "signed in from home")
	must(t, err)
	o.kinds(t, watch.OwnerGone, watch.ControlFails, watch.NobodyLeft)
	if _, err := o.register.Reassign(t.Context(), command(), made.ID, o.board.Person.ID); !problem.Is(err, exceptions.SamePerson) {
		t.Errorf("its approver owns it: %v", err)
	}
	_, err = o.register.Reassign(t.Context(), command(), made.ID, o.lead.Person.ID)
	must(t, err)
	_, err = o.register.Test(t.Context(), command(), made.ID, 1, exceptions.Works, "")
	must(t, err)
	o.kinds(t, watch.NobodyLeft)
}

func (o *office) kinds(t *testing.T, want ...watch.FindingKind) {
	t.Helper()
	found, err := o.register.Findings(t.Context())
	must(t, err)
	var got []string
	for _, finding := range found {
		got = append(got, string(finding.Kind))
	}
	words := make([]string, len(want))
	for i := range want {
		words[i] = string(want[i])
	}
	if strings.Join(got, " ") != strings.Join(words, " ") {
		t.Errorf("found %v, want %v", got, words)
	}
}
