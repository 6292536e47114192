// Package nginxtest runs a real nginx in front of a test's own servers, so that
// what the documentation promises of auth_request is tried against the program
// that departments run, not against our reading of its manual.
//
// It owns the frame of the configuration (foreground, one process, everything
// it writes in a temporary folder); what stands inside http { … } is the test's.
// The module auth_request is part of Debian's nginx packages.
package nginxtest

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/warder-project/warder/internal/testkit"
)

// Start runs nginx with body inside http { … } and returns when address answers.
// body says which loopback address to listen on (testkit.FreeAddress gives one);
// address is one of them. nginx ends with the test, which then shows what it
// printed if it has failed.
//
// Without nginx the test is skipped aloud, or fails where WARDER_REQUIRE_NGINX is 1.
func Start(t testing.TB, address, body string) *testkit.Process {
	t.Helper()
	nginx := testkit.Program(t, "WARDER_REQUIRE_NGINX", "nginx")
	folder := t.TempDir()
	path := filepath.Join(folder, "nginx.conf")
	if err := os.WriteFile(path, []byte(configuration(folder, body)), 0o600); err != nil {
		t.Fatalf("write the nginx configuration: %v", err)
	}
	// -e: without it nginx writes its first lines to the system's log.
	process := testkit.Run(t, testkit.Command{Path: nginx, Dir: folder,
		Args: []string{"-e", "stderr", "-p", folder, "-c", path}})
	process.Ready("http://" + address + "/")
	return process
}

// configuration is the frame. One process in the foreground keeps the user of
// the test (a master that is root would change to nobody, who cannot read the
// folder), and ends with it.
func configuration(folder, body string) string {
	return fmt.Sprintf(`daemon off;
master_process off;
pid %[1]s/nginx.pid;
error_log stderr notice;
events { worker_connections 256; }
http {
    access_log off;
    client_body_temp_path %[1]s/body;
    proxy_temp_path %[1]s/proxy;
    fastcgi_temp_path %[1]s/fastcgi;
    uwsgi_temp_path %[1]s/uwsgi;
    scgi_temp_path %[1]s/scgi;
%[2]s
}
`, folder, body)
}
