package trials_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/warder-project/warder/internal/access/decision"
	"github.com/warder-project/warder/internal/access/decision/decisiontest"
	"github.com/warder-project/warder/internal/access/policy"
	"github.com/warder-project/warder/internal/access/policy/trials"
	"github.com/warder-project/warder/internal/access/policy/versions"
	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/registry/assurance"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

// bench is a department whose decisions are judged by policies in report-only.
type bench struct{ *decisiontest.House }

func open(t *testing.T, d *db.DB) bench { return bench{decisiontest.Open(t, d)} }

func (b bench) try(t *testing.T, text string) versions.Version {
	t.Helper()
	draft, err := b.Policies.Import(t.Context(), decisiontest.Desk(), versions.Text{Name: "trial.yaml", Body: []byte(text)})
	if err == nil {
		draft, err = b.Policies.ReportOnly(t.Context(), decisiontest.Desk(), draft.Number, draft.Revision)
	}
	if err != nil {
		t.Fatal(err)
	}
	return draft
}

func (b bench) flush(t *testing.T) {
	t.Helper()
	if err := b.Desk.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func (b bench) report(t *testing.T, version versions.Version) trials.Report {
	t.Helper()
	report, err := b.Trials.Report(t.Context(), version.Number, version.Since)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

const (
	strictPayroll = `version: strict
rules:
  - {id: all, title: All, services: ["*"], require: {aal: 2, phishing_resistant: true}}
  - {id: pay, title: Pay, services: [payroll], require: {aal: 3, attested: true}}
  - {id: shut, title: Shut, services: [wiki], groups: [guests], deny: true}
`
	loose = `version: loose
rules:
  - {id: all, title: All, services: ["*"], require: {aal: 1}}
`
)

// TestReportOnlyCountsWhoWouldHaveBeenChallenged is C32.5: the policy in report-only
// refuses nobody, and says who it would have asked for more, where.
func TestReportOnlyCountsWhoWouldHaveBeenChallenged(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := open(t, d)
		payroll, wiki := b.Service(t, "payroll"), b.Service(t, "wiki")
		b.Publish(t, decisiontest.Everybody("1"))
		strict, easy := b.try(t, strictPayroll), b.try(t, loose)
		weak := assurance.Of(assurance.Observation{UserVerified: true})
		amira, guest := b.Somebody(t, "amira.khan"), b.Somebody(t, "guest", "guests")
		_, amiraToken := b.SignIn(t, amira, weak)
		_, guestToken := b.SignIn(t, guest, decisiontest.Best())
		plain := assurance.Of(assurance.Observation{}) // a touch without a PIN: AAL1
		_, plainToken := b.SignIn(t, b.Somebody(t, "plain"), plain)

		for _, asked := range []struct {
			slug string
			who  decision.Decision
			want policy.Effect
		}{
			{"payroll", b.Ask(t, "payroll", amiraToken), policy.Allow},
			{"wiki", b.Ask(t, "wiki", amiraToken), policy.Allow},
			{"payroll", b.Ask(t, "payroll", guestToken), policy.Allow},
			{"wiki", b.Ask(t, "wiki", guestToken), policy.Allow},
			{"wiki", b.Ask(t, "wiki", plainToken), policy.StepUp},
		} {
			if asked.who.Verdict.Effect != asked.want {
				t.Errorf("%s: a policy in report-only changed the answer: %v %s", asked.slug, asked.who.Verdict.Effect, asked.who.Verdict.ReasonCodes())
			}
		}
		b.flush(t)

		want := trials.Report{Since: strict.Since, Judged: 5, Total: trials.Count{SteppedUp: 1, Stopped: 1, People: 2},
			Services:    []trials.Row{{Name: string(payroll.ID), Count: trials.Count{SteppedUp: 1, People: 1}}, {Name: string(wiki.ID), Count: trials.Count{Stopped: 1, People: 1}}},
			Departments: []trials.Row{{Count: trials.Count{SteppedUp: 1, Stopped: 1, People: 2}}}}
		got := b.report(t, strict)
		if payroll.ID > wiki.ID { // as many people at each: in the order of their ids
			want.Services[0], want.Services[1] = want.Services[1], want.Services[0]
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		if got := b.report(t, easy); got.Judged != 5 || got.Total != (trials.Count{Eased: 1}) {
			t.Errorf("the weaker one: %+v", got)
		}
		latest, err := b.Trials.Latest(t.Context(), strict.Number, strict.Since)
		if err != nil || len(latest) != 2 {
			t.Fatalf("%+v, %v", latest, err)
		}
		for _, one := range latest {
			record, err := b.Desk.Get(t.Context(), one.Decision)
			if err != nil || record.Effect != policy.Allow {
				t.Errorf("the decision itself: %+v, %v", record, err)
			}
			of, err := b.Trials.OfDecision(t.Context(), one.Decision)
			if diff := cmp.Diff([]trials.Difference{one}, of); diff != "" || err != nil {
				t.Error(err, diff)
			}
			if len(one.Reasons) == 0 || one.Reasons[0].Rule == "" {
				t.Errorf("no rule is named: %+v", one)
			}
		}
	})
}

func TestCountsOfATrialBeginAnewWithItsText(t *testing.T) {
	t.Parallel()
	b := open(t, dbtest.SQLite(t))
	b.Service(t, "payroll")
	b.Publish(t, decisiontest.Everybody("1"))
	_, token := b.SignIn(t, b.Somebody(t, "amira.khan"), assurance.Of(assurance.Observation{UserVerified: true}))
	ctx, desk := t.Context(), decisiontest.Desk()
	trial := b.try(t, strictPayroll)
	b.Ask(t, "payroll", token)
	b.flush(t)
	if got := b.report(t, trial); got.Total.SteppedUp != 1 {
		t.Fatalf("%+v", got)
	}
	b.Clock.Advance(time.Minute)
	back, err := b.Policies.Withdraw(ctx, desk, trial.Number, 0)
	if err != nil {
		t.Fatal(err)
	}
	b.Ask(t, "payroll", token)
	b.flush(t)
	if found, err := b.Trials.Latest(ctx, trial.Number, trial.Since); err != nil || len(found) != 1 {
		t.Errorf("a draft was asked: %+v, %v", found, err)
	}
	b.Clock.Advance(time.Minute)
	again, err := b.Policies.ReportOnly(ctx, desk, back.Number, 0)
	if err != nil {
		t.Fatal(err)
	}
	if got := b.report(t, again); got.Total != (trials.Count{}) {
		t.Errorf("what the text before had shown is counted: %+v", got)
	}
}

// TestDecisionThatIsRemovedTakesItsTrialsAlong: what report-only found says who was
// where, so it is kept no longer than the decision.
func TestDecisionThatIsRemovedTakesItsTrialsAlong(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := open(t, d)
		b.Service(t, "payroll")
		b.Publish(t, decisiontest.Everybody("1"))
		_, token := b.SignIn(t, b.Somebody(t, "amira.khan"), assurance.Of(assurance.Observation{UserVerified: true}))
		trial := b.try(t, strictPayroll)
		b.Ask(t, "payroll", token)
		b.flush(t)
		err := d.InTx(t.Context(), func(ctx context.Context) error {
			_, err := d.From(ctx).ExecContext(ctx, `delete from decision where at > $1`, 0)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if found, err := b.Trials.Latest(t.Context(), trial.Number, trial.Since); err != nil || len(found) != 0 {
			t.Errorf("%+v, %v", found, err)
		}
		b.Clock.Advance(450 * 24 * time.Hour)
		if err := b.Trials.Forget(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := b.report(t, trial); got.Judged != 0 {
			t.Errorf("%d are counted after fourteen months", got.Judged)
		}
	})
}
