package nginxtest_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/warder-project/warder/internal/testkit"
	"github.com/warder-project/warder/internal/testkit/nginxtest"
)

// front is auth_request as an administrator would write it: the answer of the
// authority decides, and one of its headers goes on to the application in place
// of whatever the client sent under that name.
const front = `
    server {
        listen %[1]s;
        location / {
            auth_request /authority;
            auth_request_set $who $upstream_http_remote_user;
            proxy_set_header Remote-User $who;
            proxy_pass %[2]s;
        }
        location = /authority {
            internal;
            proxy_pass %[3]s;
            proxy_pass_request_body off;
            proxy_set_header Content-Length "";
        }
    }`

func TestNginxAsksTheAuthorityBeforeTheApplication(t *testing.T) {
	t.Parallel()
	application := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "hello %s", r.Header.Get("Remote-User"))
	}))
	defer application.Close()
	authority := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Cookie") != "session=good" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		w.Header().Set("Remote-User", "amira.khan")
	}))
	defer authority.Close()
	address := testkit.FreeAddress(t)
	nginxtest.Start(t, address, fmt.Sprintf(front, address, application.URL, authority.URL))

	type answer struct {
		Status int
		Body   string
	}
	ask := func(cookie string) answer {
		t.Helper()
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+address+"/payslips", nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Cookie", cookie)
		request.Header.Set("Remote-User", "the.minister") // forged
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		if response.StatusCode != http.StatusOK {
			body = nil // nginx's own page
		}
		return answer{Status: response.StatusCode, Body: string(body)}
	}
	if diff := cmp.Diff(answer{Status: http.StatusUnauthorized}, ask("")); diff != "" {
		t.Errorf("signed out (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(answer{Status: http.StatusOK, Body: "hello amira.khan"}, ask("session=good")); diff != "" {
		t.Errorf("signed in (-want +got):\n%s", diff)
	}
}
