package config_test

import (
	"bytes"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/warder-project/warder/internal/app/config"
	"github.com/warder-project/warder/internal/base/problem"
)

func TestEveryFieldIsDocumentedAndTheDescriptionIsAValidFile(t *testing.T) {
	t.Parallel()
	fields := reflect.TypeFor[config.Config]()
	for i := range fields.NumField() {
		if fields.Field(i).Tag.Get("doc") == "" || fields.Field(i).Tag.Get("yaml") == "" {
			t.Errorf("field %s has no documentation", fields.Field(i).Name)
		}
	}
	var out bytes.Buffer
	if err := config.Describe(&out); err != nil {
		t.Fatal(err)
	}
	if _, err := config.Parse("described", out.Bytes()); err != nil {
		t.Errorf("what describe prints is refused: %v\n%s", err, out.String())
	}
}

func TestFileWithOnlyItsAddressIsEnough(t *testing.T) {
	t.Parallel()
	got, err := config.Parse("warder.yaml", []byte("public_url: https://warder.example.gov.uk\n"))
	if err != nil {
		t.Fatal(err)
	}
	if !*got.AttestedOnly || got.Listen != "127.0.0.1:8420" || got.EvidenceDays != 35 || got.Database != "sqlite:warder.db" {
		t.Errorf("defaults are not the strict ones: %+v", got)
	}
}

func TestWrongConfigurationNamesLineAndField(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		text string
		want []string
	}{
		"unknown key":   {"public_url: https://a.example\nlisten_on: 1\n", []string{"warder.yaml:2: field listen_on is not a field of warder.yaml"}},
		"wrong type":    {"public_url: https://a.example\nevidence_days: soon\n", []string{"warder.yaml:2: cannot unmarshal !!str `soon` into int"}},
		"not YAML":      {"public_url: [", []string{"warder.yaml:1: did not find expected node content"}},
		"empty":         {"", []string{"warder.yaml: public_url: is needed: the address people type to reach Warder, such as https://warder.example.gov.uk"}},
		"two documents": {"public_url: https://a.example\n---\npublic_url: https://b.example\n", []string{"warder.yaml:2: expected one document, found a second one after ---"}},
		"http":          {"public_url: http://warder.example\n", []string{"warder.yaml:1: public_url: must be https: browsers allow security keys over http on localhost only"}},
		"bare address":  {"public_url: https://192.0.2.1\n", []string{"warder.yaml:1: public_url: must be a host name: browsers refuse security keys on a bare IP address"}},
		"several": {"public_url: https://a.example/x\nlisten: here\ndatabase: mysql://x\n", []string{
			"warder.yaml:1: public_url: must be a scheme, a host and perhaps a port, with nothing after them",
			"warder.yaml:2: listen: must be ADDRESS:PORT, such as 127.0.0.1:8420",
			"warder.yaml:3: database: must start with sqlite: or postgres://"}},
		"inline password": {"public_url: https://a.example\ndatabase: postgres://u:p@db/warder\n", []string{"warder.yaml:2: database: has a password in it: put it into a PostgreSQL password file (passfile) instead"}},
		"one-time codes":  {"public_url: https://a.example\ntotp_digits: 7\ntotp_algorithm: md5\n", []string{"warder.yaml:2: totp_digits: must be 6 or 8", "warder.yaml:3: totp_algorithm: must be SHA1, SHA256 or SHA512"}},
		"half of TLS":     {"public_url: https://a.example\ntls_key: k.pem\n", []string{"warder.yaml:2: tls_key: tls_certificate and tls_key belong together: give both or neither"}},
		"mail": {"public_url: https://a.example\nsmtp_host: mail.example:25\nsmtp_tls: none\nsmtp_user: warder\nsmtp_port: 99999\n", []string{
			"warder.yaml: smtp_from: is needed with smtp_host: the sender's address",
			"warder.yaml: smtp_password_file: smtp_user and smtp_password_file belong together: give both or neither",
			"warder.yaml:2: smtp_host: must be a host name or an address alone; the port belongs in smtp_port",
			"warder.yaml:3: smtp_tls: none is for a mail server on this machine only (localhost, 127.0.0.1 or ::1)",
			"warder.yaml:5: smtp_port: must be between 1 and 65535"}},
		"sender of two lines": {"public_url: https://a.example\nsmtp_from: \"a@b.example\\nBcc: c@d.example\"\n", []string{"warder.yaml:2: smtp_from: must be one plain e-mail address, such as warder@example.gov.uk"}},
		"proxy":               {"public_url: https://a.example\ntrusted_proxies: [10.0.0.1]\n", []string{"warder.yaml:2: trusted_proxies: 10.0.0.1 is not a CIDR: expected such as 10.0.0.0/8 or 127.0.0.1/32"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := config.Parse("warder.yaml", []byte(c.text))
			found, ok := problem.Of(err)
			if !ok || found.Code != "config.malformed" {
				t.Fatalf("got %v", err)
			}
			var got []string
			for _, field := range found.Fields {
				got = append(got, field.String())
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("public_url: https://warder.example.gov.uk\n"))
	f.Add([]byte("a: &a [*a]\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		if _, err := config.Parse("warder.yaml", text); err != nil {
			if _, ok := problem.Of(err); !ok || strings.TrimSpace(err.Error()) == "" {
				t.Errorf("not a problem with a sentence: %v", err)
			}
		}
	})
}
