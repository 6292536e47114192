// Package govuk has the components of the GOV.UK Design System as typed Go
// structs and templates, so that a page writes {{template "govuk-button" .View.Save}}
// and cannot misspell an option. The markup is that of GOV.UK Frontend; a test
// compares every partial with the cases its npm package ships, as parsed trees.
//
// Field names are those of the Nunjucks options of GOV.UK Frontend. Options
// that take ready-made HTML are left out on purpose: everything a struct holds
// is text and is escaped. Where a page needs markup inside a component it uses
// the -start and -end partials, or writes the component's few lines itself.
//
// It leaves to others: what a page says (the rooms), the frame around it (web).
package govuk
