package admin

import (
	"net/http"
	"slices"
	"testing"

	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/webtest"
)

func everything(string) bool { return true }

func TestTemplatesFitTheirViews(t *testing.T) {
	t.Parallel()
	webtest.Check(t, files, map[string]any{"home.html": homeView{}})
}

func TestHomeShowsWhatTheViewerMayOpen(t *testing.T) {
	t.Parallel()
	pages, err := New(func(path string) bool { return path != Path+"/services" })
	if err != nil {
		t.Fatal(err)
	}
	viewer := webtest.Viewer("Desk", 2, web.PeopleRead, web.KeysRead, web.ServicesRead)
	got := webtest.Get(t, webtest.Site(t, viewer, pages.Routes()...), Path)
	webtest.Structure(t, got.Document)
	var parts []string
	for _, heading := range got.Document.All("h2") {
		parts = append(parts, heading.Text())
	}
	if got.Status != http.StatusOK || !slices.Equal(parts, []string{"People", "Keys", "Models"}) {
		t.Errorf("the home page answered %d with %v, want People, Keys and Models", got.Status, parts)
	}
}

func TestHomeIsForAdministratorsOnly(t *testing.T) {
	t.Parallel()
	pages, err := New(everything)
	if err != nil {
		t.Fatal(err)
	}
	for name, viewer := range map[string]web.Viewer{"somebody without a role": webtest.Viewer("Amira", 3), "nobody": {}} {
		if got := webtest.Get(t, webtest.Site(t, viewer, pages.Routes()...), Path); got.Status == http.StatusOK {
			t.Errorf("%s sees the administration site", name)
		}
	}
	if got := webtest.Get(t, webtest.Site(t, webtest.Viewer("Weak", 1, web.PeopleRead), pages.Routes()...), Path); got.Status != http.StatusSeeOther {
		t.Errorf("a weak session was answered %d, want a stronger sign-in", got.Status)
	}
}

func TestNavigationHasNoLinkToNowhere(t *testing.T) {
	t.Parallel()
	bar := Navigation(func(path string) bool { return path == Path+"/keys" })
	var paths []string
	for _, item := range bar {
		paths = append(paths, item.Path)
		if item.Permission == web.Nobody || item.Permission == web.Public {
			t.Errorf("%s is shown to %q", item.Path, item.Permission)
		}
	}
	if !slices.Equal(paths, []string{"/me", "/admin/keys"}) {
		t.Errorf("the navigation leads to %v", paths)
	}
}
