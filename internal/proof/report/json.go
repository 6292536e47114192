package report

import (
	"encoding/json"
	"io"
	"time"

	"github.com/warder-project/warder/internal/proof/coverage"
	"github.com/warder-project/warder/internal/proof/maturity"
)

// Format names the shape of the JSON. A new member does not change it; a member
// that changes its meaning or goes away does.
const Format = "warder.assessment/1"

// ListLimit is how many names a list in JSON and HTML has at most; the whole
// number stands beside it, and Explain and CSV list everybody.
const ListLimit = 500

type document struct {
	Format    string              `json:"format"`
	AsOf      time.Time           `json:"as_of"`
	Snapshot  string              `json:"snapshot"`
	Level     int                 `json:"level_by_evidence"` // 0: none is shown
	Name      string              `json:"level_name"`
	HeldBy    []string            `json:"held_back_by"` // criteria of the next level
	ToSign    []string            `json:"to_be_signed"` // criteria that wait for a human's signature
	Headline  headline            `json:"headline"`
	Criteria  []criterion         `json:"criteria"`
	Systems   []system            `json:"services"`
	Sources   []coverage.Source   `json:"evidence"`
	Gaps      []coverage.Gap      `json:"missing_evidence"`
	Findings  []coverage.Finding  `json:"findings"`
	Threshold maturity.Thresholds `json:"thresholds"`
}

type headline struct {
	People   coverage.Figure `json:"people"`
	Services coverage.Figure `json:"services"`
}

type criterion struct {
	ID       string          `json:"id"`
	Level    int             `json:"level"`
	Role     maturity.Role   `json:"role"`
	Title    string          `json:"title"`
	Wording  string          `json:"guide"`
	Reading  string          `json:"reading"`
	State    maturity.State  `json:"state"`
	Sentence string          `json:"answer"`
	Next     string          `json:"next,omitempty"`
	Sign     string          `json:"to_be_signed,omitempty"`
	Figures  []figure        `json:"figures"`
	Lists    []maturity.List `json:"lists,omitempty"`
	Evidence []string        `json:"evidence"`             // SHA-256 of the files used
	Missing  []string        `json:"evidence_not_given"`   // kinds of files
	AgeDays  *int            `json:"evidence_age_in_days"` // of the oldest; null is not known
}

type figure struct {
	coverage.Figure
	Members members `json:"members"`
}

// members are the names behind a figure, at most ListLimit each.
type members struct {
	Yes      []member `json:"yes"`
	No       []member `json:"no"`
	NotKnown []member `json:"not_known"`
	Excluded []member `json:"excluded"`
	Cut      bool     `json:"cut_short"` // there are more; the numbers above are whole
}

type member struct {
	Name string `json:"name"`
	In   string `json:"in,omitempty"`
	Why  string `json:"why"`
}

type system struct {
	Name       string   `json:"name"`
	Cloud      string   `json:"cloud"`
	Policies   bool     `json:"policies_in_evidence"`
	Enforced   string   `json:"enforced_for_everybody"`
	Some       string   `json:"enforced_for_somebody"`
	Resistant  string   `json:"phishing_resistant_for_everybody"`
	Phone      string   `json:"phone_methods_forbidden"`
	Keys       string   `json:"only_attested_chosen_keys"`
	Exceptions []string `json:"exceptions"`
	Notes      []string `json:"notes"`
}

// JSON writes the assessment.
func JSON(w io.Writer, a *maturity.Assessment) error {
	facts := a.Facts
	out := document{Format: Format, AsOf: a.AsOf.UTC(), Snapshot: facts.Snapshot, Level: a.Level, Name: a.LevelName,
		HeldBy: some(a.HeldBy), ToSign: some(a.ToSign), Headline: headline{a.People, a.Services},
		Sources: some(facts.Sources), Gaps: some(facts.Gaps), Findings: some(facts.Findings), Threshold: a.Thresholds}
	for i := range a.Criteria {
		out.Criteria = append(out.Criteria, criterionOf(&a.Criteria[i]))
	}
	out.Systems = []system{}
	for _, s := range facts.Systems {
		out.Systems = append(out.Systems, system{s.Name, s.Cloud, s.PoliciesKnown, s.Enforced.String(), s.SomeEnforced.String(),
			s.Resistant.String(), s.PhoneForbidden.String(), s.KeysManaged.String(), some(s.Exceptions), some(s.Notes)})
	}
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(out)
}

func criterionOf(c *maturity.Criterion) criterion {
	out := criterion{ID: c.ID, Level: c.Level, Role: c.Role, Title: c.Title, Wording: c.Wording, Reading: c.Reading,
		State: c.State, Sentence: c.Sentence, Next: c.Next, Sign: c.Sign, Lists: c.Lists,
		Figures: []figure{}, Evidence: []string{}, Missing: some(c.Missing)}
	if c.AgeDays >= 0 {
		out.AgeDays = &c.AgeDays
	}
	for _, source := range c.Sources {
		out.Evidence = append(out.Evidence, source.SHA256)
	}
	for _, f := range c.Figures {
		out.Figures = append(out.Figures, figure{f, membersOf(f, ListLimit)})
	}
	return out
}

// membersOf walks a figure and keeps at most limit names of each kind.
func membersOf(f coverage.Figure, limit int) members {
	m := members{Yes: []member{}, No: []member{}, NotKnown: []member{}, Excluded: []member{}}
	want := 0 // how many will be kept; then the walk can end
	for _, n := range []int{f.Yes, f.No, f.NotKnown, f.Left()} {
		want += min(n, limit)
		m.Cut = m.Cut || n > limit
	}
	f.Walk(func(unit coverage.Unit) bool {
		if list := m.listOf(unit); len(*list) < limit {
			*list = append(*list, member{unit.Name, unit.In, unit.Why})
			want--
		}
		return want > 0
	})
	return m
}

func (m *members) listOf(unit coverage.Unit) *[]member {
	switch {
	case unit.Excluded != coverage.Counted:
		return &m.Excluded
	case unit.Fact == coverage.Yes:
		return &m.Yes
	case unit.Fact == coverage.No:
		return &m.No
	}
	return &m.NotKnown
}

// some is the list, or an empty one: JSON readers want [] and not null.
func some[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
