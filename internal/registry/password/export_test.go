package password

// Hold takes one turn of the hasher until the function that it returns is called.
func (h *Hasher) Hold() (release func()) {
	h.turns <- struct{}{}
	return func() { <-h.turns }
}

// Waiting is how many wait for a turn or have one.
func (h *Hasher) Waiting() int { return int(h.waiting.Load()) }

// Queue is how many may wait for each turn.
const Queue = queue

// ParseHash reads a PHC string and writes it again.
func ParseHash(phc string) (string, error) {
	read, err := parse(phc)
	return read.String(), err
}
