package web

import (
	"context"
	"net/url"
	"strings"

	"github.com/warder-project/warder/internal/base/web/govuk"
)

// frame works out everything around a page's content.
func (v *visit) frame(page Page) Frame {
	deps := v.site.deps
	if page.SignedOut {
		nobody := *v
		nobody.viewer = Viewer{}
		v = &nobody
	}
	frame := Frame{
		Title:      title(page, deps.Product),
		Product:    deps.Product,
		Demo:       deps.Demo,
		StyleSheet: deps.Assets.Path("app.css"),
		Icon:       deps.Assets.Path("favicon.svg"),
		Scripts:    []string{deps.Assets.Path("forms.js")},
		SignedIn:   v.viewer.SignedIn(),
		ViewerName: v.viewer.Name,
		Navigation: v.navigation(page.Section),
		Footer:     v.footer(),
		HasErrors:  len(page.Errors) > 0,
		View:       page.View,
	}
	for _, script := range page.Scripts {
		frame.Scripts = append(frame.Scripts, deps.Assets.Path(script))
	}
	if frame.SignedIn && v.site.hasSignOut {
		frame.SignOutPath = SignOutPath
	}
	if frame.HasErrors {
		frame.ErrorSummary = errorSummary(page.Errors)
	}
	return frame
}

// notice is what stands above every page for whoever may know. Somebody who is not
// signed in is told nothing.
func (v *visit) notice(ctx context.Context, page Page) (Link, error) {
	if v.site.deps.Notice == nil || page.SignedOut || !v.viewer.SignedIn() {
		return Link{}, nil
	}
	return v.site.deps.Notice(ctx, v.viewer)
}

func title(page Page, product string) string {
	text := product
	if page.Title != "" {
		text = strings.TrimSuffix(page.Title, ".") + " – " + product
	}
	if len(page.Errors) > 0 {
		return "Error: " + text
	}
	return text
}

// navigation shows what this person may open, and nothing to nobody.
func (v *visit) navigation(section string) govuk.ServiceNavigation {
	bar := govuk.ServiceNavigation{
		ServiceName:     v.site.deps.Product,
		ServiceURL:      "/",
		NavigationLabel: "Main",
	}
	for _, item := range v.site.deps.Navigation {
		if v.viewer.may(item.Permission) {
			bar.Navigation = append(bar.Navigation, govuk.NavigationItem{
				Text: item.Label, Href: item.Path, Active: item.Path == section,
			})
		}
	}
	return bar
}

func (v *visit) footer() []Link {
	var links []Link
	for _, item := range v.site.deps.Footer {
		if v.viewer.may(item.Permission) {
			links = append(links, Link{Label: item.Label, Path: item.Path})
		}
	}
	return links
}

func errorSummary(found []FieldError) govuk.ErrorSummary {
	summary := govuk.ErrorSummary{TitleText: "There is a problem"}
	for _, one := range found {
		item := govuk.ErrorItem{Text: one.Message}
		if one.Field != "" {
			item.Href = "#" + url.PathEscape(one.Field)
		}
		summary.ErrorList = append(summary.ErrorList, item)
	}
	return summary
}
