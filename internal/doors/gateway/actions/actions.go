// Package actions recognises, in what passes through the gateway, the requests that
// ask for a touch of the key: by method, path, query and size when they come, and by
// the size of the answer, or the rows in it, before that is given out.
//
// Whatever cannot be measured counts as over: a request or an answer of unknown
// length, an encoding or a kind of answer whose rows cannot be counted.
//
// The room leaves to registry/services what an action is, and to access/stepup what
// becomes of a request that is one.
package actions

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/warder-project/warder/internal/registry/services"
)

// Request is what of a request decides whether it is an action.
type Request struct {
	Method, Path, Query string // the path as it came, still encoded
	Length              int64  // of the content in bytes; negative is not known
}

// Find gives the action that the request is, the strictest if it is several, nil if it
// is none by itself; and those that it may turn out to be by its answer.
func Find(all []services.Action, r Request) (now *services.Action, weigh []services.Action) {
	for i := range all {
		action := &all[i]
		if !action.Covers(r.Method, r.Path) || !asks(action.Query, r.Query) {
			continue
		}
		switch {
		case action.BodyOver == 0 && !action.Weighs(), action.BodyOver > 0 && (r.Length < 0 || r.Length > action.BodyOver):
			if now == nil || stricter(*action, *now) {
				now = action
			}
		case action.Weighs() && r.Method != http.MethodHead:
			weigh = append(weigh, *action)
		}
	}
	return now, weigh
}

// stricter orders the actions that a request is: a touch that holds for a shorter time
// goes before, then the longer path, which says more about the request.
func stricter(a, b services.Action) bool {
	if a.Keep != b.Keep {
		return a.Keep < b.Keep
	}
	return len(a.Path) > len(b.Path)
}

// asks reports whether the query has what the action names. Names and values are
// compared decoded and without regard to case, since applications differ.
func asks(wanted, query string) bool {
	if wanted == "" {
		return true
	}
	name, value, withValue := strings.Cut(wanted, "=")
	for part := range strings.FieldsFuncSeq(query, func(r rune) bool { return r == '&' || r == ';' }) {
		gotName, gotValue, _ := strings.Cut(part, "=")
		if strings.EqualFold(decoded(gotName), decoded(name)) && (!withValue || strings.EqualFold(decoded(gotValue), decoded(value))) {
			return true
		}
	}
	return false
}

// Measurable makes the application answer in a form that can be measured, and whole:
// in pieces, an answer of any size could be had.
func Measurable(header http.Header) {
	header["Accept-Encoding"] = identity
	delete(header, "Range")
	delete(header, "If-Range")
}

var identity = []string{"identity"}

// Over is the action that an answer turned out to be, and by how much.
type Over struct {
	Action services.Action
	Amount string // in words
}

// Weigh reads as much of an answer as it takes to know whether it is one of the
// actions. The answer is whole afterwards, whatever it was. The error is of reading it.
func Weigh(response *http.Response, among []services.Action) (*Over, error) {
	if endless(response) {
		return &Over{Action: among[0], Amount: "an answer without an end"}, nil
	}
	var most int64
	for _, action := range among {
		limit := action.ResponseOver
		if action.RowsOver > 0 {
			limit = services.MostHeld
		}
		most = max(most, limit)
	}
	a := answer{kind: response.Header.Get("Content-Type"), plain: plain(response), length: response.ContentLength}
	if a.length <= most { // otherwise its length says enough
		read, err := io.ReadAll(io.LimitReader(response.Body, most+1))
		if err != nil {
			return nil, fmt.Errorf("read the answer: %w", err)
		}
		a.read, a.whole = read, int64(len(read)) <= most
		response.Body = rejoined{io.MultiReader(bytes.NewReader(read), response.Body), response.Body}
	}
	for _, action := range among {
		if amount := a.over(action); amount != "" {
			return &Over{Action: action, Amount: amount}, nil
		}
	}
	return nil, nil
}

// endless reports whether an answer does not end by itself, so that it cannot be read
// before it is given out.
func endless(response *http.Response) bool {
	return response.StatusCode == http.StatusSwitchingProtocols || strings.HasPrefix(strings.ToLower(response.Header.Get("Content-Type")), "text/event-stream")
}

// rejoined is what was read of a body, and the rest of it.
type rejoined struct {
	io.Reader
	io.Closer
}

// plain reports whether the answer stands there as it is, and all of it.
func plain(response *http.Response) bool {
	encoding := response.Header.Get("Content-Encoding")
	return (encoding == "" || encoding == "identity") && response.StatusCode != http.StatusPartialContent
}

// answer is what is known of one.
type answer struct {
	kind   string
	plain  bool
	length int64 // negative: not known
	read   []byte
	whole  bool // read is all of it
}

// over says by how much an answer is over the amounts of an action; "" is not.
func (a answer) over(action services.Action) string {
	size := max(a.length, int64(len(a.read)))
	if action.ResponseOver > 0 && (size > action.ResponseOver || !a.plain) {
		if !a.whole && a.length < 0 || !a.plain {
			return "more than " + Bytes(action.ResponseOver)
		}
		return Bytes(size)
	}
	if action.RowsOver == 0 {
		return ""
	}
	if !a.plain || !a.whole {
		return "an unknown number of rows"
	}
	rows, known := Rows(a.kind, a.read)
	switch {
	case !known:
		return "an unknown number of rows"
	case rows > action.RowsOver:
		return Count(rows) + " rows"
	}
	return ""
}

// Bytes says a size in words: “10 MB”, in powers of 1,000.
func Bytes(size int64) string {
	switch {
	case size >= 1_000_000:
		return strings.TrimSuffix(fmt.Sprintf("%.1f", float64(size)/1_000_000), ".0") + " MB"
	case size >= 1_000:
		return strings.TrimSuffix(fmt.Sprintf("%.1f", float64(size)/1_000), ".0") + " kB"
	}
	return fmt.Sprintf("%d bytes", size)
}

// Count writes a number with its thousands apart.
func Count(n int64) string {
	digits := fmt.Sprint(n)
	for at := len(digits) - 3; at > 0; at -= 3 {
		digits = digits[:at] + "," + digits[at:]
	}
	return digits
}
