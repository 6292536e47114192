package signin_test

import (
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/warder-project/warder/internal/access/signin"
	"github.com/warder-project/warder/internal/access/signin/signintest"
	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/base/secret"
	"github.com/warder-project/warder/internal/registry/keys"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

// The thief signs in, and enters a service, in the very moment in which the
// holder reports the key. Whichever is first, nothing is left open afterwards.
func TestNothingIsLeftOpenWhenSignInAndReportMeet(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := signintest.Open(t, d)
		for i := range 8 {
			person, key := h.Holder(t, "holder."+strconv.Itoa(i))
			session, _ := h.SignedIn(t, key)
			ticket, err := h.Sessions.Ticket(t.Context(), session.ID, signintest.ServiceHost)
			if err != nil {
				t.Fatal(err)
			}
			attempt, browser := h.Begun(t)
			answer := h.Touch(t, attempt, browser, key)
			var tokens [2]secret.Value
			var reported error
			var all sync.WaitGroup
			all.Go(func() {
				if step, err := h.Flow.UseKey(t.Context(), answer); err == nil {
					if done, ok := step.(signin.Done); ok {
						tokens[0] = done.Token
					}
				}
			})
			all.Go(func() {
				if _, token, err := h.Sessions.Redeem(t.Context(), ticket, signintest.ServiceHost); err == nil {
					tokens[1] = token
				}
			})
			all.Go(func() {
				_, reported = h.LostKeys.Report(t.Context(), signintest.Desk(), session.Key, keys.Stolen, time.Time{})
			})
			all.Wait()
			if reported != nil {
				t.Fatal(reported)
			}
			for which, token := range tokens {
				if token.Empty() {
					continue
				}
				if found, err := h.Sessions.ByToken(t.Context(), token); err == nil {
					t.Errorf("session %d of the thief is alive: %+v", which, found)
				}
			}
			open, err := h.Sessions.OfPerson(t.Context(), person.ID)
			if err != nil || len(open) != 0 {
				t.Errorf("%d sessions are open after the report: %v", len(open), err)
			}
		}
	})
}
