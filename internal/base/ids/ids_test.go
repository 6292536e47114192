package ids_test

import (
	"strings"
	"testing"

	"github.com/warder-project/warder/internal/base/ids"
)

func TestIdentifierIsReadAsItWasWrittenOrNotAtAll(t *testing.T) {
	t.Parallel()
	key := ids.New[ids.Key]()
	if got, err := ids.Parse[ids.Key](string(key)); err != nil || got != key {
		t.Errorf("%s came back as %q: %v", key, got, err)
	}
	if other := ids.New[ids.Key](); other == key {
		t.Error("two identifiers are the same")
	}
	text := "key_00000000000000000000000000"
	for name, wrong := range map[string]string{
		"nothing": "", "no random part": "key_", "another type's": "prs" + text[3:], "upper case": "key_" + strings.Repeat("A", 26),
		"too short": text[:len(text)-1], "too long": text + "0", "a space": text + " ", "a line break at the end": text + "\n",
		"a line break within": text[:10] + "\r\n" + text[10:], "other bits in the last letter": text[:len(text)-1] + "1",
	} {
		if got, err := ids.Parse[ids.Key](wrong); err == nil {
			t.Errorf("%s: %q was read as %q", name, wrong, got)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("ses_00000000000000000000000000")
	f.Add("ses_0000000000000000000000000\n0")
	f.Fuzz(func(t *testing.T, text string) {
		if got, err := ids.Parse[ids.Session](text); err == nil && (string(got) != text || len(text) != len("ses_")+26) {
			t.Errorf("%q was read as %q", text, got)
		}
	})
}
