// Package problem is the one error type that may reach a person. A problem has
// a kind (what sort of thing went wrong), a stable code (what a script can test
// for), a sentence that is safe to show, and a next step (what to do now).
//
// Rooms declare their problems in problems.go with Define. Only the edges
// translate them: base/web to a status and a page, cmd/warder to an exit code.
// An error that is not a problem is internal: its text is for the log only.
package problem

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Kind says what sort of thing went wrong. The zero value is Internal, so that
// a problem nobody classified is never shown in detail.
type Kind int

// The closed set of kinds.
const (
	Internal        Kind = iota // a fault of ours; details go to the log only
	Invalid                     // the input is wrong
	Unauthenticated             // nobody is signed in
	StepUp                      // signed in, but not strongly or recently enough
	Forbidden                   // signed in, and not allowed
	NotFound                    // there is no such thing, or it is not yours to see
	Conflict                    // the state of the thing does not allow it
	TooMany                     // slow down
	Unavailable                 // something we need is not there; try again later
)

// String returns the kind as it is written in docs and JSON.
func (k Kind) String() string {
	names := [...]string{"internal", "invalid", "unauthenticated", "step_up", "forbidden",
		"not_found", "conflict", "too_many", "unavailable"}
	if k < 0 || int(k) >= len(names) {
		return "internal"
	}
	return names[k]
}

// Definition is a problem as a room declares it, once, in its problems.go.
type Definition struct {
	Kind     Kind
	Code     string // stable, lower_snake_case, with the room as prefix: "key.not_found"
	Sentence string // what happened, for a tired person; no secrets, no personal data
	Next     string // what to do now
}

// Define declares a problem.
func Define(kind Kind, code, sentence, next string) Definition {
	return Definition{Kind: kind, Code: code, Sentence: sentence, Next: next}
}

// New returns an error of this definition.
func (d Definition) New() *Error { return &Error{Definition: d} }

// Because returns an error of this definition with the cause kept for the log.
func (d Definition) Because(cause error) *Error { return &Error{Definition: d, Cause: cause} }

// Detailf returns an error of this definition with a detail that is safe to show:
// a file, a line, a name that the person typed. Never a secret.
func (d Definition) Detailf(format string, args ...any) *Error {
	return &Error{Definition: d, Detail: fmt.Sprintf(format, args...)}
}

// Field is one place in the input that is wrong.
type Field struct {
	Name    string `json:"field,omitempty"`  // form field, column or key
	File    string `json:"file,omitempty"`   // input file, as the person named it
	Line    int    `json:"line,omitempty"`   // 1-based; 0 is unknown
	Column  int    `json:"column,omitempty"` // 1-based; 0 is unknown
	Message string `json:"message"`          // what was found and what was expected
}

// String is "file:line:column: name: message", leaving out what is unknown.
func (f Field) String() string {
	var b strings.Builder
	if f.File != "" {
		b.WriteString(f.File + ":")
	}
	if f.Line > 0 {
		fmt.Fprintf(&b, "%d:", f.Line)
		if f.Column > 0 {
			fmt.Fprintf(&b, "%d:", f.Column)
		}
	}
	if b.Len() > 0 {
		b.WriteString(" ")
	}
	if f.Name != "" {
		b.WriteString(f.Name + ": ")
	}
	b.WriteString(f.Message)
	return b.String()
}

// Error is a problem that happened.
type Error struct {
	Definition
	Detail string  // safe to show; may be empty
	Fields []Field // places in the input; may be empty
	Cause  error   // for the log; may be nil

	// RetryAfter is how long to wait before it makes sense to try again; zero where
	// waiting does not help or nobody knows.
	RetryAfter time.Duration
}

// After says how long to wait, and returns the same error.
func (e *Error) After(wait time.Duration) *Error {
	e.RetryAfter = wait
	return e
}

// At adds a place in the input and returns the same error.
func (e *Error) At(fields ...Field) *Error {
	e.Fields = append(e.Fields, fields...)
	return e
}

// Error is for logs; people are shown Sentence, Detail, Fields and Next.
func (e *Error) Error() string {
	text := e.Code + ": " + e.Sentence
	if e.Detail != "" {
		text += " " + e.Detail
	}
	for _, field := range e.Fields {
		text += "; " + field.String()
	}
	if e.Cause != nil {
		text += ": " + e.Cause.Error()
	}
	return text
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Cause }

// Is reports whether target is a problem with the same code.
func (e *Error) Is(target error) bool {
	var other *Error
	return errors.As(target, &other) && other.Code == e.Code
}

// Of returns the problem in err's chain, or false when err is none of ours.
func Of(err error) (*Error, bool) {
	var found *Error
	ok := errors.As(err, &found)
	return found, ok
}

// Is reports whether err is a problem of this definition.
func Is(err error, definition Definition) bool {
	found, ok := Of(err)
	return ok && found.Code == definition.Code
}
