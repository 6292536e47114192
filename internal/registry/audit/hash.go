package audit

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash"
	"maps"
	"slices"
)

// Hash is a SHA-256 (FIPS 180-4), 32 bytes; empty before an entry is sealed and as the
// Previous of the first entry. It is written in hexadecimal.
type Hash []byte

func (h Hash) String() string { return hex.EncodeToString(h) }

// MarshalText writes hexadecimal.
func (h Hash) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

// UnmarshalText reads hexadecimal.
func (h *Hash) UnmarshalText(text []byte) error {
	decoded, err := hex.DecodeString(string(text))
	if err != nil {
		return fmt.Errorf("read hash: %w", err)
	}
	*h = decoded
	return nil
}

// hashFormat is the first thing hashed. Another order or set of fields needs
// another name here.
const hashFormat = "warder audit entry 1"

// chainHash is the hash of an entry at a place in the chain. Every field is written with
// its length before it, so that no two different entries write the same bytes.
func chainHash(number int64, previous Hash, entry Entry) Hash {
	sum := sha256.New()
	writeText(sum, hashFormat)
	writeNumber(sum, number)
	writeText(sum, string(previous))
	writeText(sum, string(entry.ID))
	writeNumber(sum, entry.At.UnixMilli())
	writeNumber(sum, entry.Turn)
	writeText(sum, string(entry.Actor.Kind))
	writeText(sum, entry.Actor.ID)
	writeText(sum, entry.Action)
	writeText(sum, entry.Subject)
	writeNumber(sum, int64(len(entry.Details)))
	for _, name := range slices.Sorted(maps.Keys(entry.Details)) {
		writeText(sum, name)
		writeText(sum, entry.Details[name])
	}
	return sum.Sum(nil)
}

func writeNumber(sum hash.Hash, number int64) {
	var bytes [8]byte
	binary.BigEndian.PutUint64(bytes[:], uint64(number))
	sum.Write(bytes[:]) // a hash never fails to write
}

func writeText(sum hash.Hash, text string) {
	writeNumber(sum, int64(len(text)))
	sum.Write([]byte(text))
}
