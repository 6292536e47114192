package assess

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/warder-project/warder/internal/feeds/cloud"
	"github.com/warder-project/warder/internal/proof/coverage"
	"github.com/warder-project/warder/internal/proof/maturity"
)

// Source is one file.
type Source struct {
	Name       string // as the person named it
	Reader     io.Reader
	ExportedAt time.Time // when it was exported, for files that do not say; zero is not known
	Basis      string    // how ExportedAt is known, such as "date of the file on disk"
}

// Inputs are the files to assess. A nil or empty one was not given.
type Inputs struct {
	AWSCredentialReport        *Source
	AWSMFADevices              *Source
	AWSVirtualMFADevices       *Source
	AWSAccountSummary          *Source
	EntraRegistrations         []Source // pages, in any order
	EntraConditionalAccess     []Source // pages, in any order
	EntraAuthenticationMethods *Source
	Staff                      *Source

	// NotUsed names clouds the organisation does not use ("aws", "entra"). A
	// cloud that is not named is expected: without its evidence the counts are
	// not complete, so leaving a file out never raises a level.
	NotUsed    []string
	AsOf       time.Time // the day the answer is for
	Thresholds maturity.Thresholds
}

// Run assesses. The first file with a fault ends it with a problem, and nothing
// is answered from the others.
func Run(ctx context.Context, inputs Inputs) (*maturity.Assessment, error) {
	assessor := maturity.New(maturity.Deps{Thresholds: inputs.Thresholds})
	run := &run{inputs: inputs, days: inputs.Thresholds.StaleDays, facts: &coverage.Facts{AsOf: inputs.AsOf}}
	if run.days <= 0 {
		run.days = maturity.Usual().StaleDays
	}
	if inputs.AsOf.IsZero() {
		return nil, problemNoDate.New()
	}
	for _, name := range inputs.NotUsed {
		if name != "aws" && name != "entra" {
			return nil, problemNoCloud.Detailf("%q is not one of them.", name)
		}
	}
	for _, step := range []func() error{run.staff, run.aws, run.entra} {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if err := step(); err != nil {
			return nil, err
		}
	}
	run.facts.Join()
	run.settleAWS()
	run.facts.Snapshot = run.snapshot()
	return assessor.Assess(run.facts), nil
}

type run struct {
	inputs Inputs
	days   int
	facts  *coverage.Facts

	awsSystem int16
	hasAWS    bool
	awsPhone  coverage.Fact // nobody's device is a phone number
}

// notUsed reports whether a cloud was declared unused; given is whether there is
// evidence of it all the same, which then counts.
func (r *run) notUsed(name, label string, given bool) bool {
	declared := slices.Contains(r.inputs.NotUsed, name)
	if declared && given {
		r.facts.Find("scope.contradiction", "A cloud was declared as not used, and there is evidence of it. The evidence counts.", label)
	}
	if declared && !given {
		r.facts.Find("scope.not_used", "A cloud was left out because the person who ran this declared that it is not used.", label)
	}
	return declared
}

// taken is a source being read: what went through, and when it was exported.
type taken struct {
	source *Source
	kind   cloud.Kind
	reader io.Reader
	hash   hash.Hash
	size   *counter
}

type counter struct{ n int64 }

func (c *counter) Write(p []byte) (int, error) {
	c.n += int64(len(p))
	return len(p), nil
}

func take(source *Source, kind cloud.Kind) *taken {
	t := &taken{source: source, kind: kind, hash: sha256.New(), size: &counter{}}
	t.reader = io.TeeReader(source.Reader, io.MultiWriter(t.hash, t.size))
	return t
}

// done notes the source and says whether it is fresh enough to prove anything.
// stated is what the file itself says; zero is nothing.
func (r *run) done(t *taken, rows int, stated time.Time) (bool, error) {
	if _, err := io.Copy(io.Discard, t.reader); err != nil { // what a parser left, so that the hash is of all
		return false, cloud.Unreadable(t.source.Name, err)
	}
	source := r.aged(t.source, stated)
	source.Kind, source.Rows, source.Size = string(t.kind), rows, t.size.n
	source.SHA256 = hex.EncodeToString(t.hash.Sum(nil))
	r.facts.Sources = append(r.facts.Sources, source)
	return !source.Stale, nil
}

// aged works out the age. What the file says counts before what the person says.
// A file that nobody knows the date of proves nothing.
func (r *run) aged(from *Source, stated time.Time) coverage.Source {
	source := coverage.Source{Name: from.Name, GeneratedAt: stated, Basis: "stated in the file", AgeDays: -1}
	if stated.IsZero() {
		source.GeneratedAt, source.Basis = from.ExportedAt, from.Basis
	}
	if source.GeneratedAt.IsZero() {
		source.Basis, source.Stale = "not known", true
		source.Note = "Nobody knows when this was exported, so it proves nothing. Say when it was exported."
		return source
	}
	source.GeneratedAt = source.GeneratedAt.UTC()
	age := r.inputs.AsOf.Sub(source.GeneratedAt)
	source.AgeDays = max(int(age/(24*time.Hour)), 0)
	switch {
	case r.stale(source.GeneratedAt) && age > 0:
		source.Stale = true
		source.Note = fmt.Sprintf("Older than %d days, so it proves nothing for this date. Export it again.", r.days)
	case r.stale(source.GeneratedAt):
		source.Stale = true
		source.Note = "Later than the date asked about, so it proves nothing for it. Say when it was exported."
	}
	return source
}

// stale: too old, or more than a day (clocks and time zones) after the date
// asked about.
func (r *run) stale(at time.Time) bool {
	age := r.inputs.AsOf.Sub(at)
	return at.IsZero() || age > time.Duration(r.days)*24*time.Hour || age < -24*time.Hour
}

// snapshot names what the answer rests on.
func (r *run) snapshot() string {
	var lines []string
	for _, source := range r.facts.Sources {
		lines = append(lines, source.Kind+" "+source.SHA256+" "+source.GeneratedAt.Format(time.RFC3339))
	}
	slices.Sort(lines)
	lines = append(lines, r.inputs.AsOf.UTC().Format(time.RFC3339), fmt.Sprint(r.inputs.NotUsed, r.inputs.Thresholds))
	sum := sha256.Sum256([]byte(strings.Join(lines, "\n")))
	return "snap_" + hex.EncodeToString(sum[:12])
}
