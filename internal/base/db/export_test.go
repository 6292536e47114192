package db

// Waiting is how many units of work wait for their turn.
func (d *DB) Waiting() int { return d.turns.Waiting() }
