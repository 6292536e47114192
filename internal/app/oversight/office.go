// Package oversight joins what watches over exceptions with the rooms it asks: the
// reviews, the milestones, the board, and their pages. What they are is
// registry/exceptions’s; how an exception comes into force is app/exempt’s.
package oversight

import (
	"context"
	"errors"
	"net/url"
	"time"

	"github.com/warder-project/warder/internal/access/decision"
	"github.com/warder-project/warder/internal/app/exempt"
	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/exceptions"
	"github.com/warder-project/warder/internal/registry/exceptions/board"
	"github.com/warder-project/warder/internal/registry/exceptions/board/boarddb"
	"github.com/warder-project/warder/internal/registry/exceptions/board/boardweb"
	"github.com/warder-project/warder/internal/registry/exceptions/reviews"
	"github.com/warder-project/warder/internal/registry/exceptions/reviews/reviewsdb"
	"github.com/warder-project/warder/internal/registry/exceptions/reviews/reviewsweb"
	"github.com/warder-project/warder/internal/registry/exceptions/sunset"
	"github.com/warder-project/warder/internal/registry/keys"
)

// Parts is what an Office is made of. All of it is required.
type Parts struct {
	DB        *db.DB
	Audit     *audit.Log
	Keys      *keys.Register
	PublicURL *url.URL
}

// Office is everything that watches over exceptions.
type Office struct {
	Exceptions exempt.Register
	Reviews    *reviews.Book
	Board      *board.Desk

	around exempt.House
	steps  sunset.Watch
}

// Open makes the register of exceptions and what watches over it. The two know each
// other: the register asks the reviews when an exception lapses.
func Open(around exempt.House, parts Parts) *Office {
	o := &Office{around: around}
	around.Follow = func(ctx context.Context, e exceptions.Exception) (time.Time, error) { return o.Reviews.Follow(ctx, e) }
	o.Exceptions = exempt.Open(around, parts.DB, parts.Audit)
	house, register, now := house{around, parts, o.Exceptions.Register}, o.Exceptions.Register, around.Now
	o.Reviews = reviews.New(reviews.Deps{Store: reviewsdb.New(parts.DB), Register: register, House: house, Tx: parts.DB, Audit: parts.Audit, Now: now})
	o.Board = board.New(board.Deps{Register: register, Reviews: o.Reviews, Store: boarddb.New(parts.DB), House: house, Tx: parts.DB, Now: now})
	o.steps = sunset.Watch{Register: register, House: house}
	return o
}

// Turn is the repeated work of all of it: what fails in one does not hold up the others.
func (o *Office) Turn(ctx context.Context) error {
	return errors.Join(o.Exceptions.Sweep(ctx), o.Reviews.Turn(ctx), o.steps.Turn(ctx), o.Board.Keep(ctx))
}

// Pages is all there is to see of exceptions.
type Pages struct {
	board   *boardweb.Pages
	reviews *reviewsweb.Pages
}

// Routes are those of both.
func (p Pages) Routes() []web.Route { return append(p.board.Routes(), p.reviews.Routes()...) }

// Pages are those of the board, of each exception, and of the reviewers.
func (o *Office) Pages() (Pages, error) {
	onBoard, err := boardweb.New(boardweb.Deps{Register: o.Exceptions.Register, Reviews: o.Reviews, Board: o.Board, People: o.around.People, Services: o.around.Services,
		Uses: o.uses, Now: o.around.Now})
	if err != nil {
		return Pages{}, err
	}
	ofReviews, err := reviewsweb.New(reviewsweb.Deps{Reviews: o.Reviews, Register: o.Exceptions.Register, People: o.around.People, Now: o.around.Now})
	return Pages{onBoard, ofReviews}, err
}

// Problems are those of the rooms that are joined here.
func Problems() []problem.Definition { return append(exceptions.Problems(), reviews.Problems()...) }

// uses are those of an exception, one line for each person, service and address.
func (o *Office) uses(ctx context.Context, id ids.Exception) ([]boardweb.Use, error) {
	records, err := exempt.Uses(ctx, o.around.Decisions, id)
	if err != nil {
		return nil, err
	}
	type place struct {
		person  ids.Person
		service ids.Service
		address string
	}
	var uses []boardweb.Use
	at := map[place]int{}
	for i := range records {
		record := &records[i]
		where := place{record.Person, record.Service, record.IP.String()}
		known, seen := at[where]
		if !seen {
			known = len(uses)
			at[where] = known
			uses = append(uses, boardweb.Use{Person: record.Person, Service: record.Service, Address: where.address, Last: lastOf(record)})
		}
		uses[known].Requests += len(record.Requests)
	}
	return uses, nil
}

// lastOf is when the last of the requests of a record was made.
func lastOf(record *decision.Record) time.Time {
	if n := len(record.Requests); n > 0 {
		return record.Requests[n-1].At
	}
	return record.At
}
