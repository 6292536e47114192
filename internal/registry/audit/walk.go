package audit

import (
	"cmp"
	"fmt"
	"slices"
)

// walk goes along the chain. A link that fits its own hash tells which place it
// was sealed for; the order of those places tells what was done to the chain.
type walk struct {
	at       int64     // the place of the last link
	shift    int64     // how far links stand from the places they were sealed for
	expected int64     // the sealed place that should come next
	last     *Link     // the link in the sealed place before expected; nil when it is not known
	held     *suspect  // fits its hash, but stands elsewhere: the next link tells why
	suspects []suspect // links since last whose fate the next good link decides
	twin     *Link     // claims the same sealed place as last
	faults   []Fault
	changed  []Link // those behind the faults of kind Changed
}

// suspect is a link that is not what should stand there.
type suspect struct {
	link   Link
	sealed int64 // the place it was sealed for; 0 is not known
}

func (w *walk) step(link Link) {
	w.at = link.Number
	sealed, known := w.sealedPlace(link)
	if !known {
		w.decideTwin(link.Previous)
		w.giveUpHeld()
		w.suspects = append(w.suspects, suspect{link: link})
		return
	}
	if w.held != nil {
		if w.held.link.Number-w.held.sealed == link.Number-sealed {
			w.accept(w.held.link, w.held.sealed) // both moved alike: rows before them came or went
			w.held = nil
		} else {
			w.giveUpHeld()
		}
	}
	if link.Number-sealed != w.shift {
		w.held = &suspect{link: link, sealed: sealed}
		return
	}
	w.accept(link, sealed)
}

// giveUpHeld says that the held link alone stands elsewhere.
func (w *walk) giveUpHeld() {
	if w.held != nil {
		w.suspects = append(w.suspects, *w.held)
		w.held = nil
	}
}

// sealedPlace finds the place a link was sealed for: the one for which its own
// hash is right.
func (w *walk) sealedPlace(link Link) (int64, bool) {
	if link.Missing {
		return 0, false
	}
	fits := func(number int64) bool {
		return number > 0 && slices.Equal(chainHash(number, link.Previous, link.Entry), link.Hash)
	}
	near := link.Number - w.shift
	if fits(near) {
		return near, true
	}
	for d := int64(1); d <= nearby; d++ {
		if fits(near - d) {
			return near - d, true
		}
		if fits(near + d) {
			return near + d, true
		}
	}
	return 0, false
}

// accept takes a link as the true one of its sealed place.
func (w *walk) accept(link Link, sealed int64) {
	w.shift = link.Number - sealed
	w.decideTwin(link.Previous)
	if len(w.suspects) == 0 && w.last != nil && sealed == w.expected-1 {
		w.twin = &link
		return
	}
	w.settle(sealed)
	if sealed < w.expected {
		w.fault(Inserted, link, fmt.Sprintf("Entry %s at place %d repeats place %d.", link.ID, link.Number, sealed))
		return
	}
	w.compare(link.Previous)
	w.expected, w.last = sealed+1, &link
}

// settle decides what the suspects are, given that next is the sealed place of
// what follows them: each stands for a place, or was put in where there is none.
func (w *walk) settle(next int64) {
	for _, s := range w.suspects {
		if w.expected >= next {
			w.fault(Inserted, s.link, fmt.Sprintf("Entry %s at place %d was not put there by the sealer.", s.link.ID, s.link.Number))
			continue
		}
		if place := s.link.Number - w.shift; place > w.expected && place < next {
			w.gone(w.expected, place-1)
			w.expected = place
		}
		w.spoilt(s)
		w.expected++
	}
	w.suspects = nil
	if w.expected < next {
		w.gone(w.expected, next-1)
		w.expected, w.last = next, nil
	}
}

