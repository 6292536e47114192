package archtest

import (
	"go/ast"
	"go/token"
	"regexp"
	"strconv"
	"strings"
)

// statement recognises a literal that is SQL: it starts as a statement does.
var statement = regexp.MustCompile(`(?is)^\s*(select\s.+\sfrom\s|insert\s+into\s|update\s+\w+\s+set\s|delete\s+from\s|with\s+\w+.*\sas\s*\(|create\s+table\s)`)

// dialect is what only one of the two databases understands, or understands
// differently; docs/sql.md gives the other way of saying each.
var dialect = []struct {
	pattern *regexp.Regexp
	why     string
}{
	{regexp.MustCompile(`(?i)\b(now\s*\(\)|current_timestamp|datetime\s*\()`), "times are milliseconds that are passed in"},
	{regexp.MustCompile(`(?i)\bfor\s+(update|share)\b|\bskip\s+locked\b|\bpg_advisory`), "a conditional update and rows-affected do this on both"},
	{regexp.MustCompile(`(?i)\bilike\b|\bglob\b|\bregexp\b`), "lower(x) like lower($1) does this on both"},
	{regexp.MustCompile(`(?i)\b(any|array)\s*[(\[]`), "lists are db.In"},
	{regexp.MustCompile(`(?i)\bselect\s+(\w+\.)?\*|\breturning\s+\*`), "columns are named, or a new column changes every reader"},
	{regexp.MustCompile(`::|->>?|\bjsonb?_`), "casts and JSON operators differ: JSON is text that is never queried"},
	{regexp.MustCompile(`(?i)\b(big)?serial\b|\bautoincrement\b`), "ids are made in Go"},
	{regexp.MustCompile(`(?i)\bon\s+duplicate\b|\binsert\s+or\b|\breplace\s+into\b`), "insert … on conflict does this on both"},
	{regexp.MustCompile(`\s\?|\(\?`), "parameters are $1…$n"},
	{regexp.MustCompile(`\b(SELECT|INSERT|UPDATE|DELETE|FROM|WHERE|VALUES|SET)\b`), "keywords are in lower case"},
}

// SQL: statements stand in the faces on SQL and on the ground floor, and keep to
// the subset that both databases read alike. A line that is marked
// "only: sqlite" or "only: postgres" is counted instead of judged.
func SQL(house *House) []Finding {
	const mostMarked = 20
	var findings []Finding
	marked := 0
	for _, one := range house.Packages {
		if one.Place.forTests() {
			continue
		}
		for _, file := range one.code() {
			marked += strings.Count(string(file.Text), "only: sqlite") + strings.Count(string(file.Text), "only: postgres")
			ast.Inspect(file.Syntax, func(node ast.Node) bool {
				literal, ok := node.(*ast.BasicLit)
				if !ok || literal.Kind != token.STRING {
					return true
				}
				text, err := strconv.Unquote(literal.Value)
				if err != nil || !statement.MatchString(text) {
					return true
				}
				add := func(what, why string) {
					findings = append(findings, Finding{Rule: "sql", Package: one.Path,
						Place: house.place(file, literal.Pos()), What: what, Why: why})
				}
				if one.Place.Face != DB && !one.Place.onFloor("base") && one.Place.Floor != "archtest" {
					add("a statement", "SQL stands in the faces on SQL and on the ground floor")
				}
				if strings.Contains(text, "only: ") || markedAbove(house, file, literal) {
					return true
				}
				for _, rule := range dialect {
					if found := rule.pattern.FindString(text); found != "" {
						add(strconv.Quote(strings.TrimSpace(found)), rule.why)
					}
				}
				return true
			})
		}
	}
	if marked > mostMarked {
		findings = append(findings, Finding{Rule: "sql", Package: "internal", What: "lines marked for one engine: " + strconv.Itoa(marked),
			Why: "one text for both means no more than " + strconv.Itoa(mostMarked)})
	}
	return findings
}

// markedAbove reports whether a comment on the line of the literal, or on the
// one above it, says that it is for one engine.
func markedAbove(house *House, file *File, literal *ast.BasicLit) bool {
	at := house.fset.Position(literal.Pos()).Line
	for _, group := range file.Syntax.Comments {
		for _, comment := range group.List {
			line := house.fset.Position(comment.Pos()).Line
			if (line == at || line == at-1) && strings.Contains(comment.Text, "only: ") {
				return true
			}
		}
	}
	return false
}
