package password_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/warder-project/warder/internal/base/secret"
	"github.com/warder-project/warder/internal/registry/password"
)

// cheap is for tests only.
var cheap = password.Cost{Memory: 64, Passes: 1, Threads: 1}

func hasher(t testing.TB, cost password.Cost, parallel int) *password.Hasher {
	t.Helper()
	made, err := password.NewHasher(cost, parallel)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func prepared(t testing.TB, text string) password.Prepared {
	t.Helper()
	made, err := password.Prepare(secret.New(text))
	if err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	return made
}

func TestLengthIsCountedInCharactersAndNothingIsCutOff(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]error{
		strings.Repeat("x", 14): password.ErrShort, strings.Repeat("ß", 14): password.ErrShort, strings.Repeat("🔑", 14): password.ErrShort,
		strings.Repeat("x", 15): nil, strings.Repeat("ß", 15): nil, strings.Repeat("🔑", 15): nil, strings.Repeat(" ", 15): nil,
		strings.Repeat("🔑", 256): nil, strings.Repeat("🔑", 257): password.ErrLong, strings.Repeat("x", 257): password.ErrLong, "": password.ErrShort,
	} {
		made, err := password.Prepare(secret.New(text))
		if err == nil {
			err = made.LongEnough()
		}
		if !errors.Is(err, want) {
			t.Errorf("%d characters: %v, want %v", len([]rune(text)), err, want)
		}
	}
	h := hasher(t, cheap, 2)
	long := strings.Repeat("x", 255)
	phc, err := h.Hash(t.Context(), prepared(t, long+"a"))
	if err != nil {
		t.Fatal(err)
	}
	if answer, err := h.Check(t.Context(), phc, prepared(t, long+"b")); err != nil || answer.Right {
		t.Errorf("the 256th character does not count: %+v, %v", answer, err)
	}
}