func (w *walk) spoilt(s suspect) {
	link := s.link
	w.last = &link
	switch {
	case link.Missing:
		w.fault(Removed, link, fmt.Sprintf("Entry %s at place %d was removed.", link.ID, link.Number))
	case s.sealed != 0:
		w.last = nil
		w.fault(Reordered, link, fmt.Sprintf("Entry %s stands at place %d but was sealed at place %d.", link.ID, link.Number, s.sealed))
	default:
		w.fault(Changed, link, fmt.Sprintf("Entry %s at place %d was changed after it was sealed.", link.ID, link.Number))
		if len(w.changed) < mostPaired {
			w.changed = append(w.changed, link)
		}
	}
}

// compare checks that what comes after last names the hash of last.
func (w *walk) compare(previous Hash) {
	if w.last == nil || slices.Equal(previous, w.last.Hash) {
		return
	}
	known := func(f Fault) bool { return f.Number == w.last.Number }
	if !slices.ContainsFunc(w.faults, known) {
		w.fault(Changed, *w.last, fmt.Sprintf("Entry %s at place %d was replaced, together with its hash.", w.last.ID, w.last.Number))
	}
}

// decideTwin says which of two links for one sealed place is the true one: the
// one whose hash the next link names.
func (w *walk) decideTwin(next Hash) {
	if w.twin == nil {
		return
	}
	wrong := w.twin
	if slices.Equal(next, w.twin.Hash) {
		wrong, w.last = w.last, w.twin
	}
	w.twin = nil
	w.fault(Inserted, *wrong, fmt.Sprintf("Entry %s at place %d was not put there by the sealer.", wrong.ID, wrong.Number))
}

// finish holds the end of the walk against the head.
func (w *walk) finish(head Head) {
	if w.held != nil && w.held.sealed == head.Number && slices.Equal(w.held.link.Hash, head.Hash) {
		w.accept(w.held.link, w.held.sealed)
		w.held = nil
	}
	w.giveUpHeld()
	w.decideTwin(head.Hash)
	w.settle(head.Number + 1)
	if w.expected == head.Number+1 {
		w.compare(head.Hash)
	}
	if w.expected > head.Number+1 && w.last != nil {
		beyond := w.expected - 1 - head.Number
		w.fault(Inserted, *w.last, fmt.Sprintf("The head of the chain is at place %d, but %d more follow it up to entry %s.",
			head.Number, beyond, w.last.ID))
	}
	w.pairUp()
}

// mostPaired bounds the search for entries that have changed places.
const mostPaired = 300

// pairUp finds, among the changed links, those that are whole but stand in each
// other's place, however far apart.
func (w *walk) pairUp() {
	for _, link := range w.changed {
		for _, other := range w.changed {
			moved := slices.Equal(chainHash(other.Number, link.Previous, link.Entry), link.Hash)
			// The other way: the links stayed, and point to each other's entry.
			exchanged := slices.Equal(chainHash(other.Number, other.Previous, link.Entry), other.Hash)
			if link.Number == other.Number || !moved && !exchanged {
				continue
			}
			for i := range w.faults {
				if w.faults[i].Number == link.Number && w.faults[i].Kind == Changed {
					w.faults[i].Kind = Reordered
					w.faults[i].Sentence = fmt.Sprintf("Entry %s stands at place %d but was sealed at place %d.",
						link.ID, link.Number, other.Number)
				}
			}
		}
	}
}

func (w *walk) fault(kind FaultKind, link Link, sentence string) {
	w.faults = append(w.faults, Fault{Number: link.Number, Entry: link.ID, Kind: kind, Sentence: sentence})
}

// gone notes that sealed places have nothing that stands for them.
func (w *walk) gone(first, through int64) {
	fault := Fault{Number: first, Kind: Removed, Sentence: fmt.Sprintf("The entry at place %d was removed.", first)}
	if through > first {
		fault.Through = through
		fault.Sentence = fmt.Sprintf("The entries at places %d to %d were removed.", first, through)
	}
	w.faults = append(w.faults, fault)
}

// report gives the faults by place, and whether there are more.
func (w *walk) report() ([]Fault, bool) {
	slices.SortStableFunc(w.faults, func(a, b Fault) int { return cmp.Compare(a.Number, b.Number) })
	if len(w.faults) > MostFaults {
		return w.faults[:MostFaults], true
	}
	return w.faults, false
}
