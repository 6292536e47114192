package maildb_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/mail"
	"github.com/warder-project/warder/internal/base/mail/maildb"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

// post is a mail server that answers as it is told, and remembers what it was given.
type post struct {
	answer func(message mail.Message) error

	mu    sync.Mutex
	given map[ids.Mail]int // guarded by mu
}

func (p *post) Deliver(_ context.Context, message mail.Message) (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.given == nil {
		p.given = map[ids.Mail]int{}
	}
	p.given[message.ID]++
	if p.answer == nil {
		return "250 ok", nil
	}
	return "250 ok", p.answer(message)
}

func (p *post) times() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	times := 0
	for _, n := range p.given {
		times += n
	}
	return times
}

func send(t *testing.T, d *db.DB, now time.Time, to string) ids.Mail {
	t.Helper()
	outbox := mail.New(mail.Deps{Store: maildb.New(d), Now: func() time.Time { return now }, Delivers: true})
	var id ids.Mail
	err := d.InTx(t.Context(), func(ctx context.Context) (err error) {
		id, err = outbox.Send(ctx, mail.Message{To: to, Person: "prs_1", Subject: "Hello", Text: "the text"})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func round(t *testing.T, courier *mail.Courier) {
	t.Helper()
	if err := courier.Round(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func undelivered(t *testing.T, courier *mail.Courier) []mail.Delivery {
	t.Helper()
	list, err := courier.Undelivered(t.Context(), 100)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestSeveralNodesDeliverEachMessageOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		const messages, nodes = 20, 4
		for i := range messages {
			send(t, d, start, fmt.Sprintf("person%d@example.org", i))
		}
		server := &post{}
		now := func() time.Time { return start.Add(time.Second) }
		errs := make(chan error, nodes)
		for range nodes {
			go func() {
				courier := mail.NewCourier(mail.CourierDeps{Store: maildb.New(d), Post: server, Now: now})
				for range messages { // who loses a race goes on in the next round
					if err := courier.Round(t.Context()); err != nil {
						errs <- err
						return
					}
				}
				errs <- nil
			}()
		}
		for range nodes {
			if err := <-errs; err != nil {
				t.Error(err)
			}
		}
		if len(server.given) != messages || server.times() != messages {
			t.Errorf("%d messages were given %d times, want %d once each", len(server.given), server.times(), messages)
		}
		if left := undelivered(t, mail.NewCourier(mail.CourierDeps{Store: maildb.New(d), Now: now})); len(left) != 0 {
			t.Errorf("left over: %+v", left)
		}
	})
}

func TestRefusedMessageIsTriedAgainAfterGrowingPausesForTwoDays(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		now := start
		server := &post{answer: func(mail.Message) error { return &mail.Refusal{Answer: "451 later\nor\x1b[2J never"} }}
		var log bytes.Buffer
		courier := mail.NewCourier(mail.CourierDeps{Store: maildb.New(d), Post: server, Now: func() time.Time { return now }, Log: slog.New(slog.NewTextHandler(&log, nil))})
		send(t, d, start, "alice@example.org")
		var pauses []time.Duration
		for {
			round(t, courier)
			round(t, courier) // nothing is due before the pause is over
			one := undelivered(t, courier)[0]
			if one.State == mail.Failed {
				if one.Answer != "451 later or [2J never" || one.SettledAt != start.Add(mail.GiveUpAfter) {
					t.Errorf("given up as %+v", one)
				}
				break
			}
			pauses = append(pauses, one.NextAt.Sub(now))
			now = one.NextAt
		}
		if pauses[0] != time.Minute || pauses[1] != 2*time.Minute || pauses[8] != 4*time.Hour || server.times() != len(pauses)+1 {
			t.Errorf("pauses %v, tries %d", pauses, server.times())
		}
		if standing, err := courier.Standing(t.Context()); err != nil || standing != (mail.Standing{Failed: 1}) {
			t.Errorf("got %+v, %v", standing, err)
		}
		now = now.Add(8 * 24 * time.Hour)
		if standing, err := courier.Standing(t.Context()); err != nil || standing != (mail.Standing{}) {
			t.Errorf("a week later: got %+v, %v", standing, err)
		}
		if text := log.String(); text == "" || strings.Contains(text, "alice") || strings.Contains(text, "the text") || strings.Contains(text, "451") {
			t.Errorf("the log has none of it, or too much: %s", text)
		}
	})
}

func TestMessageRefusedForGoodIsGivenUpAtOnceAndOthersGoOn(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		server := &post{answer: func(message mail.Message) error {
			if message.To == "gone@example.org" {
				return &mail.Refusal{Answer: "550 no such user", Final: true}
			}
			return nil
		}}
		courier := mail.NewCourier(mail.CourierDeps{Store: maildb.New(d), Post: server, Now: func() time.Time { return start }})
		gone := send(t, d, start, "gone@example.org")
		send(t, d, start, "alice@example.org")
		round(t, courier)
		left := undelivered(t, courier)
		if len(left) != 1 || left[0].ID != gone || left[0].State != mail.Failed || left[0].Tries != 1 || server.times() != 2 {
			t.Errorf("got %+v after %d tries", left, server.times())
		}
	})
}

