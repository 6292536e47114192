package aws

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/feeds/cloud"
	"github.com/warder-project/warder/internal/feeds/table"
	"github.com/warder-project/warder/internal/proof/coverage"
)

// User is one row of a credential report. Its texts are only valid until the
// next row.
type User struct {
	Name     string
	Account  string // twelve digits
	Root     bool
	Password coverage.Fact // has a console password
	MFA      coverage.Fact // some MFA device is enabled; which kind the report does not say
	LastUsed time.Time     // last sign-in with the password; zero is never or not known
	Keys     uint8         // access keys in use
	Odd      string        // a value in a true-or-false column that Warder does not know
}

// Sink is told what is read, as it is read: once when the report was made (zero
// when the file does not say), then every user, also those before a fault. So
// nothing it was told may be kept when reading ends with an error.
type Sink struct {
	Begin func(generated time.Time)
	User  func(*User)
}

// ReadReport reads a credential report row by row and returns how many there
// were. Columns are found by name, in any order; columns that are not known are
// passed over, and all but four may be missing (older reports have 16 columns,
// today's 23). Plain CSV and base64 are streamed up to cloud.StreamLimit.
func ReadReport(name string, r io.Reader, sink Sink) (int, error) {
	start := bufio.NewReaderSize(r, 64<<10)
	head, err := start.Peek(4 << 10)
	if err != nil && err != io.EOF {
		return 0, cloud.Unreadable(name, err)
	}
	kind := cloud.Sniff(head)
	first := bytes.TrimLeft(head, " \r\n\t\xef\xbb\xbf\xff\xfe\x00")
	switch {
	case len(first) > 0 && first[0] == '{' && kind == cloud.AWSCredentialReport:
		return readWrapped(name, start, sink)
	case kind == cloud.NotKnown:
		return 0, cloud.Truncated(problem.Field{File: name, Line: 1, Column: 1, Message: "the file is empty, expected an AWS credential report"})
	case kind == cloud.AWSCredentialReport && !bytes.ContainsRune(firstLine(first), ','):
		sink.Begin(time.Time{})
		return readBase64(name, start, sink)
	case kind != cloud.AWSCredentialReport && !looksLikeTable(first):
		return 0, cloud.WrongKind(name, kind, cloud.AWSCredentialReport)
	case kind == cloud.Staff:
		return 0, cloud.WrongKind(name, kind, cloud.AWSCredentialReport)
	}
	sink.Begin(time.Time{})
	return readRows(name, start, sink)
}

func firstLine(text []byte) []byte {
	line, _, _ := bytes.Cut(text, []byte("\n"))
	return line
}

// looksLikeTable is true for text that may be a report whose header is damaged:
// the table reader then names the columns that are missing.
func looksLikeTable(text []byte) bool {
	return len(text) > 0 && !bytes.ContainsAny(text[:1], "{[<") && bytes.ContainsRune(firstLine(text), ',')
}

// readWrapped reads the answer of get-credential-report: Content holds the
// report, as base64 (the interface) or already decoded (some tools).
func readWrapped(name string, r io.Reader, sink Sink) (int, error) {
	document, parts, err := cloud.Read(name, r, cloud.AWSCredentialReport)
	if err != nil {
		return 0, err
	}
	members, ok := document.Members(parts[0])
	content, has := members["content"]
	if !ok || !has || len(parts) != 1 {
		return 0, document.Wrong()
	}
	var text string
	var at cloud.Moment
	if field, ok := document.Decode(content, &text); !ok {
		return 0, cloud.Malformed(field)
	}
	if generated, ok := members["generatedtime"]; ok {
		if field, ok := document.Decode(generated, &at); !ok {
			return 0, cloud.Malformed(field)
		}
	}
	sink.Begin(at.Time)
	if line, _, _ := strings.Cut(text, "\n"); strings.Contains(line, ",") {
		return readRows(name+" (Content)", strings.NewReader(text), sink)
	}
	return readBase64(name+" (Content)", strings.NewReader(text), sink)
}

func readBase64(name string, r io.Reader, sink Sink) (int, error) {
	decoded := &decoding{source: base64.NewDecoder(base64.StdEncoding, &clean{source: r})}
	rows, err := readRows(name, decoded, sink)
	if decoded.failed != nil {
		return 0, cloud.Truncated(problem.Field{File: name, Line: 1, Column: 1,
			Message: fmt.Sprintf("the base64 text is damaged or cut off after %d bytes of the report; expected all of it", decoded.read)})
	}
	return rows, err
}

// decoding remembers that base64 broke off, which the table reader would call
// an unreadable file.
type decoding struct {
	source io.Reader
	read   int64
	failed error
}

func (d *decoding) Read(p []byte) (int, error) {
	n, err := d.source.Read(p)
	d.read += int64(n)
	if err != nil && err != io.EOF {
		d.failed = err
	}
	return n, err
}

// clean drops what is not base64 and is often around it: a byte order mark,
// quotation marks of a shell, spaces.
type clean struct{ source io.Reader }

func (c *clean) Read(p []byte) (int, error) {
	n, err := c.source.Read(p)
	kept := p[:0]
	for _, b := range p[:n] {
		if b != '"' && b != '\'' && b != ' ' && b != '\t' && b != 0xef && b != 0xbb && b != 0xbf {
			kept = append(kept, b)
		}
	}
	return len(kept), err
}

