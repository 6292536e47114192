package govuk_test

import (
	"bytes"
	"html/template"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/warder-project/warder/internal/base/web/govuk"
)

func render(t *testing.T, partial string, view any) string {
	t.Helper()
	partials, err := govuk.Parse(template.New(""))
	if err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	if err := partials.ExecuteTemplate(&text, partial, view); err != nil {
		t.Fatal(err)
	}
	return text.String()
}

func TestEverythingInAComponentIsEscaped(t *testing.T) {
	t.Parallel()
	hostile := `"><script>alert(1)</script>`
	for partial, view := range map[string]any{
		"govuk-input": govuk.Input{Name: hostile, Value: hostile, Classes: hostile, Label: govuk.Label{Text: hostile},
			Hint: govuk.Hint{Text: hostile}, Attributes: govuk.Attributes{"data-a": hostile}},
		"govuk-button": govuk.Button{Text: hostile, Value: hostile, Href: hostile},
		"govuk-table":  govuk.Table{Caption: hostile, Rows: [][]govuk.Cell{{{Text: hostile, Href: hostile, Tag: &govuk.Tag{Text: hostile}}}}},
		"govuk-summary-list": govuk.SummaryList{Rows: []govuk.SummaryRow{{Key: govuk.Words{Text: hostile},
			Value: govuk.SummaryValue{Text: hostile, Lines: []string{hostile}}}}},
	} {
		if text := render(t, partial, view); strings.Contains(text, "<script") {
			t.Errorf("%s lets a script through:\n%s", partial, text)
		}
	}
}

func TestScriptAddressIsNotALink(t *testing.T) {
	t.Parallel()
	text := render(t, "govuk-back-link", govuk.BackLink{Href: "javascript:alert(1)"})
	if strings.Contains(text, "javascript:") {
		t.Errorf("got %s", text)
	}
}

func TestAttributesThatCouldRunAScriptAreLeftOut(t *testing.T) {
	t.Parallel()
	got := string(govuk.Attributes{
		"onclick": "x", "style": "x", "srcdoc": "x", "href": "x", "data-": "x", "data-x y": "x", "DATA-X": "x",
		"data-ok": `a"b`, "aria-label": "<i>", "hidden": "",
	}.HTML())
	want := ` aria-label="&lt;i&gt;" data-ok="a&#34;b" hidden=""`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestTimesAreWrittenAsGOVUKDoesInTheTimeOfLondon(t *testing.T) {
	t.Parallel()
	for _, one := range []struct {
		at   time.Time
		want string
	}{
		{time.Date(2026, 11, 23, 14, 41, 0, 0, time.UTC), "23 November 2026 at 2:41pm"},
		{time.Date(2026, 7, 1, 14, 5, 0, 0, time.UTC), "1 July 2026 at 3:05pm"}, // summer time
		{time.Date(2026, 11, 2, 9, 0, 59, 0, time.UTC), "2 November 2026 at 9am"},
		{time.Date(2026, 11, 2, 0, 0, 0, 0, time.UTC), "2 November 2026 at midnight"},
		{time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC), "2 November 2026 at midday"},
		{time.Date(2026, 11, 2, 0, 10, 0, 0, time.UTC), "2 November 2026 at 12:10am"},
		{time.Date(2026, 7, 31, 23, 30, 0, 0, time.UTC), "1 August 2026 at 12:30am"},
		{time.Time{}, ""},
	} {
		if got := govuk.DateTime(one.at); got != one.want {
			t.Errorf("DateTime(%v) = %q, want %q", one.at, got, one.want)
		}
	}
}

func TestNumbersHaveCommasBetweenThousands(t *testing.T) {
	t.Parallel()
	for number, want := range map[int]string{
		0: "0", 7: "7", 999: "999", 1000: "1,000", 12345: "12,345", 123456: "123,456", 1234567: "1,234,567",
		-1: "-1", -100: "-100", -1000: "-1,000",
	} {
		if got := govuk.Number(number); got != want {
			t.Errorf("Number(%d) = %q, want %q", number, got, want)
		}
	}
}

func TestLinksAndTagsInCellsAreOurs(t *testing.T) {
	t.Parallel()
	text := render(t, "govuk-table", govuk.Table{
		FirstCellIsHeader: true,
		Rows: [][]govuk.Cell{{
			{Text: "YubiKey 5", Href: "/keys/key_1"},
			{Text: "Enrolled", Tag: &govuk.Tag{Text: "Lost", Classes: govuk.Red}},
			{Text: "today", Time: "2026-11-23T14:41:00Z"},
		}},
	})
	want := tree(t, `<table class="govuk-table"><tbody class="govuk-table__body"><tr class="govuk-table__row">
		<th scope="row" class="govuk-table__header"><a class="govuk-link" href="/keys/key_1">YubiKey 5</a></th>
		<td class="govuk-table__cell">Enrolled <strong class="govuk-tag govuk-tag--red">Lost</strong></td>
		<td class="govuk-table__cell"><time datetime="2026-11-23T14:41:00Z">today</time></td>
		</tr></tbody></table>`)
	if diff := cmp.Diff(want, tree(t, text)); diff != "" {
		t.Error(diff)
	}
}
