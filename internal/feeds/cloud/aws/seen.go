package aws

import "hash/maphash"

// seen remembers which names there were, in eight bytes each: a report may list
// a million. Two names may share a hash once in some ten million reports of
// that size; the report would then be refused, not misread.
type seen struct {
	seed  maphash.Seed
	slots []uint64
	used  int
}

func newSeen() *seen { return &seen{seed: maphash.MakeSeed(), slots: make([]uint64, 1<<12)} }

// twice reports whether the name was there before, and remembers it.
func (s *seen) twice(name string) bool {
	if s.used*2 >= len(s.slots) {
		s.grow()
	}
	hash := maphash.String(s.seed, name) | 1 // zero is an empty slot
	if !put(s.slots, hash) {
		return true
	}
	s.used++
	return false
}

func (s *seen) grow() {
	larger := make([]uint64, 4*len(s.slots))
	for _, hash := range s.slots {
		if hash != 0 {
			put(larger, hash)
		}
	}
	s.slots = larger
}

// put returns false when the hash was there.
func put(slots []uint64, hash uint64) bool {
	mask := uint64(len(slots) - 1)
	for at := (hash >> 7) & mask; ; at = (at + 1) & mask {
		switch slots[at] {
		case 0:
			slots[at] = hash
			return true
		case hash:
			return false
		}
	}
}
