package assurance

import "time"

// Acceptance is one kind of shared secret that somebody accepts.
type Acceptance struct {
	Method Method
	// Until is the last day on which it is accepted, which ends at midnight UTC (at
	// one in the morning in British Summer Time); zero is until further notice.
	Until time.Time
}

// Accepted is which kinds of shared secret are accepted, each once.
type Accepted []Acceptance

// SharedSecrets are the methods that must be named to be accepted. Keys need no
// naming: how good one must be is for a Requirement to say.
func SharedSecrets() []Method { return []Method{Password, TOTP, RecoveryCode} }

// Accepts reports whether a method may be used, set up, or lived on in a session at
// a moment. A shared secret is accepted when it is named and its last day is not
// over; a code from an app only together with a password, without which it is
// nothing. Keys always are. Everything else never is.
func (a Accepted) Accepts(method Method, at time.Time) bool {
	switch {
	case method == Password || method == RecoveryCode:
		return a.names(method, at)
	case method == TOTP:
		return a.names(TOTP, at) && a.names(Password, at)
	}
	return method.SignsIn()
}

// names does not use slices.ContainsFunc, whose closure would be made on every request.
func (a Accepted) names(method Method, at time.Time) bool {
	for i := range a {
		if a[i].Method == method {
			return a[i].Until.IsZero() || at.Before(a[i].Until.AddDate(0, 0, 1))
		}
	}
	return false
}

// LastDay is the last day on which a method is accepted; zero is until further
// notice, and what is said of a method that is not named. A code from an app ends
// with the password beside it.
func (a Accepted) LastDay(method Method) time.Time {
	var last time.Time
	for _, one := range a {
		if one.Method == method || method == TOTP && one.Method == Password {
			if last.IsZero() || !one.Until.IsZero() && one.Until.Before(last) {
				last = one.Until
			}
		}
	}
	return last
}

// Withdrawn lists the shared secrets that a accepts at a moment and next does not.
func (a Accepted) Withdrawn(next Accepted, at time.Time) []Method {
	var withdrawn []Method
	for _, method := range SharedSecrets() {
		if a.Accepts(method, at) && !next.Accepts(method, at) {
			withdrawn = append(withdrawn, method)
		}
	}
	return withdrawn
}
