package services

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/tx"
	"github.com/warder-project/warder/internal/registry/audit"
)

// Action is something in a service that asks for a touch of the key at that very
// moment, however somebody signed in: an export, a payment. A request is one when
// all conditions that are given hold; of the three amounts, one that is exceeded
// is enough.
type Action struct {
	Name    string   // unique in the service; lower-case letters, digits, hyphens
	Title   string   // what the person is asked to touch their key for: “Export the payroll”
	Methods []string // upper case, sorted; empty means every method
	Path    string   // path prefix, as of a route
	Query   string   // "name=value" or "name" (with any value) that the query must have; "" is any query

	BodyOver     int64 // bytes of the request; 0 is no such condition
	ResponseOver int64 // bytes of the answer; 0 is no such condition
	RowsOver     int64 // rows in the answer; 0 is no such condition

	// Keep is how long one touch holds, for this action alone; 0 is once.
	Keep time.Duration
}

// The bounds of an action.
const (
	MostActions   = 20
	LongestKeep   = 15 * time.Minute
	MostHeld      = 16 << 20 // bytes of an answer that are held back at most: ResponseOver is no more
	mostRows      = 10_000_000
	longestTitle  = 80
	longestFilter = 200
)

// Weighs reports whether the answer has to be seen before it is known whether the
// request is this action.
func (a Action) Weighs() bool { return a.ResponseOver > 0 || a.RowsOver > 0 }

// Covers reports whether a request of this method and path may be the action; path
// is as it came in the request line, still encoded. A path that can be read in more
// than one way is covered, so that no way of writing it goes around the action.
func (a Action) Covers(method, path string) bool {
	switch takes(a.Methods, method) {
	case Found, AmbiguousPath:
	case NoRoute, MethodRefused, Closed:
		return false
	}
	if a.Path == "/" {
		return true
	}
	var room [maxPrefix + 1]byte
	prefix := strings.ToLower(a.Path)
	n, _ := fold(room[:len(prefix)+1], path)
	folded := string(room[:n])
	return folded == prefix || strings.HasPrefix(folded, prefix+"/")
}

// SetAction adds an action to a service, or puts it in the place of the one of that name.
func (c *Catalogue) SetAction(ctx context.Context, actor audit.Actor, id ids.Service, wanted Action) (Action, error) {
	action, faults := wanted.clean()
	if len(faults) > 0 {
		return Action{}, Malformed.New().At(faults...)
	}
	err := c.changeActions(ctx, id, func(ctx context.Context, service Service) error {
		others := slices.DeleteFunc(slices.Clone(service.Actions), func(other Action) bool { return other.Name == action.Name })
		if len(others) >= MostActions {
			return Malformed.New().At(problem.Field{Name: "name", Message: fmt.Sprintf("there are %d actions already, which is the most a service has", len(others))})
		}
		if err := c.deps.Store.SetAction(ctx, id, action); err != nil {
			return err
		}
		return c.record(ctx, actor, "service.action_set", id, map[string]string{"action": action.Name, "title": action.Title, "asks": action.String()})
	})
	if err != nil {
		return Action{}, fmt.Errorf("set action of %s: %w", id, err)
	}
	return action, nil
}

// RemoveAction takes an action away, or is problem ActionNotFound.
func (c *Catalogue) RemoveAction(ctx context.Context, actor audit.Actor, id ids.Service, name string) error {
	err := c.changeActions(ctx, id, func(ctx context.Context, service Service) error {
		at := slices.IndexFunc(service.Actions, func(action Action) bool { return action.Name == name })
		if at < 0 {
			return ActionNotFound.New()
		}
		if err := c.deps.Store.RemoveAction(ctx, id, name); err != nil {
			return err
		}
		return c.record(ctx, actor, "service.action_removed", id, map[string]string{"action": name, "asked": service.Actions[at].String()})
	})
	if err != nil {
		return fmt.Errorf("remove action of %s: %w", id, err)
	}
	return nil
}

func (c *Catalogue) changeActions(ctx context.Context, id ids.Service, change func(ctx context.Context, service Service) error) error {
	return c.deps.Tx.InTx(ctx, func(ctx context.Context) error {
		service, err := c.deps.Store.ByID(ctx, id)
		if err != nil {
			return err
		}
		if service.State != Admitted {
			return StateRefused.New()
		}
		if err := change(ctx, service); err != nil {
			return err
		}
		return tx.Publish(ctx, tx.Service, string(id))
	})
}

// String says when the action is recognised, for people: “GET /export, over 5000 rows”.
func (a Action) String() string {
	methods := "any method"
	if len(a.Methods) > 0 {
		methods = strings.Join(a.Methods, ", ")
	}
	text := methods + " " + a.Path
	if a.Query != "" {
		text += "?" + a.Query
	}
	var amounts []string
	if a.BodyOver > 0 {
		amounts = append(amounts, fmt.Sprintf("a request over %d bytes", a.BodyOver))
	}
	if a.ResponseOver > 0 {
		amounts = append(amounts, fmt.Sprintf("an answer over %d bytes", a.ResponseOver))
	}
	if a.RowsOver > 0 {
		amounts = append(amounts, fmt.Sprintf("an answer over %d rows", a.RowsOver))
	}
	if len(amounts) > 0 {
		text += ", " + strings.Join(amounts, " or ")
	}
	if a.Keep > 0 {
		return text + fmt.Sprintf("; a touch holds for %s", a.Keep)
	}
	return text + "; a touch each time"
}

// clean normalises an action and says what is wrong with it.
func (a Action) clean() (Action, []problem.Field) {
	var faults []problem.Field
	fault := func(name, format string, args ...any) {
		faults = append(faults, problem.Field{Name: name, Message: fmt.Sprintf(format, args...)})
	}
	if message := checkSlug(a.Name); message != "" {
		fault("name", "%s", message)
	}
	a.Title = strings.TrimSpace(a.Title)
	if a.Title == "" || utf8.RuneCountInString(a.Title) > longestTitle || strings.ContainsFunc(a.Title, unicode.IsControl) || !utf8.ValidString(a.Title) {
		fault("title", "expected 1 to %d characters on one line, such as “Export the payroll”", longestTitle)
	}
	path, message := cleanPrefix(a.Path)
	if message != "" {
		fault("path", "%s", message)
	}
	a.Path = path
	methods, message := cleanMethods(a.Methods)
	if message != "" {
		fault("methods", "%s", message)
	}
	a.Methods = methods
	if len(a.Query) > longestFilter || strings.ContainsFunc(a.Query, func(r rune) bool { return r <= ' ' || r > '~' || r == '&' || r == '#' }) {
		fault("query", "expected one name, or name=value, as it stands in the address")
	}
	for _, amount := range []struct {
		name        string
		value, most int64
	}{{"body_over", a.BodyOver, 1 << 40}, {"response_over", a.ResponseOver, MostHeld}, {"rows_over", a.RowsOver, mostRows}} {
		if amount.value < 0 || amount.value > amount.most {
			fault(amount.name, "is %d; expected 1 to %d, or 0 for no such condition", amount.value, amount.most)
		}
	}
	// What has been done cannot be held back: the answer to a request that changes
	// something comes after the change.
	if a.Weighs() && !slices.Equal(a.Methods, []string{"GET"}) {
		fault("methods", "an action that looks at the answer is for GET alone, because whatever else was asked has happened by then")
	}
	if a.Keep < 0 || a.Keep > LongestKeep {
		fault("keep", "is %s; expected at most %s, or 0 for a touch each time", a.Keep, LongestKeep)
	}
	return a, faults
}
