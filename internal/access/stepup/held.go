package stepup

import (
	"crypto/sha256"
	"encoding/binary"
	"time"

	"github.com/warder-project/warder/internal/base/ids"
)

// State says how far a request has come. The zero value and any unknown word open nothing.
type State string

// The states.
const (
	Waiting   State = "waiting"
	Granted   State = "granted"
	Used      State = "used"
	Declined  State = "declined"
	Abandoned State = "abandoned"
	Expired   State = "expired"
)

// The times of a step-up.
const (
	WaitsFor    = 10 * time.Minute // for the key
	OpenFor     = 5 * time.Minute  // for the browser to come back, once it is granted
	MostWaiting = 10               // of one person at once
	LargestKept = 1 << 20          // bytes of a request's content that are kept
)

// Request is what wants to be done.
type Request struct {
	Session ids.Session // of the application's host
	Portal  ids.Session // of the portal, from which that came: in its browser the key is touched
	Person  ids.Person
	Service ids.Service
	Action  string // name of the action in the service
	Title   string // what the person is told it is
	Where   string // name of the service
	Keep    time.Duration

	Method  string
	Origin  string // scheme and host, as the browser sees it
	Address string // path and query
	Amount  string // in words: “over 5,000 rows”; "" when the action has none
	// Of a content that is kept: what it is, and the origin that the browser said it came from.
	ContentType, SentFrom string

	Body []byte   // nil: it has none, or it is too large to be kept
	Sum  [32]byte // SHA-256 of the content; of the empty one if there is none. Zero when it was not read.
}

// Hash is what is consented to. It has nothing of what may differ between the first
// time the request comes and the second.
func (r *Request) Hash() [32]byte {
	hash := sha256.New()
	for _, part := range []string{"warder step-up 1", string(r.Service), r.Action, r.Method, r.Origin, r.Address} {
		var length [8]byte
		binary.BigEndian.PutUint64(length[:], uint64(len(part)))
		hash.Write(length[:])
		hash.Write([]byte(part))
	}
	hash.Write(r.Sum[:])
	return [32]byte(hash.Sum(nil))
}

// Held is a request that waits, or waited.
type Held struct {
	ID ids.StepUp
	Request
	State      State
	ActionHash [32]byte
	Options    []byte // of the challenge; nil before the page was opened
	Challenge  []byte // what the ceremony keeps
	AskedAt    time.Time
	Until      time.Time // Waiting: for the key; Granted: to be used
	DecidedAt  time.Time // when the key was touched, or the person said no
	Credential ids.Credential
	UsedAt     time.Time
	Version    int64
}

// Repeats reports whether the browser can be sent on to what it asked for: the
// content is kept, or there is none.
func (h *Held) Repeats() bool {
	return h.Method == "GET" || h.Method == "HEAD" || h.Body != nil
}
