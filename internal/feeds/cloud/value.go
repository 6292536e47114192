package cloud

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/warder-project/warder/internal/proof/coverage"
)

// valueError is a value that is well-formed JSON and not what it should be.
type valueError struct {
	raw      []byte
	expected string
}

func (e *valueError) Error() string {
	raw := string(e.raw)
	if len(raw) > 40 {
		raw = raw[:40] + "…"
	}
	return fmt.Sprintf("found %s, expected %s", raw, e.expected)
}

// Flag is a fact in JSON: true, false, or null for not known. Text such as
// "True" is accepted because PowerShell writes it; the empty text is not known.
type Flag struct{ Fact coverage.Fact }

// UnmarshalJSON reads a flag.
func (f *Flag) UnmarshalJSON(raw []byte) error {
	switch strings.ToLower(strings.Trim(string(raw), `"`)) {
	case "true", "yes":
		f.Fact = coverage.Yes
	case "false", "no":
		f.Fact = coverage.No
	case "null", "", "unknown", "unknownfuturevalue":
		f.Fact = coverage.Unknown
	default:
		return &valueError{append([]byte(nil), raw...), "true, false or null"}
	}
	return nil
}

// Words is a list of texts in JSON: an array, one text, or null.
type Words []string

// UnmarshalJSON reads a list.
func (w *Words) UnmarshalJSON(raw []byte) error {
	*w = nil
	switch {
	case string(raw) == "null" || string(raw) == `""`:
		return nil
	case raw[0] == '"':
		var one string
		if err := json.Unmarshal(raw, &one); err != nil {
			return err
		}
		for _, word := range strings.Split(one, ",") {
			*w = append(*w, strings.TrimSpace(word))
		}
		return nil
	}
	var many []*string
	if json.Unmarshal(raw, &many) != nil {
		return &valueError{append([]byte(nil), raw...), "a list of texts"}
	}
	for _, one := range many {
		if one != nil {
			*w = append(*w, *one)
		}
	}
	return nil
}

// Has reports whether the word is in the list, capitals or not.
func (w Words) Has(word string) bool {
	for _, one := range w {
		if strings.EqualFold(one, word) {
			return true
		}
	}
	return false
}

// Moment is a date in JSON. null and "" are not known.
type Moment struct{ time.Time }

// UnmarshalJSON reads a date.
func (m *Moment) UnmarshalJSON(raw []byte) error {
	m.Time = time.Time{}
	text := strings.ReplaceAll(strings.Trim(string(raw), `"`), `\/`, "/")
	if text == "null" || text == "" {
		return nil
	}
	at, ok := ParseTime(text)
	if !ok {
		return &valueError{append([]byte(nil), raw...), "a date such as 2026-11-23T10:30:00Z"}
	}
	m.Time = at
	return nil
}

// ParseTime reads a date as the clouds write it: ISO 8601 with Z or an offset
// (RFC 3339 §5.6), a plain day, or .NET's /Date(milliseconds)/.
func ParseTime(text string) (time.Time, bool) {
	if inner, ok := strings.CutPrefix(text, "/Date("); ok {
		inner, ok = strings.CutSuffix(inner, ")/")
		if sign := strings.LastIndexAny(inner, "+-"); sign > 0 {
			inner = inner[:sign]
		}
		millis, err := strconv.ParseInt(inner, 10, 64)
		if !ok || err != nil {
			return time.Time{}, false
		}
		return time.UnixMilli(millis).UTC(), true
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05-0700", "2006-01-02T15:04:05", time.DateTime, time.DateOnly} {
		if at, err := time.Parse(layout, text); err == nil {
			return at.UTC(), true
		}
	}
	return time.Time{}, false
}
