// Package health keeps the conditions Warder is in: what is not as it should be,
// why, and what to do about it. Other rooms set and clear conditions by code;
// the operator's pages and the command line show them.
//
// It leaves measuring to others: a condition says what a person must know, not
// how often something happened.
package health

import (
	"cmp"
	"slices"
	"sync"
	"time"
)

// Severity says how bad a condition is. The zero value is Failing, so that one
// nobody has judged is not taken for harmless.
type Severity int

// The closed set of severities, worst first.
const (
	Failing Severity = iota // something people need does not work
	Warning                 // it works, but not for long, or not as it should
	OK                      // worth knowing, nothing is wrong
)

// String is the severity as it is written in JSON and on pages.
func (s Severity) String() string {
	switch s {
	case OK:
		return "ok"
	case Warning:
		return "warning"
	case Failing:
		return "failing"
	default:
		return "failing"
	}
}

// MarshalText writes what String says.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads what MarshalText wrote. What it does not know is Failing.
func (s *Severity) UnmarshalText(text []byte) error {
	*s = Failing
	for _, known := range []Severity{OK, Warning} {
		if string(text) == known.String() {
			*s = known
		}
	}
	return nil
}

// Condition is one thing that is so, until it is cleared.
type Condition struct {
	Code     string    `json:"code"` // stable: "db.full"
	Severity Severity  `json:"severity"`
	Cause    string    `json:"cause"` // a sentence; no secrets, no personal data
	Next     string    `json:"next"`  // what to do now
	Since    time.Time `json:"since"` // set by the board: when it became so, with this severity
}

// Board holds the conditions of one process. It is safe for concurrent use.
type Board struct {
	now func() time.Time

	mu         sync.Mutex
	conditions map[string]Condition // by code; guarded by mu
}

// NewBoard returns a board without conditions.
func NewBoard(now func() time.Time) *Board {
	return &Board{now: now, conditions: map[string]Condition{}}
}

// Set says that a condition is so. Setting it again keeps Since while the
// severity stays the same.
func (b *Board) Set(condition Condition) {
	b.mu.Lock()
	defer b.mu.Unlock()
	condition.Since = b.now()
	if before, ok := b.conditions[condition.Code]; ok && before.Severity == condition.Severity {
		condition.Since = before.Since
	}
	b.conditions[condition.Code] = condition
}

// Clear says that a condition is over, and reports whether it had been set.
func (b *Board) Clear(code string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	_, ok := b.conditions[code]
	delete(b.conditions, code)
	return ok
}

// List gives the conditions, worst first, then by code.
func (b *Board) List() []Condition {
	b.mu.Lock()
	defer b.mu.Unlock()
	list := []Condition{} // none is an empty list in JSON, not null
	for _, condition := range b.conditions {
		list = append(list, condition)
	}
	slices.SortFunc(list, func(x, y Condition) int {
		return cmp.Or(cmp.Compare(x.Severity.rank(), y.Severity.rank()), cmp.Compare(x.Code, y.Code))
	})
	return list
}

// Worst is the severity of the worst condition; OK when there is none.
func (b *Board) Worst() Severity {
	if list := b.List(); len(list) > 0 {
		return list[0].Severity.rank()
	}
	return OK
}

// rank takes a severity that is none of ours for the worst.
func (s Severity) rank() Severity {
	if s < Failing || s > OK {
		return Failing
	}
	return s
}
