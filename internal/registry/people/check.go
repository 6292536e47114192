package people

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/warder-project/warder/internal/base/days"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
)

// The longest texts, in characters.
const (
	maxName = 200
	// RFC 5321 §4.5.3.1.3: a path is at most 256 octets with its angle brackets.
	maxEmail = 254
)

// checkDetails returns what is wrong with the values of a person, field by field.
func checkDetails(p Person) []problem.Field {
	var faults []problem.Field
	fault := func(name, message string) {
		faults = append(faults, problem.Field{Name: name, Message: message})
	}
	if message := checkSlug(p.UserName); message != "" {
		fault("user_name", message)
	}
	if strings.TrimSpace(p.Name) == "" {
		fault("name", "is empty; expected the person's name")
	}
	if message := checkEmail(p.Email); message != "" {
		fault("email", message)
	}
	for _, text := range []struct{ name, value string }{
		{"name", p.Name}, {"employee_id", p.EmployeeID}, {"department", p.Department}, {"job_title", p.JobTitle},
	} {
		if message := checkText(text.value); message != "" {
			fault(text.name, message)
		}
	}
	if !p.Kind.Known() {
		fault("kind", fmt.Sprintf("%q is not a kind; expected %s", clip(string(p.Kind)), kindWords()))
	}
	if p.Manager != "" {
		if _, err := ids.Parse[ids.Person](string(p.Manager)); err != nil {
			fault("manager", "is not a person's identifier")
		}
	}
	return append(faults, checkDates(p)...)
}

func checkDates(p Person) []problem.Field {
	if p.Starts.IsZero() || p.Ends.IsZero() || !p.Ends.Before(p.Starts) {
		return nil
	}
	return []problem.Field{{Name: "ends", Message: fmt.Sprintf("the last working day %s is before the first, %s; expected it on or after it",
		days.Format(p.Ends), days.Format(p.Starts))}}
}

// checkSlug returns what is wrong with a user name or a group name, or nothing.
// Names are this narrow because they are written into headers, policies and
// file names, and because two names must never look alike.
func checkSlug(text string) string {
	switch {
	case text == "":
		return "is empty; expected 1 to 64 lower-case letters, digits, dots, underscores or hyphens"
	case len(text) > 64:
		return "is longer than 64 characters"
	}
	for i := range len(text) {
		if !isSlugByte(text[i]) {
			return fmt.Sprintf("%q has a character that is not allowed; expected lower-case letters, digits, dots, underscores and hyphens", clip(text))
		}
	}
	if first := text[0]; first == '.' || first == '_' || first == '-' {
		return fmt.Sprintf("%q must start with a letter or digit", clip(text))
	}
	return ""
}

func isSlugByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '.' || c == '_' || c == '-'
}

// checkEmail is a check for slips, not for deliverability: one @ with something
// on both sides, and nothing that could break out of a header (RFC 5322 §2.2).
func checkEmail(text string) string {
	if text == "" {
		return ""
	}
	local, domain, found := strings.Cut(text, "@")
	if !found || local == "" || domain == "" || strings.Contains(domain, "@") {
		return "is not an e-mail address; expected something like name@example.org"
	}
	if len(text) > maxEmail {
		return fmt.Sprintf("is longer than %d characters", maxEmail)
	}
	for _, r := range text {
		if unicode.IsSpace(r) || unicode.IsControl(r) || strings.ContainsRune(`<>(),;:"\[]`, r) {
			return "has a character that cannot be in an e-mail address"
		}
	}
	return ""
}

func checkText(text string) string {
	if utf8.RuneCountInString(text) > maxName {
		return fmt.Sprintf("is longer than %d characters", maxName)
	}
	if !utf8.ValidString(text) {
		return "is not valid UTF-8 text"
	}
	for _, r := range text {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			return "has a control character or a line break in it"
		}
	}
	return ""
}

func kindWords() string {
	words := make([]string, 0, len(Kinds()))
	for _, kind := range Kinds() {
		words = append(words, string(kind))
	}
	return strings.Join(words, ", ")
}

// clip keeps what is quoted back to a person short.
func clip(text string) string {
	const most = 60
	if utf8.RuneCountInString(text) <= most {
		return text
	}
	runes := []rune(text)
	return string(runes[:most]) + "…"
}
