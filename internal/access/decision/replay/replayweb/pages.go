package replayweb

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/warder-project/warder/internal/access/decision/replay"
	"github.com/warder-project/warder/internal/access/policy"
	"github.com/warder-project/warder/internal/access/policy/versions"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/registry/people"
)

//go:embed *.html
var files embed.FS

// Path is where the pages begin.
const Path = "/admin/policy/replay"

const (
	policyPath    = "/admin/policy"
	decisionsPath = "/admin/decisions"
	singlesPath   = Path + "/decisions"
)

// mostOnAPage is how many decisions somebody waits for: a second or two.
const mostOnAPage = 200_000

// Deps is what the pages need. All of it is required.
type Deps struct {
	Player   *replay.Player
	Policies *versions.Library
	People   *people.Directory
	Now      func() time.Time
	Months   int // how long decisions are kept
	// Most is how many decisions a page looks at; 0 is 200,000.
	Most int64
}

// Pages are the pages about replay.
type Pages struct {
	deps      Deps
	templates *web.Templates
}

// New reads the templates.
func New(deps Deps) (*Pages, error) {
	if deps.Player == nil || deps.Policies == nil || deps.People == nil || deps.Now == nil || deps.Months <= 0 {
		return nil, errors.New("make the pages about replay: something they need is missing")
	}
	if deps.Most == 0 {
		deps.Most = mostOnAPage
	}
	templates, err := web.Parse(files)
	if err != nil {
		return nil, fmt.Errorf("make the pages about replay: %w", err)
	}
	return &Pages{deps: deps, templates: templates}, nil
}

// Routes are the pages. Whoever may read decisions may read what would have become of them.
func (p *Pages) Routes() []web.Route {
	read := web.Need{Permission: web.DecisionsRead, AAL: 2}
	return []web.Route{
		{Method: http.MethodGet, Path: Path, Need: read, Title: "Try a policy on the past", Handler: p.report},
		{Method: http.MethodGet, Path: singlesPath, Need: read, Title: "Decisions that would differ", Handler: p.singles},
	}
}

// trial is what is asked for: a version, and the days that it is tried on.
type trial struct {
	number int64 // 0 when none was chosen
	days   int   // 0 is as long as decisions are kept
}

// trialOf reads the query. What cannot be read is as if it were not there.
func trialOf(query url.Values) trial {
	number, _ := strconv.ParseInt(query.Get("draft"), 10, 64) // 0 when it is none
	asked := trial{number: max(number, 0), days: 30}
	for _, one := range periods() {
		if query.Get("days") == strconv.Itoa(one.days) {
			asked.days = one.days
		}
	}
	return asked
}

func (t trial) query() url.Values {
	return url.Values{"draft": {strconv.FormatInt(t.number, 10)}, "days": {strconv.Itoa(t.days)}}
}

type period struct {
	days int
	text string
}

func periods() []period {
	return []period{{1, "The last day"}, {7, "The last 7 days"}, {30, "The last 30 days"}, {90, "The last 90 days"}, {0, "As long as decisions are kept"}}
}

func (p *Pages) span(asked trial) replay.Span {
	now := p.deps.Now()
	if asked.days == 0 {
		return replay.Span{Since: now.AddDate(0, -p.deps.Months, -1), Until: now}
	}
	return replay.Span{Since: now.AddDate(0, 0, -asked.days), Until: now}
}

// draft finds the version that is tried.
func (p *Pages) draft(ctx context.Context, number int64) (versions.Version, *policy.Compiled, error) {
	version, err := p.deps.Policies.Get(ctx, number)
	if err != nil {
		return versions.Version{}, nil, err
	}
	parsed, err := version.Parsed()
	if err != nil {
		return versions.Version{}, nil, err
	}
	return version, policy.Compile(parsed), nil
}

// personName is how a person is called here; their id when they are not there.
func (p *Pages) personName(ctx context.Context, id ids.Person) (string, error) {
	person, err := p.deps.People.Get(ctx, id)
	if problem.Is(err, people.NotFound) {
		return string(id), nil
	}
	return person.Name + " (" + person.UserName + ")", err
}
