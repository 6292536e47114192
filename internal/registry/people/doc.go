// Package people keeps who works here: their user name, their name, who their
// line manager is, the groups they are in, and the days their employment starts
// and ends.
//
// The life of a person:
//
//	          Suspend                Leave
//	active ────────────▶ suspended ────────▶ left
//	  │  ◀────────────       │
//	  │     Reinstate        │
//	  └──────────────────────┴──── Leave ──▶ left
//
// Nobody comes back from left by themselves: Reinstate refuses it. A person may
// also stop being able to sign in without any change of state, because the last
// working day is over; see Person.MaySignIn.
//
// The room owns the tables person, people_group and people_group_member. It
// leaves to others: what a person can sign in with (registry/keys and
// registry/factors), what they may do as an administrator (access/roles), the
// reading of HR files (feeds/hr), and everything else that must stop when
// somebody leaves.
package people
