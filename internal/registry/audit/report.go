package audit

import "github.com/warder-project/warder/internal/base/ids"

// FaultKind says what is wrong with a place in the chain.
type FaultKind string

// The closed set of faults.
const (
	Changed   FaultKind = "changed"   // the entry is not what was sealed
	Removed   FaultKind = "removed"   // the entry is gone
	Reordered FaultKind = "reordered" // the entry stands in another's place
	Inserted  FaultKind = "inserted"  // the entry was not put there by the sealer
)

// Fault is one thing that is wrong.
type Fault struct {
	Number   int64     `json:"number"`            // the place; of several removed ones the first
	Through  int64     `json:"through,omitempty"` // the last one, when a run of places is meant
	Entry    ids.Entry `json:"entry,omitempty"`   // "" when it is not known any more
	Kind     FaultKind `json:"kind"`
	Sentence string    `json:"sentence"`
}

// Report is the outcome of Verify.
type Report struct {
	Sealed   int64 `json:"sealed"`   // entries in the chain as its head has it
	Unsealed int64 `json:"unsealed"` // entries that are not yet protected by it
	Head     Hash  `json:"head"`     // note it elsewhere to prove the chain against an old copy
	// HeadProved: the head is sealed with our master key. When false, somebody
	// who can write to the database may have computed the whole chain anew.
	HeadProved bool    `json:"head_proved"`
	Faults     []Fault `json:"faults"` // by number; at most MostFaults
	Truncated  bool    `json:"truncated,omitempty"`
}

// MostFaults is how many faults a report lists.
const MostFaults = 1000

// Sound reports whether nothing is wrong.
func (r Report) Sound() bool { return len(r.Faults) == 0 }
