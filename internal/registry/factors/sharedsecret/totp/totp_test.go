package totp_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/warder-project/warder/internal/registry/factors/sharedsecret/totp"
)

// vectors is appendix B of RFC 6238, corrected by errata 2866: the seeds are as long
// as the output of their hash.
var vectors = []struct {
	at        int64
	algorithm totp.Algorithm
	code      string
}{
	{59, totp.SHA1, "94287082"}, {59, totp.SHA256, "46119246"}, {59, totp.SHA512, "90693936"},
	{1111111109, totp.SHA1, "07081804"}, {1111111109, totp.SHA256, "68084774"}, {1111111109, totp.SHA512, "25091201"},
	{1111111111, totp.SHA1, "14050471"}, {1111111111, totp.SHA256, "67062674"}, {1111111111, totp.SHA512, "99943326"},
	{1234567890, totp.SHA1, "89005924"}, {1234567890, totp.SHA256, "91819424"}, {1234567890, totp.SHA512, "93441116"},
	{2000000000, totp.SHA1, "69279037"}, {2000000000, totp.SHA256, "90698825"}, {2000000000, totp.SHA512, "38618901"},
	{20000000000, totp.SHA1, "65353130"}, {20000000000, totp.SHA256, "77737706"}, {20000000000, totp.SHA512, "47863826"},
}

func seed(algorithm totp.Algorithm) []byte {
	length := map[totp.Algorithm]int{totp.SHA1: 20, totp.SHA256: 32, totp.SHA512: 64}[algorithm]
	return []byte(strings.Repeat("1234567890", 7)[:length])
}

func generator(t *testing.T, algorithm totp.Algorithm, digits int) totp.Generator {
	t.Helper()
	made, err := totp.FromSeed(totp.Parameters{Algorithm: algorithm, Digits: digits}, seed(algorithm))
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func TestCodesAreThoseOfRFC6238(t *testing.T) {
	t.Parallel()
	for _, vector := range vectors {
		eight, six := generator(t, vector.algorithm, 8), generator(t, vector.algorithm, 6)
		step := totp.Step(time.Unix(vector.at, 0))
		if got := eight.Code(step); got != vector.code {
			t.Errorf("%s at %d: %s, want %s", vector.algorithm, vector.at, got, vector.code)
		}
		// RFC 4226 §5.3: fewer digits are the last ones of the same number.
		if got := six.Code(step); got != vector.code[2:] {
			t.Errorf("%s at %d with six digits: %s, want %s", vector.algorithm, vector.at, got, vector.code[2:])
		}
	}
}

func TestWindowIsOneStepEitherSide(t *testing.T) {
	t.Parallel()
	made := generator(t, totp.SHA1, 8)
	const step = 37037036
	code := made.Code(step)
	first := time.Unix(step*30, 0)
	for offset, want := range map[time.Duration]bool{
		-31 * time.Second: false, -30 * time.Second: true, 0: true, 29 * time.Second: true,
		59 * time.Second: true, 60 * time.Second: false, 24 * time.Hour: false,
	} {
		got, good := made.Match(code, first.Add(offset))
		if good != want || good && got != step {
			t.Errorf("%v after its beginning the code counts: %v for step %d, want %v for %d", offset, good, got, want, step)
		}
	}
	if _, good := made.Match(made.Code(0), time.Unix(-5000, 0)); !good {
		t.Error("a clock before 1970 has no step 0")
	}
}

func TestCodeIsReadAsPeopleTypeIt(t *testing.T) {
	t.Parallel()
	made := generator(t, totp.SHA1, 6)
	at := time.Unix(59, 0)
	for typed, want := range map[string]bool{
		"287082": true, "287 082": true, " 287-082 ": true, "287\u00a0082": true, "94287082": false, "28708": false, "": false,
		"287082a": false, "２８７０８２": false, "-287082": true, "287082" + strings.Repeat(" ", 40): false,
	} {
		if _, good := made.Match(typed, at); good != want {
			t.Errorf("%q counts: %v, want %v", typed, good, want)
		}
	}
}

func TestParametersThatNobodyNamedAreRefused(t *testing.T) {
	t.Parallel()
	for _, wrong := range []totp.Parameters{{}, {Algorithm: "MD5", Digits: 6}, {Algorithm: totp.SHA1, Digits: 7}, {Algorithm: "sha1", Digits: 6}} {
		if _, err := totp.New(wrong); err == nil {
			t.Errorf("%+v makes codes", wrong)
		}
	}
	if _, err := totp.FromSeed(totp.Usual(), make([]byte, 15)); err == nil {
		t.Error("a seed of 15 bytes is enough")
	}
	if _, good := (totp.Generator{}).Match("", time.Unix(0, 0)); good {
		t.Error("no generator has a good code")
	}
}

func TestAddressIsWhatAppsRead(t *testing.T) {
	t.Parallel()
	made := generator(t, totp.SHA1, 6)
	text := made.URI("Department: Examples", "amira.khan")
	read, err := url.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	query := read.Query()
	if read.Scheme != "otpauth" || read.Host != "totp" || read.Path != "/Department  Examples:amira.khan" || query.Get("issuer") != "Department  Examples" ||
		query.Get("secret") != strings.ReplaceAll(made.Text(), " ", "") || query.Get("digits") != "6" || query.Get("period") != "30" || query.Get("algorithm") != "SHA1" {
		t.Error(text)
	}
	if strings.Contains(text, "+") {
		t.Errorf("%s has a plus sign, which some apps take for itself", text)
	}
}

func TestSecretIsNotPrinted(t *testing.T) {
	t.Parallel()
	made := generator(t, totp.SHA1, 6)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		if text := fmt.Sprintf(verb, made); text != "[6 digits, SHA1]" {
			t.Errorf("%s prints %s", verb, text)
		}
	}
}

func TestFreshSeedsDifferAndAreAsLongAsTheHash(t *testing.T) {
	t.Parallel()
	for algorithm, length := range map[totp.Algorithm]int{totp.SHA1: 20, totp.SHA256: 32, totp.SHA512: 64} {
		one, err := totp.New(totp.Parameters{Algorithm: algorithm, Digits: 8})
		two, _ := totp.New(totp.Parameters{Algorithm: algorithm, Digits: 8})
		if err != nil || len(one.Seed()) != length || string(one.Seed()) == string(two.Seed()) {
			t.Errorf("%s: %d bytes, %v", algorithm, len(one.Seed()), err)
		}
	}
}

// FuzzParse: what is read is written again as it was, and nothing else is read.
func FuzzParse(f *testing.F) {
	f.Add("totp$SHA1$6$GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")
	f.Add("totp$SHA1$06$GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")
	f.Add("totp$SHA512$8$")
	f.Add("$$$")
	f.Fuzz(func(t *testing.T, text string) {
		made, err := totp.Parse(text)
		if err != nil {
			return
		}
		again, err := made.Record()
		if err != nil || again != text {
			t.Errorf("%q came back as %q, %v", text, again, err)
		}
	})
}

// FuzzClean: what counts as a code is six or eight digits.
func FuzzClean(f *testing.F) {
	f.Add("287 082")
	f.Add("٢٨٧٠٨٢")
	f.Fuzz(func(t *testing.T, typed string) {
		code, ok := totp.Clean(typed)
		if !ok {
			return
		}
		if len(code) != 6 && len(code) != 8 || strings.Trim(code, "0123456789") != "" {
			t.Errorf("%q was read as %q", typed, code)
		}
	})
}
