package exempt

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/warder-project/warder/internal/access/decision"
	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/base/health"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/exceptions"
	"github.com/warder-project/warder/internal/registry/exceptions/emergency"
	"github.com/warder-project/warder/internal/registry/exceptions/exceptionsdb"
	"github.com/warder-project/warder/internal/registry/exceptions/watch"
)

// Register is the register with the watch over it.
type Register struct {
	*exceptions.Register
	*watch.Watch
	emergencies *emergency.Book
	house       House
}

// Open makes the register.
func Open(house House, database *db.DB, record *audit.Log) Register {
	store := exceptionsdb.New(database)
	register := exceptions.New(exceptions.Deps{Store: store, House: house, Tx: database, Audit: record, Now: house.Now, Follow: house.Follow})
	return Register{house: house, Register: register,
		emergencies: emergency.New(emergency.Deps{Register: register, Store: store, Tx: database, Audit: record, Now: house.Now}),
		Watch:       watch.New(watch.Deps{Register: register, Store: store, House: house, Tx: database, Now: house.Now})}
}

// Proposal is what is written, with identifiers: see House.Proposal.
func (r Register) Proposal(ctx context.Context, written Written) (exceptions.Exception, error) {
	return r.house.Proposal(ctx, written)
}

// Uses are the decisions made under an exception, newest first: at most the last ten
// thousand.
func (r Register) Uses(ctx context.Context, id ids.Exception) ([]decision.Record, error) {
	return Uses(ctx, r.house.Decisions, id)
}

// conditions are the findings that an operator must hear of, with the code of the
// health condition.
func conditions() map[watch.FindingKind]string {
	return map[watch.FindingKind]string{
		watch.OwnerGone:    "exceptions.owner_gone",
		watch.ControlFails: "exceptions.control_fails",
	}
}

// Watch keeps this node's health conditions about exceptions.
func Watch(ctx context.Context, register Register, board *health.Board, log *slog.Logger) {
	found, err := register.Findings(ctx)
	if err != nil {
		if ctx.Err() == nil {
			log.Error("exceptions could not be looked at", "error", err)
		}
		return
	}
	for kind, code := range conditions() {
		names := ""
		for _, finding := range found {
			if finding.Kind == kind {
				names += " " + finding.Exception.Name()
			}
		}
		if names == "" {
			board.Clear(code)
			continue
		}
		board.Set(health.Condition{Code: code, Severity: health.Warning,
			Cause: fmt.Sprintf("An exception is not looked after as it was approved:%s.", names), Next: kind.Sentence()})
	}
}
