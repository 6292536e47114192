package password

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"

	"golang.org/x/crypto/argon2"
)

// Cost says how dear one hash is.
type Cost struct {
	Memory  uint32 // KiB
	Passes  uint32
	Threads uint8
}

// Usual is the second recommended option of RFC 9106 §4 (64 MiB, 3 passes), in one
// lane: a server hashes several passwords side by side anyway.
func Usual() Cost { return Cost{Memory: 64 << 10, Passes: 3, Threads: 1} }

// The bounds of what is believed of a kept hash, so that a damaged one cannot use
// up the machine.
const (
	memoryMost  = 1 << 20 // KiB
	passesMost  = 32
	threadsMost = 16
	saltLength  = 16 // RFC 9106 §3.1; NIST SP 800-63B-4 §3.1.1.2 asks for 4
	saltMost    = 64
	tagLength   = 32
	tagLeast    = 16
	tagMost     = 64
)

func (c Cost) check() error {
	// RFC 9106 §3.1: at least 8 KiB for each lane.
	if c.Threads < 1 || c.Threads > threadsMost || c.Passes < 1 || c.Passes > passesMost ||
		c.Memory < 8*uint32(c.Threads) || c.Memory > memoryMost {
		return fmt.Errorf("argon2id with %d KiB, %d passes and %d lanes", c.Memory, c.Passes, c.Threads)
	}
	return nil
}

// weakerThan reports whether a hash of this cost is cheaper to guess than one of other.
func (c Cost) weakerThan(other Cost) bool {
	return c.Memory < other.Memory || uint64(c.Memory)*uint64(c.Passes) < uint64(other.Memory)*uint64(other.Passes)
}

// ErrBusy: more people are waiting for a hash than is sensible.
var ErrBusy = errors.New("too many passwords are being checked at once")

// Hasher makes and checks argon2id hashes (RFC 9106), a few at once. It is safe for
// concurrent use.
type Hasher struct {
	cost    Cost
	turns   chan struct{} // as many as may hash at once
	waiting atomic.Int64
	decoy   hashed
}

// queue is how many may wait for each that hashes. At some tenths of a second a
// hash, whoever comes later would have given up.
const queue = 16

// NewHasher makes a hasher that does at most parallel hashes at once.
func NewHasher(cost Cost, parallel int) (*Hasher, error) {
	if err := cost.check(); err != nil {
		return nil, err
	}
	h := &Hasher{cost: cost, turns: make(chan struct{}, max(1, parallel))}
	h.decoy = hashed{cost: cost, salt: salt(), tag: make([]byte, tagLength)}
	return h, nil
}

// Hash makes the PHC string of a password, with a fresh salt.
func (h *Hasher) Hash(ctx context.Context, password Prepared) (string, error) {
	fresh := hashed{cost: h.cost, salt: salt(), tag: make([]byte, tagLength)}
	tag, err := h.derive(ctx, password, fresh)
	if err != nil {
		return "", err
	}
	fresh.tag = tag
	return fresh.String(), nil
}

// Answer is what a check has found.
type Answer struct {
	Right  bool
	Weaker bool // it is right, and its hash is cheaper to guess than a new one would be
}

// Check compares a password with a PHC string.
func (h *Hasher) Check(ctx context.Context, phc string, password Prepared) (Answer, error) {
	kept, err := parse(phc)
	if err != nil {
		return Answer{}, err
	}
	tag, err := h.derive(ctx, password, kept)
	if err != nil {
		return Answer{}, err
	}
	right := subtle.ConstantTimeCompare(tag, kept.tag) == 1
	return Answer{Right: right, Weaker: right && kept.weakerThan(h.cost)}, nil
}

// Pretend takes as long as Check does, for somebody who has no password: how long
// an answer takes must not tell who has one.
func (h *Hasher) Pretend(ctx context.Context, password Prepared) error {
	_, err := h.derive(ctx, password, h.decoy)
	return err
}

func (h hashed) weakerThan(cost Cost) bool {
	return h.cost.weakerThan(cost) || len(h.salt) < saltLength || len(h.tag) < tagLength
}

// derive waits for its turn and hashes.
func (h *Hasher) derive(ctx context.Context, password Prepared, by hashed) ([]byte, error) {
	defer h.waiting.Add(-1)
	if h.waiting.Add(1) > int64(cap(h.turns)*(queue+1)) {
		return nil, ErrBusy
	}
	select {
	case h.turns <- struct{}{}:
		defer func() { <-h.turns }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return argon2.IDKey([]byte(password.text.Reveal()), by.salt, by.cost.Passes, by.cost.Memory, by.cost.Threads, uint32(len(by.tag))), nil
}

func salt() []byte {
	fresh := make([]byte, saltLength)
	rand.Read(fresh) // crypto/rand.Read never fails since Go 1.24
	return fresh
}

// hashed is a PHC string taken apart.
type hashed struct {
	cost      Cost
	salt, tag []byte
}

var encoding = base64.RawStdEncoding.Strict()

// String is the PHC string format: $argon2id$v=19$m=65536,t=3,p=1$salt$hash.
func (h hashed) String() string {
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, h.cost.Memory, h.cost.Passes, h.cost.Threads,
		encoding.EncodeToString(h.salt), encoding.EncodeToString(h.tag))
}

// errNotHash says no more: the text is a secret.
var errNotHash = errors.New("what is kept is not an argon2id hash in PHC string format")

// parse reads what String writes, and nothing that is spelled in another way.
func parse(phc string) (hashed, error) {
	if len(phc) > 512 {
		return hashed{}, errNotHash
	}
	fields := strings.Split(phc, "$")
	if len(fields) != 6 || fields[0] != "" || fields[1] != "argon2id" || fields[2] != "v="+strconv.Itoa(argon2.Version) {
		return hashed{}, errNotHash
	}
	cost, err := parseCost(fields[3])
	if err != nil {
		return hashed{}, errNotHash
	}
	salt, saltErr := encoding.DecodeString(fields[4])
	tag, tagErr := encoding.DecodeString(fields[5])
	read := hashed{cost: cost, salt: salt, tag: tag}
	// Decoding passes over line breaks: a hash has one spelling.
	if saltErr != nil || tagErr != nil || len(salt) < 4 || len(salt) > saltMost || len(tag) < tagLeast || len(tag) > tagMost || read.String() != phc {
		return hashed{}, errNotHash
	}
	return read, nil
}

func parseCost(text string) (Cost, error) {
	fields := strings.Split(text, ",")
	if len(fields) != 3 {
		return Cost{}, errNotHash
	}
	var numbers [3]uint64
	for i, name := range []string{"m=", "t=", "p="} {
		digits, ok := strings.CutPrefix(fields[i], name)
		number, err := strconv.ParseUint(digits, 10, 24)
		if !ok || err != nil {
			return Cost{}, errNotHash
		}
		numbers[i] = number
	}
	if numbers[2] > threadsMost {
		return Cost{}, errNotHash
	}
	cost := Cost{Memory: uint32(numbers[0]), Passes: uint32(numbers[1]), Threads: uint8(numbers[2])}
	return cost, cost.check()
}
