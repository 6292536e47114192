package signin_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/warder-project/warder/internal/access/signin"
	"github.com/warder-project/warder/internal/access/signin/signintest"
	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/secret"
	"github.com/warder-project/warder/internal/testkit"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

// errand is what the process that will be killed must do.
type errand struct {
	Database string
	Kill     int // at which moment of its units of work
	Attempt  ids.Attempt
	Browser  string
	Response []byte
}

const errandFile = "WARDER_TEST_REGISTER_AND_DIE"

// TestRegistrationThatIsKilledIsWholeOrNot kills a process with SIGKILL at every
// moment of a registration: at the end of each unit of work inside it, just
// before the commit, and just after.
func TestRegistrationThatIsKilledIsWholeOrNot(t *testing.T) {
	if path := os.Getenv(errandFile); path != "" {
		runErrand(t, path)
		return
	}
	t.Parallel()
	address := dbtest.SQLiteURL(t)
	h := signintest.Open(t, dbtest.Open(t, address))
	outcomes := map[bool]int{}
	for kill := 1; ; kill++ {
		person, key := h.Somebody(t, fmt.Sprint("person", kill)), h.Batch.NewKey()
		attempt, browser := h.Invited(t, person.ID)
		answer := h.Registration(t, attempt, browser, key)
		survived := runChild(t, errand{Database: address, Kill: kill, Attempt: attempt, Browser: browser.Reveal(), Response: answer.Response})

		held, err := h.Keys.HeldBy(t.Context(), person.ID)
		if err != nil {
			t.Fatal(err)
		}
		credentials, err := h.Factors.OfPerson(t.Context(), person.ID)
		if err != nil {
			t.Fatal(err)
		}
		step, err := h.Flow.Next(t.Context(), attempt, browser)
		if err != nil {
			t.Fatal(err)
		}
		whole := len(held) == 1
		_, asksForKey := step.(signin.UseKey)
		if len(held) > 1 || len(credentials) != len(held) || asksForKey != whole {
			t.Fatalf("killed at moment %d: %d keys, %d credentials, and the attempt asks for %T", kill, len(held), len(credentials), step)
		}
		if !whole {
			// The link still works: the person does it again, with the same key.
			if _, err := h.Flow.Register(t.Context(), h.Registration(t, attempt, browser, key)); err != nil {
				t.Fatalf("killed at moment %d: the registration cannot be done again: %v", kill, err)
			}
		}
		h.Finish(t, attempt, browser, key)
		outcomes[whole]++
		if survived {
			break
		}
	}
	if outcomes[false] < 3 || outcomes[true] < 2 {
		t.Errorf("%d kills left nothing and %d everything; the test did not reach both sides of the commit", outcomes[false], outcomes[true])
	}
}

// runChild runs an errand in a process of its own and says whether it survived.
func runChild(t *testing.T, what errand) bool {
	t.Helper()
	text, err := json.Marshal(what)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "errand.json")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestRegistrationThatIsKilledIsWholeOrNot$")
	child.Env = append(os.Environ(), errandFile+"="+path)
	output, err := child.CombinedOutput()
	var ended *exec.ExitError
	if errors.As(err, &ended) && ended.Sys().(syscall.WaitStatus).Signal() == syscall.SIGKILL {
		return false
	}
	if err != nil {
		t.Fatalf("the child ended by itself: %v\n%s", err, output)
	}
	return true
}

func runErrand(t *testing.T, path string) {
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var what errand
	if err := json.Unmarshal(text, &what); err != nil {
		t.Fatal(err)
	}
	d := dbtest.Open(t, what.Database)
	h := signintest.Wire(t, d, testkit.NewClock(), &killer{DB: d, left: what.Kill})
	answer := signin.Answer{Attempt: what.Attempt, Browser: secret.New(what.Browser), Response: what.Response}
	if _, err := h.Flow.Register(t.Context(), answer); err != nil {
		t.Fatalf("register: %v", err)
	}
}

// killer ends the process at a moment of its units of work.
type killer struct {
	*db.DB
	left int
}

func (k *killer) InTx(ctx context.Context, fn func(ctx context.Context) error) error {
	err := k.DB.InTx(ctx, func(ctx context.Context) error {
		if err := fn(ctx); err != nil {
			return err
		}
		k.moment()
		return nil
	})
	if err == nil && !k.DB.InWork(ctx) {
		k.moment()
	}
	return err
}

func (k *killer) moment() {
	if k.left--; k.left == 0 {
		syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {} // the signal is on its way
	}
}