func TestWayThatIsClosedIsNotTriedForEachMessage(t *testing.T) {
	t.Parallel()
	d := dbtest.SQLite(t)
	server := &post{answer: func(mail.Message) error { return errors.New("cut") }}
	now := start
	courier := mail.NewCourier(mail.CourierDeps{Store: maildb.New(d), Post: server, Now: func() time.Time { return now }})
	for range 3 {
		send(t, d, start, "alice@example.org")
	}
	round(t, courier)
	if server.times() != 1 {
		t.Errorf("tried %d times in one round", server.times())
	}
	now = now.Add(16 * time.Minute)
	if standing, err := courier.Standing(t.Context()); err != nil || standing.Late != 3 {
		t.Errorf("got %+v, %v", standing, err)
	}
	server.answer = nil
	round(t, courier)
	if left := undelivered(t, courier); len(left) != 0 {
		t.Errorf("left over when the way is open again: %+v", left)
	}
}

func TestMessageOfANodeThatDiedIsSentByAnother(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		id := send(t, d, start, "alice@example.org")
		if _, _, found, err := maildb.New(d).Claim(t.Context(), start, start.Add(mail.Hold)); !found || err != nil {
			t.Fatal(found, err) // and the node is gone
		}
		now, server := start.Add(mail.Hold-time.Millisecond), &post{}
		courier := mail.NewCourier(mail.CourierDeps{Store: maildb.New(d), Post: server, Now: func() time.Time { return now }})
		round(t, courier)
		if server.times() != 0 {
			t.Error("sent while another node holds it")
		}
		now = start.Add(mail.Hold)
		round(t, courier)
		if server.given[id] != 1 {
			t.Error("not sent when nobody holds it any more")
		}
	})
}

func TestNothingIsSentOfAChangeThatWasNotKeptNorOfWhatWasOnlyKept(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		stop := errors.New("the change did not work out")
		for delivers, outcome := range map[bool]error{true: stop, false: nil} {
			outbox := mail.New(mail.Deps{Store: maildb.New(d), Now: func() time.Time { return start }, Delivers: delivers})
			err := d.InTx(t.Context(), func(ctx context.Context) error {
				if _, err := outbox.Send(ctx, mail.Message{To: "alice@example.org", Subject: "Hello"}); err != nil {
					return err
				}
				return outcome
			})
			if !errors.Is(err, outcome) {
				t.Fatal(err)
			}
		}
		server := &post{}
		round(t, mail.NewCourier(mail.CourierDeps{Store: maildb.New(d), Post: server, Now: func() time.Time { return start.Add(time.Hour) }}))
		if server.times() != 0 {
			t.Errorf("sent %d messages", server.times())
		}
	})
}

func TestRowThatWasForgedCarriesNoHeaders(t *testing.T) {
	t.Parallel()
	d := dbtest.SQLite(t)
	send(t, d, start, "alice@example.org")
	err := d.InTx(t.Context(), func(ctx context.Context) error {
		_, err := d.From(ctx).ExecContext(ctx, "update mail set subject = $1", "Hello\r\nBcc: everybody@example.org")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	server := &post{}
	courier := mail.NewCourier(mail.CourierDeps{Store: maildb.New(d), Post: server, Now: func() time.Time { return start }})
	round(t, courier)
	if left := undelivered(t, courier); server.times() != 0 || len(left) != 1 || left[0].State != mail.Failed {
		t.Errorf("given %d times, %+v", server.times(), left)
	}
}
