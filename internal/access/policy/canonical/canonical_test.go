package canonical_test

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/warder-project/warder/internal/access/policy"
	"github.com/warder-project/warder/internal/access/policy/canonical"
	"github.com/warder-project/warder/internal/access/policy/policytest"
	"github.com/warder-project/warder/internal/registry/assurance"
)

var sameGroups = cmp.Comparer(func(a, b policy.Groups) bool { return cmp.Equal(a.Names(), b.Names()) })

func TestFactsAreReadAsTheyWereWritten(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	for range 5000 {
		facts := policytest.Facts(random)
		written := canonical.Encode(nil, &facts)
		read, err := canonical.Decode(written)
		if err != nil {
			t.Fatalf("%x: %v", written, err)
		}
		if diff := cmp.Diff(facts, read, sameGroups); diff != "" {
			t.Fatalf("facts (-written +read):\n%s", diff)
		}
		if again := canonical.Encode(nil, &read); !bytes.Equal(again, written) {
			t.Fatalf("the same facts are written in two ways:\n%x\n%x", written, again)
		}
	}
}

func TestTheSameMomentElsewhereIsWrittenTheSame(t *testing.T) {
	t.Parallel()
	here := usual()
	there := usual()
	there.At = there.At.In(time.FixedZone("elsewhere", 5*3600))
	there.Groups = policy.GroupsOf("staff", "finance", "staff")
	if a, b := canonical.Encode(nil, &here), canonical.Encode(nil, &there); !bytes.Equal(a, b) {
		t.Errorf("one fact in two spellings:\n%x\n%x", a, b)
	}
}

func TestUsualFactsAreSmall(t *testing.T) {
	t.Parallel()
	facts := usual()
	written := canonical.Encode(nil, &facts)
	t.Logf("%d bytes", len(written))
	if len(written) > 120 {
		t.Errorf("the facts of a usual request take %d bytes, and 120 are allowed", len(written))
	}
}

// firstUsual is what the first version of this format wrote. Decisions kept for
// fourteen months are in it: these bytes must be readable for ever, and mean the same.
const firstUsual = "0102fbcb91fac06806aac50a0907706179726f6c6c0a060f06616374697665110e0766696e616e63650573746166661308656e726f6c6c6564143f160618fbfcddf7c068"

func TestFactsOfEarlierWardersAreStillRead(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		written string
		want    policy.Facts
	}{
		"a usual request": {firstUsual, first()},
		"nothing known":   {"01", policy.Facts{}},
	} {
		data, err := hex.DecodeString(c.written)
		if err != nil {
			t.Fatal(err)
		}
		got, err := canonical.Decode(data)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if diff := cmp.Diff(c.want, got, sameGroups); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestWhatIsNotTheOneSpellingOfFactsIsRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ written, says string }{
		"nothing":                   {"", "ends in the middle"},
		"a later version":           {"02", "version 2"},
		"a field of a later Warder": {"01fe0101", "not known to this Warder"},
		"fields out of order":       {"010d0161" + "090161", "comes after"},
		"a field twice":             {"01090161" + "090161", "comes after"},
		"a text that is cut":        {"0109056162", "ends in the middle"},
		"a number too long":         {"010a8100", "longer than it need be"},
		"a field that says nothing": {"01090" + "0", "says nothing"},
		"a session state too many":  {"010a40", "means nothing"},
		"a fourth truth":            {"01060c", "neither yes nor no"},
		"groups out of order":       {"01110401620161", "not in order"},
		"a method nobody knows":     {"0116c801", "not known"},
	} {
		data, err := hex.DecodeString(c.written)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got, err := canonical.Decode(data); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: read as %+v, error %v", name, got, err)
		}
	}
}

// A level, a state or a truth that does not exist is kept as not known, which is how
// policy reads it.
func TestWhatDoesNotExistIsKeptAsNotKnown(t *testing.T) {
	t.Parallel()
	facts := usual()
	facts.Session, facts.KeyKnown, facts.Assurance.AAL, facts.Assurance.Method = 200, 9, 7, 250
	read, err := canonical.Decode(canonical.Encode(nil, &facts))
	if err != nil {
		t.Fatal(err)
	}
	if read.Session != policy.SessionUnknown || read.KeyKnown != policy.Unknown || read.Assurance.AAL != assurance.None || read.Assurance.Method != assurance.UnknownMethod {
		t.Errorf("kept as %+v", read)
	}
}

// The numbers of the methods are kept in decisions.
func TestMethodsKeepTheirNumbers(t *testing.T) {
	t.Parallel()
	var words []string
	for _, class := range assurance.Catalogue() {
		words = append(words, fmt.Sprintf("%d %s", class.Method, class.Word))
	}
	first := []string{"1 password", "2 totp", "3 passkey_synced", "4 passkey_device", "5 security_key", "6 security_key_attested", "7 smartcard",
		"8 pass", "9 recovery_code", "10 sms", "11 voice", "12 phone", "13 email", "14 question", "15 app_password", "16 push_plain", "17 push",
		"18 push_passwordless", "19 totp_token", "20 hotp", "21 qr_code", "22 external", "23 webauthn", "24 passkey_app", "25 platform",
		"26 certificate", "27 unnamed"}
	if len(words) < len(first) {
		t.Fatalf("methods are gone: %v", words)
	}
	if diff := cmp.Diff(first, words[:len(first)]); diff != "" {
		t.Errorf("a new method goes to the end (-want +got):\n%s", diff)
	}
}

func FuzzDecode(f *testing.F) {
	random := rand.New(rand.NewPCG(3, 4))
	for range 20 {
		facts := policytest.Facts(random)
		f.Add(canonical.Encode(nil, &facts))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		facts, err := canonical.Decode(data)
		if err != nil {
			return
		}
		if again := canonical.Encode(nil, &facts); !bytes.Equal(again, data) {
			t.Errorf("read %x, and wrote %x", data, again)
		}
	})
}

// first is what a usual request said when the format was young.
func first() policy.Facts {
	at := time.Date(2026, time.November, 23, 9, 0, 0, 125_000_000, time.UTC)
	return policy.Facts{At: at, Vouched: true, ServiceKnown: policy.Yes, ServiceAdmitted: policy.Yes, Service: "payroll",
		Session: policy.SessionAlive, PersonKnown: policy.Yes, PersonMaySignIn: policy.Yes, PersonState: "active",
		Groups: policy.GroupsOf("finance", "staff"), KeyKnown: policy.Yes, KeyMaySignIn: policy.Yes, KeyState: "enrolled", CredentialActive: policy.Yes,
		Assurance: assurance.Of(assurance.Observation{UserVerified: true, Attested: true, HardwareBound: true}), AuthTime: at.Add(-42 * time.Minute)}
}

func usual() policy.Facts {
	facts := first()
	facts.UserName, facts.Department, facts.Privileged, facts.Device = "amira.khan", "Finance", policy.No, policy.Unknown
	facts.Network = policy.Network{Known: true, Names: []string{"London office"}}
	facts.Signals = policy.Signals{NewNetwork: policy.No, NewASN: policy.No, NewCountry: policy.No, ImpossibleTravel: policy.No, NewDevice: policy.No,
		UnusualHour: policy.No, FailureBurst: policy.No, ListedNetwork: policy.No, KeyReportedLost: policy.No, Country: "GB"}
	return facts
}
