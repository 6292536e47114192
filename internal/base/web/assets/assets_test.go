package assets_test

import (
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/web/assets"
)

const manifest = `{"app.css":"app-1.css","forms.js":"forms-1.js","webauthn.js":"webauthn-1.js","favicon.svg":"favicon-1.svg"}`

func built() fstest.MapFS {
	return fstest.MapFS{
		"README.md":     {Data: []byte("kept")},
		"manifest.json": {Data: []byte(manifest)},
		"app-1.css":     {Data: []byte("body{}")},
		"app-1.css.gz":  {Data: []byte("packed")},
		"forms-1.js":    {Data: []byte("export {};")},
		"webauthn-1.js": {Data: []byte("export {};")},
		"favicon-1.svg": {Data: []byte("<svg/>")},
	}
}

func TestMissingOrHalfBuiltAssetsSayWhatToRun(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(fstest.MapFS){
		"nothing was built":    func(files fstest.MapFS) { delete(files, "manifest.json") },
		"the manifest is cut":  func(files fstest.MapFS) { files["manifest.json"].Data = []byte(`{"app.css":`) },
		"a file is not named":  func(files fstest.MapFS) { files["manifest.json"].Data = []byte(`{"app.css":"app-1.css"}`) },
		"a named file is gone": func(files fstest.MapFS) { delete(files, "webauthn-1.js") },
		"a file of no known kind": func(files fstest.MapFS) {
			files["manifest.json"].Data = []byte(strings.Replace(manifest, "favicon-1.svg", "README.md", 1))
		},
	} {
		files := built()
		change(files)
		_, err := assets.Open(files)
		if !problem.Is(err, assets.NotBuilt) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if !strings.Contains(assets.NotBuilt.Next, "make assets") {
		t.Errorf("next step: %q", assets.NotBuilt.Next)
	}
}

func get(t *testing.T, bundle *assets.Bundle, path, encoding string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.Header.Set("Accept-Encoding", encoding)
	recorder := httptest.NewRecorder()
	bundle.ServeHTTP(recorder, r)
	return recorder.Result()
}

func TestFilesAreServedUnderTheirBuiltNamesForEver(t *testing.T) {
	t.Parallel()
	bundle, err := assets.Open(built())
	if err != nil {
		t.Fatal(err)
	}
	if got := bundle.Path("app.css"); got != "/assets/app-1.css" {
		t.Errorf("path %q", got)
	}
	for encoding, want := range map[string]string{"": "body{}", "br": "body{}", "gzip;q=0": "body{}", "br, gzip": "packed", "GZIP;q=0.5": "packed"} {
		response := get(t, bundle, bundle.Path("app.css"), encoding)
		body, err := io.ReadAll(response.Body)
		if err != nil || string(body) != want {
			t.Errorf("for %q: %q, %v", encoding, body, err)
		}
		if response.Header.Get("Content-Type") != "text/css; charset=utf-8" ||
			response.Header.Get("Cache-Control") != "public, max-age=31536000, immutable" ||
			response.Header.Get("Vary") != "Accept-Encoding" || (want == "packed") != (response.Header.Get("Content-Encoding") == "gzip") {
			t.Errorf("for %q: %v", encoding, response.Header)
		}
	}
	if got := get(t, bundle, bundle.Path("forms.js"), "gzip").Header; got.Get("Content-Type") != "text/javascript; charset=utf-8" || got.Get("Content-Encoding") != "" {
		t.Errorf("script: %v", got)
	}
}

func TestNothingElseIsServed(t *testing.T) {
	t.Parallel()
	bundle, err := assets.Open(built())
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/assets/", "/assets/README.md", "/assets/manifest.json", "/assets/app.css", "/assets/app-1.css.gz",
		"/assets/../assets.go", bundle.Path("nothing.js")} {
		if got := get(t, bundle, path, "").StatusCode; got != http.StatusNotFound {
			t.Errorf("%s: %d", path, got)
		}
	}
}

func TestBinaryHasItsAssets(t *testing.T) {
	t.Parallel()
	bundle, err := assets.Load()
	if errors.Is(err, assets.NotBuilt.New()) && os.Getenv("WARDER_REQUIRE_ASSETS") != "1" {
		t.Skip("NOT TESTED: style sheets and scripts have not been built: run \"make assets\"")
	}
	if err != nil {
		t.Fatalf("%v (run \"make assets\")", err)
	}
	hashed := regexp.MustCompile(`^/assets/[a-z]+-[0-9a-f]{12}\.(css|js|svg)$`)
	for _, name := range []string{"app.css", "forms.js", "webauthn.js", "favicon.svg"} {
		plain := get(t, bundle, bundle.Path(name), "")
		packed := get(t, bundle, bundle.Path(name), "gzip")
		if !hashed.MatchString(bundle.Path(name)) || plain.StatusCode != http.StatusOK || packed.Header.Get("Content-Encoding") != "gzip" {
			t.Errorf("%s is served as %s: %d, %v", name, bundle.Path(name), plain.StatusCode, packed.Header)
			continue
		}
		want, err := io.ReadAll(plain.Body)
		if err != nil {
			t.Fatal(err)
		}
		unpacked, err := gzip.NewReader(packed.Body)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(unpacked)
		if err != nil || string(got) != string(want) {
			t.Errorf("%s: packed and plain differ (%v)", name, err)
		}
		for _, foreign := range []string{"GDS Transport", "crest", "@font-face", "url(", "innerHTML"} {
			if strings.Contains(string(want), foreign) {
				t.Errorf("%s has %q in it", name, foreign)
			}
		}
	}
}

func TestLockFileNamesNoRegistry(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../../../web/package-lock.json")
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(text), `"resolved"`) {
		t.Error("web/package-lock.json says where packages came from: keep omit-lockfile-registry-resolved in web/.npmrc and run npm install again")
	}
	if !strings.Contains(string(text), `"integrity": "sha512-`) {
		t.Error("web/package-lock.json does not say what packages must be")
	}
}
