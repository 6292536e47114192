package signinweb

import (
	"net/http"

	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/govuk"
)

// Browsers tells browsers apart. Its owner is access/risk.
type Browsers interface {
	// Of is the name of a browser, and what lets it keep that once it has signed somebody in.
	Of(r *http.Request) (name string, keep func(w http.ResponseWriter))
}

const fieldInHand = "in-hand"

// inHand is the question of a re-validation. It stands before the form of the key,
// and the attribute ties it to that.
func inHand(wrong error) *govuk.Radios {
	tied := govuk.Attributes{"form": formID, "required": ""}
	return &govuk.Radios{Name: fieldInHand, ErrorMessage: web.ErrorFor(web.Complaints(wrong), fieldInHand),
		Fieldset: &govuk.Fieldset{Legend: govuk.Legend{Text: "Is this security key in your hand?", Classes: "govuk-fieldset__legend--m"}},
		Items: []govuk.Choice{
			{Value: "yes", Text: "Yes, I am holding it", Attributes: tied},
			{Value: "no", Text: "No, or this is not me", Attributes: tied, Hint: govuk.Hint{Text: "The session is ended, and the security team is told."}},
		}}
}
