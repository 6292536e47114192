package app

import (
	"context"
	"fmt"
	"io"

	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/keys"
)

// PutModel adds a model or changes it, and says what may be done with it now.
func (a *App) PutModel(ctx context.Context, actor audit.Actor, out io.Writer, model keys.Model) error {
	kept, err := a.Models.Put(ctx, actor, model)
	if err != nil {
		return err
	}
	verb := "may be registered"
	if !kept.Allowed {
		verb = "may not be registered"
	}
	_, err = fmt.Fprintf(out, "%s %s (%s) %s.\n", kept.Vendor, kept.Name, kept.AAGUID, verb)
	return err
}

// ForeseeModel says what a change of a model would mean for those who have such keys, and
// changes nothing.
func (a *App) ForeseeModel(ctx context.Context, out io.Writer, model keys.Model) error {
	next, now, err := a.Models.Try(ctx, model)
	if err != nil {
		return err
	}
	reach, err := a.Factors.OfModel(ctx, next.AAGUID)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "Credentials of this model in use: %d. People who have them: %d.\n", reach.Credentials, reach.People)
	if reach.Credentials > 0 {
		fmt.Fprintf(out, "At their next sign-in these would count as %s; now they count as %s.\n", worth(next), worth(now))
	}
	fmt.Fprintln(out, "Nothing was changed.")
	return nil
}

// worth is what credentials that have proven a model count as at most (factors.Factors).
func worth(model keys.Model) string {
	switch {
	case model.Allowed && model.HardwareBound:
		return "attested and hardware-bound"
	case model.Allowed:
		return "attested, not hardware-bound"
	}
	return "neither attested nor hardware-bound"
}
