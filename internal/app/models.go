package app

import (
	"context"
	"fmt"
	"io"

	"github.com/warder-project/warder/internal/access/recall"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/keys"
)

// PutModel adds a model or changes it, and says what may be done with it now.
func (a *App) PutModel(ctx context.Context, actor audit.Actor, out io.Writer, model keys.Model) error {
	effect, err := a.Recall.Put(ctx, actor, model)
	if err != nil {
		return err
	}
	kept, verb := effect.Model, "may be registered"
	switch {
	case !kept.Allowed:
		verb = "may not be registered"
	case !effect.After.Register:
		verb = "is allowed, but may not be registered while there is a warning about it"
	}
	if _, err := fmt.Fprintf(out, "%s %s (%s) %s.\n", kept.Vendor, kept.Name, kept.AAGUID, verb); err != nil {
		return err
	}
	if effect.Sessions == 0 {
		return nil
	}
	_, err = fmt.Fprintf(out, "Sessions that count as %s from their next request on: %d.\n", effect.After.Words(), effect.Sessions)
	return err
}

// ForeseeModel says what a change of a model would mean for those who have such keys, and
// changes nothing.
func (a *App) ForeseeModel(ctx context.Context, out io.Writer, model keys.Model) error {
	effect, err := a.Recall.Foresee(ctx, model)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "Credentials of this model in use: %d. People who have them: %d.\n", effect.Credentials, effect.People)
	if effect.Credentials > 0 {
		tellWorth(out, effect)
	}
	_, err = fmt.Fprintln(out, "Nothing was changed.")
	return err
}

// tellWorth says what changes for those who have keys of the model.
func tellWorth(out io.Writer, effect recall.Effect) {
	fmt.Fprintf(out, "They count as %s now, and would count as %s.\n", effect.Before.Words(), effect.After.Words())
	switch {
	case effect.Sessions == 0:
	case effect.After.SignIn:
		fmt.Fprintf(out, "Sessions that would count for less from their next request on: %d.\n", effect.Sessions)
	default:
		fmt.Fprintf(out, "Sessions that would end: %d.\n", effect.Sessions)
	}
}
