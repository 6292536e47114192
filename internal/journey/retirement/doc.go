// Package retirement takes weak methods away from people in a safe order: first the
// strong one has to have been used on two different days, then the weak one is
// disabled, and only days later is it removed for good.
//
//	planned ──► disabled ──► removed
//	   ▲            │
//	   └── restored ┘   by somebody else than who disabled it
//
// A plan says of everybody who has the method what they need first. Applying it
// disables the method of those who are ready, and of nobody else; who is ready is
// asked again in the unit of work that does it.
//
// Only what Warder itself keeps can be retired: passwords, one-time codes and
// recovery codes. A policy that still accepts a retired method lets people set it up
// again, and the plan says so.
//
// The room owns the table retirement. It leaves to others: the secret itself and its
// states (registry/factors/sharedsecret), who has what (proof/adoption), and until
// when a method is accepted (access/policy).
package retirement