// columns are the positions of what we read. Standards.md A.1.1.
type columns struct{ user, arn, password, lastUsed, mfa, key1, key2 int }

func readRows(name string, r io.Reader, sink Sink) (int, error) {
	rows, err := table.Open(r, table.Options{File: name, MaxBytes: cloud.StreamLimit,
		Required: []string{"user", "arn", "password_enabled", "mfa_active"}})
	if err != nil {
		return 0, err
	}
	at := columns{user: rows.Column("user"), arn: rows.Column("arn"), password: rows.Column("password_enabled"),
		lastUsed: rows.Column("password_last_used"), mfa: rows.Column("mfa_active"),
		key1: rows.Column("access_key_1_active"), key2: rows.Column("access_key_2_active")}
	seen := newSeen()
	account, count := "", 0
	for rows.Next() {
		count++
		user := at.read(rows)
		switch {
		case user.Account == "":
			continue
		case account == "":
			account = strings.Clone(user.Account)
		case account != user.Account:
			rows.Fault(at.arn, fmt.Sprintf("found AWS account %s, expected %s as in the rows above; give one report per file", user.Account, account))
			continue
		}
		if seen.twice(user.Name) {
			rows.Fault(at.user, "this user was already listed above; expected every user once")
			continue
		}
		sink.User(&user)
	}
	if err := rows.Err(); err != nil {
		return 0, err
	}
	if count == 0 {
		return 0, cloud.Truncated(problem.Field{File: name, Line: 2, Column: 1, Message: "there is a header and no user; expected at least one row"})
	}
	return count, nil
}

// read takes one row. A fault is noted on rows; the user then has no account.
func (c columns) read(rows *table.Rows) User {
	user := User{Name: rows.Field(c.user)}
	account, ok := accountOf(rows.Field(c.arn))
	if user.Name == "" {
		rows.Fault(c.user, "is empty; expected a user name or <root_account>")
		return user
	}
	if !ok {
		rows.Fault(c.arn, fmt.Sprintf("found %s; expected a name such as arn:aws:iam::123456789012:user/alice", short(rows.Field(c.arn))))
		return user
	}
	user.Root = user.Name == "<root_account>" || strings.HasSuffix(rows.Field(c.arn), ":root")
	if !c.flags(rows, &user) {
		return user
	}
	last := rows.Field(c.lastUsed)
	if len(last) >= 10 && last[0] >= '0' && last[0] <= '9' {
		at, ok := cloud.ParseTime(last)
		if !ok {
			rows.Fault(c.lastUsed, fmt.Sprintf("found %s; expected a date such as 2026-11-23T10:30:00+00:00, N/A or no_information", short(last)))
			return user
		}
		user.LastUsed = at
	}
	user.Account = account
	return user
}

func (c columns) flags(rows *table.Rows, user *User) bool {
	var key1, key2 coverage.Fact
	for _, one := range [...]struct {
		column int
		fact   *coverage.Fact
	}{{c.password, &user.Password}, {c.mfa, &user.MFA}, {c.key1, &key1}, {c.key2, &key2}} {
		value := rows.Field(one.column)
		fact, known, ok := flag(value)
		if !ok {
			rows.Fault(one.column, fmt.Sprintf("found %s; expected true, false or N/A", short(value)))
			return false
		}
		if !known {
			user.Odd = value
		}
		*one.fact = fact
	}
	for _, key := range []coverage.Fact{key1, key2} {
		if key == coverage.Yes {
			user.Keys++
		}
	}
	return true
}

// flag reads a true-or-false column. Documented words that are neither are not
// known; so is a word AWS may invent (known is false then); what is no word at
// all, such as a date, means that the file is damaged.
func flag(value string) (fact coverage.Fact, known, ok bool) {
	switch value { // the usual spellings, without work
	case "true":
		return coverage.Yes, true, true
	case "false":
		return coverage.No, true, true
	case "N/A", "":
		return coverage.Unknown, true, true
	}
	switch strings.ToLower(strings.TrimSpace(value)) {
	case "true":
		return coverage.Yes, true, true
	case "false":
		return coverage.No, true, true
	case "n/a", "", "no_information", "not_supported":
		return coverage.Unknown, true, true
	}
	for _, c := range value {
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && c != '_' {
			return coverage.Unknown, false, false
		}
	}
	return coverage.Unknown, false, len(value) <= 40
}

// accountOf takes the account number out of arn:PARTITION:iam::NUMBER:….
func accountOf(arn string) (string, bool) {
	rest, ok := strings.CutPrefix(arn, "arn:aws")
	if !ok {
		return "", false
	}
	_, rest, ok = strings.Cut(rest, ":iam::")
	if !ok || len(rest) < 13 || rest[12] != ':' {
		return "", false
	}
	for i := range 12 {
		if rest[i] < '0' || rest[i] > '9' {
			return "", false
		}
	}
	return rest[:12], true
}

func short(value string) string {
	if runes := []rune(value); len(runes) > 40 {
		value = string(runes[:40]) + "…"
	}
	quoted, _ := json.Marshal(value)
	return string(quoted)
}
