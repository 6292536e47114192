package rulebook_test

import (
	"testing"

	"github.com/warder-project/warder/internal/access/rulebook"
	"github.com/warder-project/warder/internal/base/problem"
)

func TestSlipInMethodsIsNamedWithItsPlace(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"methods: [password]\n":                                 `p.yaml:2:10: methods: found a list, expected a mapping such as {password: {until: 2027-03-31}, totp: {}}`,
		"methods:\n  sms: {}\n":                                 `p.yaml:3:3: methods: "sms" never signs anyone in here: expected password, totp, recovery_code`,
		"methods:\n  passwort: {}\n":                            `p.yaml:3:3: methods: "passwort" is not known: expected password, totp, recovery_code`,
		"methods:\n  security_key: {}\n":                        `p.yaml:3:3: methods: "security_key" needs no naming: how good a key must be is for the rules to say; expected password, totp, recovery_code`,
		"methods:\n  password: {}\n  password: {}\n":            `p.yaml:4:3: password: given twice: it is already on line 3`,
		"methods:\n  password:\n":                               `p.yaml:3:12: found nothing, expected “password”, {} or a mapping with until`,
		"methods:\n  password: yes\n":                           `p.yaml:3:13: found "yes", expected “password”, {} or a mapping with until`,
		"methods:\n  password: {till: 2027-03-31}\n":            `p.yaml:3:14: "till" is not known in “password”, {} or a mapping: expected until`,
		"methods:\n  password: {until: 31.3.2027}\n":            `p.yaml:3:21: until: found "31.3.2027", expected a day such as 2027-03-31`,
		"methods:\n  password: {until: 2027-02-30}\n":           `p.yaml:3:21: until: found "2027-02-30", expected a day such as 2027-03-31`,
		"methods:\n  password: {until: 2027-03-31T12:00:00Z}\n": `p.yaml:3:21: until: found "2027-03-31T12:00:00Z", expected a day such as 2027-03-31`,
		"methods:\n  password: {until: }\n":                     `p.yaml:3:21: until: found nothing, expected a day such as 2027-03-31`,
		"methods:\n  totp: {}\n":                                `p.yaml:3:3: totp: a code from an app counts only beside a password: expected password as well`,
	} {
		read, err := rulebook.Parse("p.yaml", []byte("version: 1\n"+text+"rules: []\n"))
		found, ok := problem.Of(err)
		if read != nil || !ok || found.Code != rulebook.Malformed.Code || found.Fields[0].String() != want {
			t.Errorf("%q:\n got %v\nwant %s", text, err, want)
		}
	}
}
