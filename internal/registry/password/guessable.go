package password

import (
	"slices"
	"strings"
	"unicode"
)

// wordsMost is how many different words, rows or numbers a password may be wholly
// made of before it is thought of as a phrase of its own.
const wordsMost = 3

// Guessable reports whether a password is among the first that anybody would try:
// one of the operator's list, or wholly made of at most three different pieces that
// everybody would think of. The whole password is compared, never a part of it
// (NIST SP 800-63B-4 §3.1.1.2): a common word inside a good password is fine.
// context are words about this person and place: user name, names, organisation.
func (p Prepared) Guessable(list *Blocklist, context []string) bool {
	text := strings.ToLower(p.text.Reveal())
	if list.has(text) {
		return true
	}
	words := slices.Clone(common)
	for _, one := range context {
		words = append(words, splitWords(one)...)
	}
	return newCover([]rune(text), words).most(wordsMost)
}

// splitWords takes a name apart: "amira.khan@example.gov.uk" is also amira and khan.
func splitWords(text string) []string {
	text = strings.ToLower(text)
	parts := strings.FieldsFunc(text, func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsDigit(c) })
	parts = append(parts, strings.Join(parts, ""))
	return slices.DeleteFunc(parts, func(part string) bool { return len([]rune(part)) < 3 })
}

// cover looks for the ways in which a text is made of known pieces and nothing else.
type cover struct {
	text  []rune
	plain []rune // the text with the usual digits and signs for letters turned back
	words [][]rune
	ends  [][]int         // what pieces has found, by position; nil where nobody has looked
	dead  map[string]bool // positions, with the pieces so far, from which no way leads to the end
	steps int
}

// stepsMost bounds the search. Only a text of a few pieces over and over needs so
// many, and that is refused.
const stepsMost = 20_000

func newCover(text []rune, words []string) *cover {
	c := &cover{text: text, plain: slices.Clone(text), ends: make([][]int, len(text)), dead: map[string]bool{}}
	for i, r := range text {
		if letter, ok := instead[r]; ok {
			c.plain[i] = letter
		}
	}
	for _, word := range words {
		c.words = append(c.words, []rune(word))
	}
	return c
}

// instead is what people write for letters to please a composition rule.
var instead = map[rune]rune{'0': 'o', '1': 'i', '3': 'e', '4': 'a', '5': 's', '7': 't', '@': 'a', '$': 's', '!': 'i', '|': 'l', '€': 'e'}

// most reports whether the whole text is made of at most n different pieces.
func (c *cover) most(n int) bool { return len(c.text) > 0 && c.from(0, n, nil) }

// from tries every piece that begins at a position. used holds the pieces so far; one
// that comes again costs nothing.
func (c *cover) from(at, left int, used []string) bool {
	if at == len(c.text) {
		return true
	}
	state := string(rune(at)) + "\x00" + strings.Join(used, "\x00")
	if c.dead[state] {
		return false
	}
	if c.steps++; c.steps > stepsMost {
		return true
	}
	if n := separators(c.text[at:]); n > 0 && c.from(at+n, left, used) {
		return true
	}
	for _, end := range c.pieces(at) {
		piece := c.name(at, end)
		switch {
		case slices.Contains(used, piece):
			if c.from(end, left, used) {
				return true
			}
		case left > 0:
			if c.from(end, left-1, append(slices.Clone(used), piece)) {
				return true
			}
		}
	}
	c.dead[state] = true
	return false
}

// separators is how many signs stand here between two pieces: up to three, or any
// number of the same. More of them are something that somebody thought of.
func separators(text []rune) int {
	n := 0
	for n < len(text) && (unicode.IsSpace(text[n]) || unicode.IsPunct(text[n]) || unicode.IsSymbol(text[n])) {
		n++
	}
	if n <= 3 || same(text) == n {
		return n
	}
	return 0
}

// name is what makes two pieces the same.
func (c *cover) name(from, to int) string { return string(c.plain[from:to]) }

// pieces are the ends of everything known that begins at a position, longest first.
func (c *cover) pieces(at int) []int {
	if c.ends[at] == nil {
		c.ends[at] = c.look(at)
	}
	return c.ends[at]
}

func (c *cover) look(at int) []int {
	ends := []int{}
	for _, word := range c.words {
		end := at + len(word)
		if end <= len(c.text) && (slices.Equal(c.text[at:end], word) || slices.Equal(c.plain[at:end], word)) {
			ends = append(ends, end)
		}
	}
	if n := same(c.text[at:]); n >= 3 {
		ends = append(ends, at+n)
	}
	for _, n := range walks(c.text[at:]) {
		ends = append(ends, at+n)
	}
	for n := 1; n <= 4 && at+n <= len(c.text) && unicode.IsDigit(c.text[at+n-1]); n++ {
		ends = append(ends, at+n) // a year, a day, a number at the end
	}
	slices.Sort(ends)
	ends = slices.Compact(ends)
	slices.Reverse(ends)
	return ends
}

// same is how often the first character is repeated.
func same(text []rune) int {
	n := 1
	for n < len(text) && text[n] == text[0] {
		n++
	}
	return n
}

// rows are what a finger or a child runs along, either way.
var rows = func() [][]rune {
	var all [][]rune
	for _, row := range []string{
		"01234567890", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertzuiop", "azertyuiop", "qsdfghjklm",
		"1qaz", "2wsx", "3edc", "4rfv", "5tgb", "6yhn", "7ujm", "1q2w3e4r5t6y7u8i9o0p", "1a2b3c4d5e6f7g8h9i", "!\"£$%^&*()", "!@#$%^&*()",
		"13579", "24680", "a1s2d3f4g5h6j7k8l9", "qawsedrftgyhujikolp", "q1w2e3r4t5y6u7i8o9p0",
	} {
		forward := []rune(row)
		backward := slices.Clone(forward)
		slices.Reverse(backward)
		all = append(all, forward, backward)
	}
	return all
}()

// walks are how far the text follows a row from its beginning, for each row that it
// follows for at least four characters.
func walks(text []rune) []int {
	var lengths []int
	for _, row := range rows {
		for start := range row {
			n := 0
			for n < len(text) && start+n < len(row) && text[n] == row[start+n] {
				n++
			}
			if n >= 4 {
				lengths = append(lengths, n)
			}
		}
	}
	return lengths
}

// common is a list of our own: what people write when they are asked for a password
// and think of nothing, above all what it has to be long enough for.
var common = strings.Fields(`
	password passwort passphrase passcode pass word secret secure security private access account login logon signin user username
	admin administrator root guest demo test testing temp temporary default changeme change change letmein letme open opensesame sesame
	welcome hello hallo goodbye please thankyou thanks iloveyou loveyou love forever qwerty azerty keyboard computer laptop desktop
	internet windows office microsoft google apple android linux server network system database backup master monkey dragon football
	rugby cricket liverpool arsenal chelsea manchester united everton celtic rangers england scotland wales britain london cardiff
	edinburgh belfast sunshine princess shadow superman batman starwars pokemon killer trustno trustnoone whatever nothing something anything
	monday tuesday wednesday thursday friday saturday sunday january february march april may june july august september october
	november december spring summer autumn winter christmas easter holiday birthday today tomorrow yesterday morning
	freedom happy lucky money coffee cheese cookie chocolate banana orange flower baby family mother father daddy mummy
	warder government gov council department ministry service services public civil servant staff employee work team company organisation
	the this that is my our your mypass mypassword new old for and not long very super mega strong enough example sample
	one two three four five six seven eight nine ten zero hundred abc xyz abcd asdf zxcv qwer correcthorsebatterystaple
	correct horse battery staple`)
