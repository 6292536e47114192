package services_test

import (
	"net/url"
	"path"
	"regexp"
	"strings"
)

var (
	parameters = regexp.MustCompile(`;[^/]*`)
	tails      = regexp.MustCompile(`[. ]+(/|$)`)
)

// readings are ways in which applications are known to read a path, written
// with other means than the table: what it answers is compared with them.
var readings = map[string]func(string) string{
	"decoded and cleaned": cleaned,
	"decoded twice":       func(text string) string { return path.Clean("/" + decoded(decoded(text))) },
	"case does not matter": func(text string) string {
		return strings.ToLower(cleaned(text))
	},
	"parameters are dropped": func(text string) string {
		return path.Clean("/" + parameters.ReplaceAllString(decoded(text), ""))
	},
	"backslashes are slashes": func(text string) string {
		return path.Clean("/" + strings.ReplaceAll(decoded(text), `\`, "/"))
	},
	"dots and spaces at the end are dropped": func(text string) string {
		return path.Clean("/" + tails.ReplaceAllString(decoded(text), "$1"))
	},
	"it ends at NUL": func(text string) string {
		before, _, _ := strings.Cut(decoded(text), "\x00")
		return path.Clean("/" + before)
	},
	"it ends at a decoded question mark": func(text string) string {
		before, _, _ := strings.Cut(decoded(text), "?")
		return path.Clean("/" + before)
	},
	"not cleaned at all": decoded,
}

func cleaned(text string) string { return path.Clean("/" + decoded(text)) }

// decoded decodes what can be decoded and leaves the rest.
func decoded(text string) string {
	if plain, err := url.PathUnescape(text); err == nil {
		return plain
	}
	return text
}
