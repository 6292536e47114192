package decision

import (
	"crypto/rand"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/warder-project/warder/internal/access/policy"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
)

const (
	longestPath   = 256
	longestMethod = 16
)

// wish is a question with its answer, on the way into the record, and the facts that
// it was answered by.
type wish struct {
	question *Question
	decision *Decision
	facts    *policy.Facts
}

// recordOf is the record of a decision, without its requests.
func recordOf(w wish) Record {
	decision := w.decision
	record := Record{
		ID: decision.ID, At: decision.At, Person: decision.Person, Session: decision.Session, Service: decision.Service, IP: w.question.IP,
		Effect: decision.Verdict.Effect, Reasons: decision.Verdict.Reasons,
		Policy: decision.Verdict.PolicyVersion, Require: decision.Verdict.Require, Exception: decision.Verdict.Exception,
	}
	if decision.Route != nil {
		record.Route = decision.Route.ID
	}
	if decision.Subject != nil {
		session := decision.Subject.Session
		record.Key, record.Assurance, record.AuthTime = session.Key, session.Assurance, session.AuthTime
	}
	if len(decision.Verdict.Reasons) > 0 && !ours(decision.Verdict.Reasons[0].Code) {
		record.Input = inputOf(w.facts, requestOf(w.question, w.decision.At))
	}
	return record
}

func requestOf(q *Question, at time.Time) Request {
	return Request{At: at, Method: clip(q.Method, longestMethod), Path: clip(q.Path, longestPath)}
}

// RequestLines is the requests as they are kept: one line each, with the
// milliseconds since the first, the method and the path.
func (r *Record) RequestLines() string {
	var b []byte
	for i := range r.Requests {
		if i > 0 {
			b = append(b, '\n')
		}
		b = strconv.AppendInt(b, r.Requests[i].At.Sub(r.At).Milliseconds(), 10)
		b = append(b, ' ')
		b = appendPlain(b, r.Requests[i].Method)
		b = append(b, ' ')
		b = appendPlain(b, r.Requests[i].Path)
	}
	return string(b)
}

// appendPlain appends text with what would break a line or a word written as in
// a URL.
func appendPlain(b []byte, text string) []byte {
	for i := range len(text) {
		if c := text[i]; breaks(rune(c)) {
			b = fmt.Appendf(b, "%%%02X", c)
		} else {
			b = append(b, c)
		}
	}
	return b
}

func breaks(c rune) bool { return c <= ' ' || c == 0x7f }

// parseRequests reads what RequestLines wrote. A line it cannot read stands as a
// path by itself: something was asked for.
func parseRequests(first time.Time, lines string) []Request {
	var requests []Request
	for line := range strings.SplitSeq(lines, "\n") {
		offset, rest, _ := strings.Cut(line, " ")
		method, path, _ := strings.Cut(rest, " ")
		millis, err := strconv.ParseInt(offset, 10, 64)
		if err != nil {
			millis, method, path = 0, "", line
		}
		requests = append(requests, Request{At: first.Add(time.Duration(millis) * time.Millisecond), Method: method, Path: path})
	}
	return requests
}

// newID makes an identifier that begins with the time, so that decisions are kept
// in the order in which they were made: 48 bits of milliseconds, then 80 random
// bits, in the way of RFC 9562 §5.7 but without its version bits.
func newID(at time.Time) ids.Decision {
	var raw [16]byte
	rand.Read(raw[6:]) // crypto/rand.Read never fails since Go 1.24
	return idOf(at, raw)
}

// FirstID is below the identifier of every decision made at a moment or later, and
// above that of every earlier one.
func FirstID(at time.Time) ids.Decision { return idOf(at, [16]byte{}) }

func idOf(at time.Time, raw [16]byte) ids.Decision {
	var millis [8]byte
	binary.BigEndian.PutUint64(millis[:], uint64(at.UnixMilli()))
	copy(raw[:6], millis[2:])
	var text [30]byte
	copy(text[:], prefix)
	encoding.Encode(text[len(prefix):], raw[:])
	return ids.Decision(text[:])
}

const prefix = "dec_"

// encoding is the one of base/ids; its letters are in the order of their values.
var encoding = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// Read puts in what a store keeps as text, once At is there. An effect it does not
// know is Deny.
func (r *Record) Read(effect, reasons, requests string) {
	r.Effect, _ = policy.ParseEffect(effect)
	r.Reasons = ParseReasons(reasons)
	r.Requests = parseRequests(r.At, requests)
}

// ReasonCodes is the reasons as they are kept: codes with their rules.
func (r *Record) ReasonCodes() string { return policy.Verdict{Reasons: r.Reasons}.ReasonCodes() }

// clip cuts what comes from outside to most bytes that any database takes. It
// allocates only when there is something to cut.
func clip(text string, most int) string {
	if len(text) > most {
		text = strings.Clone(text[:most]) // lets go of the rest
	}
	if strings.IndexByte(text, 0) >= 0 {
		text = strings.ReplaceAll(text, "\x00", "")
	}
	return strings.ToValidUTF8(text, "")
}

// check completes the filter, or answers with FilterMalformed.
func (f *Filter) check() error {
	if f.Limit == 0 {
		f.Limit = 50
	}
	if f.Limit < 1 || f.Limit > 200 {
		return FilterMalformed.New().At(problem.Field{Name: "limit", Message: "expected 1 to 200"})
	}
	if _, ok := policy.ParseEffect(f.Effect); f.Effect != "" && !ok {
		return FilterMalformed.New().At(problem.Field{Name: "effect", Message: "expected allow, step_up or deny"})
	}
	if f.Person != "" {
		if _, err := ids.Parse[ids.Person](string(f.Person)); err != nil {
			return FilterMalformed.New().At(problem.Field{Name: "person", Message: "expected the id of a person"})
		}
	}
	if f.Service != "" {
		if _, err := ids.Parse[ids.Service](string(f.Service)); err != nil {
			return FilterMalformed.New().At(problem.Field{Name: "service", Message: "expected the id of a service"})
		}
	}
	if f.Exception != "" {
		if _, err := ids.Parse[ids.Exception](string(f.Exception)); err != nil {
			return FilterMalformed.New().At(problem.Field{Name: "exception", Message: "expected the id of an exception"})
		}
	}
	if f.After != "" {
		if _, err := ids.Parse[ids.Decision](string(f.After)); err != nil {
			return FilterMalformed.New().At(problem.Field{Name: "after", Message: "expected the id of a decision"})
		}
	}
	return nil
}