func TestAnyCharacterThatCanBeTypedIsTaken(t *testing.T) {
	t.Parallel()
	printing := ""
	for c := ' '; c <= '~'; c++ {
		printing += string(c)
	}
	for _, text := range []string{printing, "pâté für jedermann €5", "пароль из трёх слов", "密码密码密码密码密码密码密码密码", "👩‍🔧 fixes the gate"} {
		prepared(t, text)
	}
	for name, text := range map[string]string{"a line break": "one\ntwo", "nothing": "one\x00two", "bad UTF-8": "one\xfftwo",
		"half a character": "one\xed\xa0\x80two", "not assigned": "one\u0378two", "line separator": "one\u2028two"} {
		if _, err := password.Prepare(secret.New(text)); !errors.Is(err, password.ErrUnreadable) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSameCharactersTypedOnTwoKeyboardsAreOnePassword(t *testing.T) {
	t.Parallel()
	h := hasher(t, cheap, 2)
	phc, err := h.Hash(t.Context(), prepared(t, "cafe\u0301 au lait, merci"))
	if err != nil {
		t.Fatal(err)
	}
	if answer, err := h.Check(t.Context(), phc, prepared(t, "caf\u00e9 au lait, merci")); err != nil || !answer.Right {
		t.Errorf("%+v, %v", answer, err)
	}
	// NFC, not NFKC: characters that only look alike stay apart.
	if answer, err := h.Check(t.Context(), phc, prepared(t, "caf\u00e9 au lait, merc\u2170")); err != nil || answer.Right {
		t.Errorf("%+v, %v", answer, err)
	}
}

func TestWeakHashIsNoticedWhenItIsUsed(t *testing.T) {
	t.Parallel()
	weak, strong := hasher(t, cheap, 2), hasher(t, password.Cost{Memory: 128, Passes: 2, Threads: 1}, 2)
	right, wrong := prepared(t, "a quiet evening in Hull"), prepared(t, "a quiet evening in Hell")
	phc, err := weak.Hash(t.Context(), right)
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range []struct {
		by   *password.Hasher
		text password.Prepared
		want password.Answer
	}{{weak, right, password.Answer{Right: true}}, {weak, wrong, password.Answer{}}, {strong, right, password.Answer{Right: true, Weaker: true}}, {strong, wrong, password.Answer{}}} {
		if got, err := one.by.Check(t.Context(), phc, one.text); err != nil || got != one.want {
			t.Errorf("%+v, %v, want %+v", got, err, one.want)
		}
	}
	again, err := strong.Hash(t.Context(), right)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := weak.Check(t.Context(), again, right); err != nil || got != (password.Answer{Right: true}) {
		t.Errorf("a stronger hash is made weaker: %+v, %v", got, err)
	}
	if other, err := strong.Hash(t.Context(), right); err != nil || other == again {
		t.Errorf("two hashes of one password are the same: %v", err)
	}
}

// The hash of argon2's own command line, so that we agree with others:
// echo -n password | argon2 somesalt -id -t 2 -k 65536 -p 1 -l 32
func TestHashOfAnotherProgramIsRead(t *testing.T) {
	t.Parallel()
	const phc = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
	if got, err := hasher(t, cheap, 1).Check(t.Context(), phc, prepared(t, "password")); err != nil || !got.Right {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestGuessesCannotExhaustMemory(t *testing.T) {
	t.Parallel()
	h := hasher(t, cheap, 1)
	release := h.Hold()
	var all sync.WaitGroup
	for range password.Queue + 1 {
		all.Go(func() {
			if err := h.Pretend(t.Context(), prepared(t, "guess")); err != nil {
				t.Error(err)
			}
		})
	}
	for h.Waiting() < password.Queue+1 {
		runtime.Gosched()
	}
	if _, err := h.Hash(t.Context(), prepared(t, "guess")); !errors.Is(err, password.ErrBusy) {
		t.Errorf("one more waits: %v", err)
	}
	release()
	all.Wait()
	if _, err := h.Hash(t.Context(), prepared(t, "guess")); err != nil {
		t.Errorf("afterwards: %v", err)
	}
	held := h.Hold()
	defer held()
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if err := h.Pretend(gone, prepared(t, "guess")); !errors.Is(err, context.Canceled) {
		t.Errorf("whoever has gone still waits: %v", err)
	}
}

func TestHashThatIsDamagedIsRefusedAndNotQuoted(t *testing.T) {
	t.Parallel()
	good := "$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHRzb21lc2FsdA$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
	if _, err := password.ParseHash(good); err != nil {
		t.Fatal(err)
	}
	for name, wrong := range map[string]string{
		"nothing": "", "argon2i": strings.Replace(good, "2id", "2i", 1), "version": strings.Replace(good, "v=19", "v=16", 1),
		"all memory": strings.Replace(good, "m=64", "m=16777215", 1), "no memory": strings.Replace(good, "m=64", "m=0", 1),
		"too big a number": strings.Replace(good, "m=64", "m=4294967360", 1), "no passes": strings.Replace(good, "t=1", "t=0", 1),
		"order": strings.Replace(good, "m=64,t=1", "t=1,m=64", 1), "spelling": strings.Replace(good, "m=64", "m=064", 1),
		"more": good + "$", "line break": good + "\n", "short tag": good[:len(good)-30], "no salt": strings.Replace(good, "c29tZXNhbHRzb21lc2FsdA", "", 1),
		"lanes": strings.Replace(good, "p=1", "p=255", 1), "padding": good + "=",
	} {
		_, err := password.ParseHash(wrong)
		if err == nil {
			t.Errorf("%s: read", name)
		} else if wrong != "" && strings.Contains(err.Error(), "c29t") {
			t.Errorf("%s: the error quotes the hash: %v", name, err)
		}
	}
	for _, cost := range []password.Cost{{}, {Memory: 8, Passes: 1}, {Memory: 4, Passes: 1, Threads: 1}, {Memory: 1 << 30, Passes: 1, Threads: 1}} {
		if _, err := password.NewHasher(cost, 1); err == nil {
			t.Errorf("%+v is a cost", cost)
		}
	}
}

func TestWhatEverybodyGuessesIsRefused(t *testing.T) {
	t.Parallel()
	context := []string{"amira.khan", "Amira Khan", "Department for Examples"}
	for _, text := range []string{
		"passwordpassword", "Password12345678", "P@ssw0rd!P@ssw0rd!", "qwertyuiopasdfghjkl", "123456789012345", "aaaaaaaaaaaaaaaa",
		"WelcomeWelcome1!", "letmeinletmein2026", "Summer2026Summer2026", "amirakhanamirakhan", "AmiraKhan12345678", "examples-2026-2026",
		"departmentforexamples", "zyxwvutsrqponmlkjihg", "1q2w3e4r5t6y7u8i", "!!!!!!!!!!!!!!!!", "monday tuesday monday", "warderwarder2026!",
		"correct horse battery", "PASSWORDPASSWORD", "1qaz2wsx1qaz2wsx", strings.Repeat("010010111", 20), strings.Repeat("x", 200),
	} {
		if !prepared(t, text).Guessable(nil, context) {
			t.Errorf("%q is taken", text)
		}
	}
	for _, text := range []string{
		"the ferry leaves Heysham at dawn", "kettle-orbit-lichen-plum", "my password is not this one", "amira likes plums in June",
		"xT7#qq0-Lm2;vR9!k", "}{[~'#:%$@&^)(*-+=?", "mondays are for marzipan", "84920417593028461", "eight elephants eat one egg daily",
	} {
		if prepared(t, text).Guessable(nil, context) {
			t.Errorf("%q is refused", text)
		}
	}
}

func TestSearchForPiecesEnds(t *testing.T) {
	t.Parallel()
	begun := time.Now()
	for _, text := range []string{strings.Repeat("01101", 51), strings.Repeat("1a", 128), strings.Repeat("pass1word2", 25), strings.Repeat("12121221", 32)} {
		prepared(t, text).Guessable(nil, []string{"a1a", "1a1", "121", "212"})
	}
	if took := time.Since(begun); took > 10*time.Second {
		t.Errorf("it took %v", took)
	}
}

func TestOperatorsListIsObeyed(t *testing.T) {
	t.Parallel()
	list, err := password.ReadBlocklist(strings.NewReader("\ufeffThe Ferry leaves at dawn\r\n\nCafe\u0301 du Commerce, Lyon\nThe ferry leaves at dawn\n"))
	if err != nil || list.Len() != 2 {
		t.Fatalf("%d, %v", list.Len(), err)
	}
	for text, want := range map[string]bool{"the ferry leaves at dawn": true, "The ferry leaves at Dawn": true, "caf\u00e9 du commerce, lyon": true,
		"the ferry leaves at dusk": false, "the ferry leaves at dawn!": false} {
		if got := prepared(t, text).Guessable(list, nil); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
	for name, wrong := range map[string]struct {
		text string
		line int
	}{"empty": {"\n\n", 1}, "bad UTF-8": {"good\nb\xffd\n", 2}, "binary": {"a\x00b", 1}, "long": {"good\n" + strings.Repeat("x", 2000), 2}} {
		_, err := password.ReadBlocklist(strings.NewReader(wrong.text))
		var fault *password.ListFault
		if !errors.As(err, &fault) || fault.Line != wrong.line {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestPasswordIsNotPrinted(t *testing.T) {
	t.Parallel()
	made := prepared(t, "a quiet evening in Hull")
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
		if text := fmt.Sprintf(verb, made); strings.Contains(text, "quiet") || strings.Contains(text, fmt.Sprintf("%x", "quiet")) {
			t.Errorf("%s prints %s", verb, text)
		}
	}
}

// FuzzParseHash: what is read is written again as it was.
func FuzzParseHash(f *testing.F) {
	f.Add("$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHRzb21lc2FsdA$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc")
	f.Add("$argon2id$v=19$m=+64,t=1,p=1$c29tZXNhbHRzb21lc2FsdA$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc")
	f.Add("$$$$$")
	f.Fuzz(func(t *testing.T, phc string) {
		if again, err := password.ParseHash(phc); err == nil && again != phc {
			t.Errorf("%q came back as %q", phc, again)
		}
	})
}

// FuzzPrepare: what is prepared is prepared already, and has a bounded search.
func FuzzPrepare(f *testing.F) {
	f.Add("cafe\u0301")
	f.Add(strings.Repeat("01", 120))
	f.Fuzz(func(t *testing.T, text string) {
		made, err := password.Prepare(secret.New(text))
		if err != nil {
			return
		}
		made.Guessable(nil, []string{"amira"})
		if len([]rune(text)) < 4 && made.LongEnough() == nil {
			t.Errorf("%q is long enough", text)
		}
	})
}
