package actions

import (
	"bytes"
	"encoding/json"
	"io"
	"mime"
	"net/url"
	"slices"
	"strings"
)

// Rows counts the rows of an answer: lines of text and CSV but for the first, which
// names the columns; the members of arrays in JSON; the rows of tables in HTML. It answers false for a kind that it cannot count, and for content that is
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
		return tableRows(content)
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

// members counts, at each depth of a JSON text, what stands in arrays, and what in
// objects is itself an array or an object: rows may be listed, or kept by their keys, in
// one list or in several. The largest count is the answer. A text with anything behind
// its first value is not one.
func members(content []byte) (int64, bool) {
	decoder := json.NewDecoder(bytes.NewReader(content))
	var arrays []bool  // of what is open, whether it is an array
	var counts []int64 // by depth
	ended := false
	for {
		token, err := decoder.Token()
		if err == io.EOF && ended {
			return slices.Max(append(counts, 0)), true
		}
		if err != nil || ended || len(arrays) > deepest {
			return 0, false
		}
		delimiter, isDelimiter := token.(json.Delim)
		closes := isDelimiter && (delimiter == ']' || delimiter == '}')
		opens := isDelimiter && !closes
		depth := len(arrays)
		if !closes && depth > 0 && (arrays[depth-1] || opens) {
			for len(counts) < depth {
				counts = append(counts, 0)
			}
			counts[depth-1]++
		}
		switch {
		case opens:
			arrays = append(arrays, delimiter == '[')
		case closes:
			arrays = arrays[:depth-1]
		}
		ended = len(arrays) == 0
	}
}

// deepest bounds how far JSON may be nested: deeper, it is not known what its rows are.
const deepest = 1000

// plainPage is the most bytes of a page without a table that is taken to have no rows.
const plainPage = 64 << 10

// tableRows counts the beginnings of rows. A large page without any may have its rows
// in something else.
func tableRows(content []byte) (int64, bool) {
	var count int64
	for at := 0; ; {
		next := bytes.IndexByte(content[at:], '<')
		if next < 0 {
			return count, count > 0 || len(content) <= plainPage
		}
		at += next + 1
		if rest := content[at:]; len(rest) > 2 && rest[0]|0x20 == 't' && rest[1]|0x20 == 'r' && bytes.IndexByte([]byte("> \n\r\t/"), rest[2]) >= 0 {
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
