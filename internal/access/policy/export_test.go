package policy

// Remembered is how many outcomes are kept.
func (c *Compiled) Remembered() int { return len(c.remembered) }
