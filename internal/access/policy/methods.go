package policy

import (
	"time"

	"github.com/warder-project/warder/internal/registry/assurance"
)

// Accepts reports whether a method is accepted at a moment: see assurance.Accepted.
func (p *Policy) Accepts(method assurance.Method, at time.Time) bool {
	return p != nil && p.Methods.Accepts(method, at)
}

// Accepts is Policy.Accepts of the policy that was compiled. Where there is none,
// nothing is accepted.
func (c *Compiled) Accepts(method assurance.Method, at time.Time) bool {
	return c != nil && c.accepts.Accepts(method, at)
}

// Accepted is which shared secrets the policy accepts. The caller must not change it.
func (c *Compiled) Accepted() assurance.Accepted {
	if c == nil {
		return nil
	}
	return c.accepts
}
