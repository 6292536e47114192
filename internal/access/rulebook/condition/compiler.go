package condition

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common"

	"github.com/warder-project/warder/internal/access/policy"
)

// Longest is the most bytes that an expression may have.
const Longest = 2048

// Fault is one thing that is wrong with an expression.
type Fault struct {
	Line, Column int // in the expression, from 1; columns count characters
	Message      string
	// Excludes says that the expression speaks of people, which could only be to
	// leave somebody out.
	Excludes bool
}

// Condition is an expression that can be asked.
type Condition struct {
	Text     string
	Missing  []string  // the facts in it that may be not known
	Networks []Mention // the named networks that it looks for
	Holds    func(f *policy.Facts) policy.Truth
}

// Mention is a name with its place in the expression.
type Mention struct {
	Name         string
	Line, Column int
}

// Compiler reads expressions. It is for one text, and for one goroutine.
type Compiler struct {
	env   *cel.Env
	names map[string]Fact
	zones map[string]*time.Location // only written while something is compiled
	made  map[string]*Condition     // rules often share a condition
}

// New makes a Compiler.
func New() (*Compiler, error) {
	c := &Compiler{names: map[string]Fact{}, zones: map[string]*time.Location{}, made: map[string]*Condition{}}
	options := []cel.EnvOption{standard(), cel.ParserExpressionSizeLimit(Longest), cel.ParserRecursionLimit(50)}
	for _, fact := range Facts() {
		c.names[fact.Name] = fact
		options = append(options, cel.Variable(fact.Name, fact.celType))
	}
	env, err := cel.NewCustomEnv(append(options, c.clocks()...)...)
	if err != nil {
		return nil, fmt.Errorf("make the language of conditions: %w", err)
	}
	c.env = env
	return c, nil
}

// Compile reads an expression, or says all that is wrong with it.
func (c *Compiler) Compile(text string) (*Condition, []Fault) {
	if known := c.made[text]; known != nil {
		return known, nil
	}
	if len(text) > Longest {
		return nil, []Fault{{Line: 1, Column: 1, Message: fmt.Sprintf("%d bytes, expected at most %d", len(text), Longest)}}
	}
	tree, issues := c.env.Compile(text)
	if issues.Err() != nil {
		return nil, c.faults(text, issues.Errors())
	}
	if got := tree.OutputType(); !got.IsExactType(cel.BoolType) {
		return nil, []Fault{{Line: 1, Column: 1, Message: fmt.Sprintf("this is a %s, expected something that is true or false", strings.ToLower(strings.TrimPrefix(got.String(), "google.protobuf.")))}}
	}
	seen := c.look(tree)
	if len(seen.faults) > 0 {
		return nil, seen.faults
	}
	most, fault := c.cost(tree)
	if fault != nil {
		return nil, []Fault{*fault}
	}
	made, err := c.program(tree, most)
	if err != nil {
		return nil, []Fault{{Line: 1, Column: 1, Message: clip(err.Error())}}
	}
	made.Text, made.Missing, made.Networks = text, seen.missing, seen.networks
	c.made[text] = made
	return made, nil
}

var undeclared = regexp.MustCompile(`^undeclared reference to '([^']*)'`)

// personal are words by which somebody would name a person or a group.
var personal = []string{"person", "people", "user", "users", "user_name", "username", "name", "email", "group", "groups", "role", "roles",
	"department", "departments", "privileged", "subject", "member", "members", "staff", "identity"}

// faults puts what the language says into our words.
func (c *Compiler) faults(text string, errors []*common.Error) []Fault {
	var all []Fault
	for _, one := range errors {
		fault := Fault{Line: max(one.Location.Line(), 1), Column: max(one.Location.Column(), 0) + 1, Message: clip(one.Message)}
		if found := undeclared.FindStringSubmatch(one.Message); found != nil {
			name, _, _ := strings.Cut(found[1], ".")
			fault.Column = beginning(text, fault, found[1])
			fault.Excludes = slices.Contains(personal, name)
			fault.Message = fmt.Sprintf("“%s” is neither a fact nor a function: expected one of %s, or %s", found[1], c.vocabulary(name), strings.Join(functions, ", "))
			if fault.Excludes {
				fault.Message = fmt.Sprintf("“%s” speaks of people: whom a rule is for is said by people, groups, roles, departments and privileged, which only include; to let somebody in with less, agree an exception", name)
			}
		}
		all = append(all, fault)
	}
	slices.SortStableFunc(all, func(a, b Fault) int {
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return a.Column - b.Column
	})
	return all
}

// beginning is the column where a name begins: the language tells where its last dot is.
func beginning(text string, fault Fault, name string) int {
	lines := strings.Split(text, "\n")
	before := fault.Column - 1 - len([]rune(name[:max(strings.LastIndexByte(name, '.'), 0)]))
	if fault.Line > len(lines) || before < 0 {
		return fault.Column
	}
	if line := []rune(lines[fault.Line-1]); before < len(line) && strings.HasPrefix(string(line[before:]), name) {
		return before + 1
	}
	return fault.Column
}

// vocabulary is the facts that somebody may have meant: those of the same subject, or
// else the subjects.
func (c *Compiler) vocabulary(subject string) string {
	var same, subjects []string
	for _, fact := range Facts() {
		root, _, _ := strings.Cut(fact.Name, ".")
		if root == subject {
			same = append(same, fact.Name)
		}
		if !slices.Contains(subjects, root) {
			subjects = append(subjects, root)
		}
	}
	if len(same) > 0 {
		return strings.Join(same, ", ")
	}
	return strings.Join(subjects, ", ")
}

// clip keeps a message to one line of a length that somebody reads.
func clip(message string) string {
	runes := []rune(strings.Join(strings.Fields(message), " "))
	if len(runes) > 200 {
		runes = append(runes[:200], '…')
	}
	return string(runes)
}
