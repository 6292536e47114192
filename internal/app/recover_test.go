package app

import (
	"strings"
	"testing"
	"time"

	"github.com/warder-project/warder/internal/access/roles"
	"github.com/warder-project/warder/internal/access/signin"
	"github.com/warder-project/warder/internal/base/secret"
	"github.com/warder-project/warder/internal/registry/keys"
)

// The last resort is for the administrator who has lost every key, above all: no
// case could help them, since nobody is left who could approve it.
func TestAdministratorWhoLostEveryKeyIsRecoveredOnTheHost(t *testing.T) {
	t.Parallel()
	d := openDepartment(t)
	amira := d.join("amira.khan")
	if err := d.Roles.Grant(t.Context(), d.operator, amira.person.ID, roles.Administrator); err != nil {
		t.Fatal(err)
	}
	if _, err := d.LostKey.Report(t.Context(), d.operator, amira.credential.Key, keys.Stolen, d.Now()); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Invite(t.Context(), d.operator, amira.person.ID, 0); err == nil {
		t.Error("a command other than warder recover gives a new way in")
	}
	link, err := d.Recover(t.Context(), Recovery{Operator: "root", UserName: "amira.khan", Reason: "Every administrator has lost their key.", Life: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	token := link[strings.LastIndex(link, "/")+1:]
	if _, _, err := d.SignIn.BeginEnrolment(t.Context(), secret.New(token), signin.Ask{}); err != nil {
		t.Errorf("the link opens nothing: %v", err)
	}
}
