package actions

import (
	"bytes"
	"encoding/json"
	"io"
	"mime"
	"net/url"
	"strings"
)

// Rows counts the rows of an answer: lines of text and CSV but for the first, which
// names the columns; the members of the longest array of JSON; the rows of tables in
// HTML. It answers false for a kind that it cannot count, and for content that is
// not of its kind.
func Rows(contentType string, content []byte) (rows int64, known bool) {
	kind, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		return 0, false
	}
	switch {
	case kind == "text/csv" || kind == "text/tab-separated-values":
		return max(lines(content)-1, 0), true
	case kind == "text/plain" || kind == "application/x-ndjson" || kind == "application/jsonl":
		return lines(content), true
	case kind == "application/json" || strings.HasSuffix(kind, "+json"):
		return members(content)
	case kind == "text/html" || kind == "application/xhtml+xml":
		return tableRows(content), true
	}
	return 0, false
}

// lines counts lines that have something in them. A line break within the quotes of
// CSV counts too: too many asks for a key, too few would not.
func lines(content []byte) int64 {
	var count int64
	for line := range bytes.FieldsFuncSeq(content, func(r rune) bool { return r == '\n' || r == '\r' }) {
		if len(bytes.TrimSpace(line)) > 0 {
			count++
		}
	}
	return count
}

// members is the length of the longest array in a JSON text, at any depth.
func members(content []byte) (int64, bool) {
	decoder := json.NewDecoder(bytes.NewReader(content))
	type open struct {
		array bool
		count int64
	}
	var longest int64
	var depth []open
	for {
		token, err := decoder.Token()
		if err == io.EOF && len(depth) == 0 {
			return longest, true
		}
		if err != nil {
			return 0, false
		}
		delimiter, isDelimiter := token.(json.Delim)
		if isDelimiter && (delimiter == ']' || delimiter == '}') {
			if top := depth[len(depth)-1]; top.array {
				longest = max(longest, top.count)
			}
			depth = depth[:len(depth)-1]
			continue
		}
		if len(depth) > 0 {
			depth[len(depth)-1].count++
		}
		if isDelimiter {
			depth = append(depth, open{array: delimiter == '['})
		}
	}
}

// tableRows counts the beginnings of rows.
func tableRows(content []byte) int64 {
	var count int64
	lower := bytes.ToLower(content)
	for {
		at := bytes.Index(lower, []byte("<tr"))
		if at < 0 {
			return count
		}
		lower = lower[at+3:]
		if len(lower) > 0 && (lower[0] == '>' || lower[0] == ' ' || lower[0] == '\n' || lower[0] == '\r' || lower[0] == '\t' || lower[0] == '/') {
			count++
		}
	}
}

// decoded is a name or a value of a query as an application reads it; one that
// cannot be decoded stands for itself.
func decoded(text string) string {
	if plain, err := url.QueryUnescape(text); err == nil {
		return plain
	}
	return text
}
