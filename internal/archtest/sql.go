package archtest

import (
	"go/ast"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
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
	{regexp.MustCompile(`(?i)\bon\s+duplicate\b|\binsert\s+or\b|\breplace\s+into\b`), "insert … on conflict does this on both"},
	{regexp.MustCompile(`\s\?|\(\?`), "parameters are $1…$n"},
	{regexp.MustCompile(`\b(SELECT|INSERT|UPDATE|DELETE|FROM|WHERE|VALUES|SET)\b`), "keywords are in lower case"},
}

// schema is what migrations keep to besides: the four types both databases know,
// and rules that have names.
var schema = []struct {
	pattern *regexp.Regexp
	why     string
}{
	{regexp.MustCompile(`(?i)\b(big|small)?serial\b\s*(not|primary|,|$)|\bautoincrement\b`), "ids are made in Go"},
	{regexp.MustCompile(`(?im)^\s+\w+\s+(int|integer|smallint|varchar|char|uuid|jsonb?|blob|real|numeric|timestamp|timestamptz|date|datetime)\b`),
		"columns are text, bigint, boolean or bytea"},
	{regexp.MustCompile(`(?im)^\s+(unique|check|foreign\s+key)\b`), "a constraint has a name: table_column_uq, _ck or _fk"},
	{regexp.MustCompile(`(?im)^--\s*\+goose\s+down`), "steps go forward only"},
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
	findings = append(findings, steps(house)...)
	if marked > mostMarked {
		findings = append(findings, Finding{Rule: "sql", Package: "internal", What: "lines marked for one engine: " + strconv.Itoa(marked),
			Why: "one text for both means no more than " + strconv.Itoa(mostMarked)})
	}
	return findings
}

// steps judges the migrations, which the Go files cannot show.
func steps(house *House) []Finding {
	const folder = "internal/base/db/migrations"
	var findings []Finding
	paths, err := filepath.Glob(filepath.Join(house.Root, filepath.FromSlash(folder), "*.sql"))
	if err != nil {
		return []Finding{{Rule: "sql", Package: folder, What: err.Error(), Why: "the migrations have to be read"}}
	}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			findings = append(findings, Finding{Rule: "sql", Package: folder, What: err.Error(), Why: "the migrations have to be read"})
			continue
		}
		if strings.Contains(string(text), "only: sqlite") || strings.Contains(string(text), "only: postgres") {
			continue // counted where it is run
		}
		for _, rule := range append(slices.Clone(dialect), schema...) {
			if found := rule.pattern.FindString(string(text)); found != "" {
				findings = append(findings, Finding{Rule: "sql", Package: folder, Place: filepath.Base(path),
					What: strconv.Quote(strings.TrimSpace(found)), Why: rule.why})
			}
		}
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
