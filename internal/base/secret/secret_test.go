package secret_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/warder-project/warder/internal/base/secret"
)

func TestSecretIsShownInNoWayButOnPurpose(t *testing.T) {
	t.Parallel()
	const text = "b3a7-do-not-show"
	value := secret.New(text)
	var shown bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%o", "%t", "%c", "%20s", "%z"} {
		fmt.Fprintf(&shown, verb+"\n", value)
		fmt.Fprintf(&shown, verb+"\n", &value)
		fmt.Fprintf(&shown, verb+"\n", []secret.Value{value})
		fmt.Fprintf(&shown, verb+"\n", struct{ Token secret.Value }{value})
	}
	for _, handler := range []slog.Handler{slog.NewJSONHandler(&shown, nil), slog.NewTextHandler(&shown, nil)} {
		slog.New(handler).Info("signed in", "token", value, "in", struct{ Token secret.Value }{value})
	}
	if err := json.NewEncoder(&shown).Encode(map[string]any{"token": value, "list": []secret.Value{value}}); err != nil {
		t.Fatal(err)
	}
	for _, form := range []string{text, fmt.Sprintf("%x", text), fmt.Sprintf("%X", text), "[98 51"} {
		if at := strings.Index(shown.String(), form); at >= 0 {
			t.Errorf("shown as %q", shown.String()[at:])
		}
	}
	if value.Reveal() != text {
		t.Error("not even on purpose")
	}
}

func TestEmptySecretEqualsNothing(t *testing.T) {
	t.Parallel()
	var empty secret.Value
	token := secret.Token()
	if empty.Equal(secret.New("")) || empty.Equal(token) || token.Equal(empty) || token.Equal(secret.Token()) {
		t.Error("equal to what it is not")
	}
	if !token.Equal(secret.New(token.Reveal())) || len(token.Reveal()) != 43 {
		t.Errorf("a token of %d characters is not itself", len(token.Reveal()))
	}
}
