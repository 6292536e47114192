package signinweb

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/warder-project/warder/internal/access/signin"
	"github.com/warder-project/warder/internal/access/signin/attempts"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/signals"
	"github.com/warder-project/warder/internal/registry/factors"
)

// The browser may offer the keys it knows while somebody types their user name
// (WebAuthn Level 3 §5.1.4, conditional mediation). The start page's script asks
// here for a challenge, and sends the answer to the page of the attempt, where it
// is judged like every other.

const autofillPath = "/autofill"

const autofillScript = "autofill.js"

// autofillView is the form that the script sends.
type autofillView struct {
	Begin   string
	Origin  string
	Carried []web.HiddenField
	Answer  string
	Deed    web.HiddenField
}

func (p *Pages) autofillView(r *http.Request, asked errand) *autofillView {
	return &autofillView{Begin: autofillPath, Origin: web.Origin(r), Carried: asked.Carried,
		Answer: web.CeremonyAnswer, Deed: web.HiddenField{Name: fieldDeed, Value: deedUse}}
}

// beginAutofill opens an attempt that names nobody, and answers with its challenge
// and its page. Nobody learns from it who has an account.
func (p *Pages) beginAutofill(w http.ResponseWriter, r *http.Request) error {
	asked, session, err := p.opening(r)
	if err != nil {
		return err
	}
	if session.ID != "" {
		return attempts.ErrWrongStep.New() // there is nobody to be found out
	}
	attempt, browser, err := p.deps.Flow.Begin(r.Context(), signin.Ask{
		Browser: p.deps.Cookies.attempt(r), Require: asked.Need, Service: asked.Service, Return: asked.To,
	})
	if err != nil {
		return err
	}
	if err := p.deps.Flow.Identify(r.Context(), attempt.ID, browser, ""); err != nil {
		return err
	}
	step, err := p.deps.Flow.Next(r.Context(), attempt.ID, browser)
	if err != nil {
		return err
	}
	use, ok := step.(signin.UseKey)
	if !ok {
		return fmt.Errorf("an attempt that names nobody asks for %T, not for a key", step)
	}
	answer, err := json.Marshal(map[string]any{"action": SignInPath + "/" + string(attempt.ID), "options": json.RawMessage(use.Options)})
	if err != nil {
		return fmt.Errorf("write a challenge: %w", err)
	}
	p.deps.Cookies.begun(w, browser)
	w.Header().Set("Content-Type", "application/json")
	_, err = w.Write(answer)
	return err
}

// unknown is the signal for a key that the browser offered and that is good for
// nothing here, or none. Where the key had to be one of a list, or of somebody who
// is signed in, another person's good key could be the one that was refused.
func unknown(r *http.Request, step signin.UseKey, wrong error) []signals.Signal {
	var options struct {
		RPID  string            `json:"rpId"`
		Allow []json.RawMessage `json:"allowCredentials"`
	}
	if json.Unmarshal(step.Options, &options) != nil {
		return nil
	}
	anybody := len(options.Allow) == 0 && !web.ViewerOf(r).SignedIn() && !step.NewKey
	if !problem.Is(wrong, factors.CredentialRemoved) && (!anybody || !problem.Is(wrong, factors.UnknownCredential)) {
		return nil
	}
	var given struct {
		ID string `json:"id"`
	}
	if json.Unmarshal([]byte(r.PostFormValue(web.CeremonyAnswer)), &given) != nil {
		return nil
	}
	if id, err := base64.RawURLEncoding.Strict().DecodeString(given.ID); err != nil || len(id) == 0 || len(id) > 1023 {
		return nil // WebAuthn Level 3 §4: no credential has such an id
	}
	return []signals.Signal{signals.Unknown(options.RPID, given.ID)}
}
