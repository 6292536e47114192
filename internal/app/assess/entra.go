package assess

import (
	"strings"
	"time"

	"github.com/warder-project/warder/internal/feeds/cloud"
	"github.com/warder-project/warder/internal/feeds/cloud/entra"
	"github.com/warder-project/warder/internal/proof/coverage"
)

func (r *run) entra() error {
	in := &r.inputs
	given := len(in.EntraRegistrations) > 0 || len(in.EntraConditionalAccess) > 0 || in.EntraAuthenticationMethods != nil
	unused := r.notUsed("entra", "Entra", given)
	policies, err := r.entraPolicies()
	if err != nil {
		return err
	}
	tenant, err := r.entraMethods()
	if err != nil {
		return err
	}
	if given {
		system := r.facts.AddSystem(entra.System(policies, tenant))
		if err := r.entraRegistrations(system, policies, tenant); err != nil {
			return err
		}
	}
	if len(in.EntraRegistrations) == 0 && (given || !unused) {
		r.facts.Gaps = append(r.facts.Gaps, coverage.Gap{Sentence: "There is no Entra export of registration details, so the accounts in Entra are not known.",
			Next: "Give --entra-registrations, or --not-used entra if the organisation has no Entra tenant."})
	}
	return nil
}

// entraPolicies joins the pages. One page that is too old makes all of them
// unusable: they are one picture.
func (r *run) entraPolicies() (*entra.Policies, error) {
	all := &entra.Policies{}
	usable := len(r.inputs.EntraConditionalAccess) > 0
	for i := range r.inputs.EntraConditionalAccess {
		source := &r.inputs.EntraConditionalAccess[i]
		t := take(source, cloud.EntraConditional)
		page, err := entra.ReadPolicies(source.Name, t.reader)
		if err != nil {
			return nil, err
		}
		fresh, err := r.done(t, len(page.List), time.Time{})
		if err != nil {
			return nil, err
		}
		usable = usable && fresh
		all.List = append(all.List, page.List...)
		all.Complete = all.Complete || page.Complete // the last page is among them
	}
	if !usable {
		return nil, nil
	}
	return all, nil
}

func (r *run) entraMethods() (*entra.Tenant, error) {
	source := r.inputs.EntraAuthenticationMethods
	if source == nil {
		return nil, nil
	}
	t := take(source, cloud.EntraMethods)
	tenant, err := entra.ReadMethods(source.Name, t.reader)
	if err != nil {
		return nil, err
	}
	fresh, err := r.done(t, 1, time.Time{})
	if err != nil || !fresh {
		return nil, err
	}
	return tenant, nil
}

func (r *run) entraRegistrations(system int16, policies *entra.Policies, tenant *entra.Tenant) error {
	last := len(r.inputs.EntraRegistrations) == 0
	seen := map[string]bool{}
	for i := range r.inputs.EntraRegistrations {
		source := &r.inputs.EntraRegistrations[i]
		t := take(source, cloud.EntraRegistrations)
		var newest time.Time
		page, err := entra.ReadRegistrations(source.Name, t.reader, func(row *entra.Registration) {
			if row.LastUpdated.After(newest) {
				newest = row.LastUpdated.Time
			}
			r.entraAdd(row, source, entraContext{system, policies, tenant, seen})
		})
		if err != nil {
			return err
		}
		last = last || page.Next == ""
		if _, err := r.done(t, page.Rows, newest); err != nil {
			return err
		}
	}
	if !last {
		r.facts.Gaps = append(r.facts.Gaps, coverage.Gap{Sentence: "The last page of the Entra registration details says that there is another page, which was not given.",
			Next: "Export all pages (follow @odata.nextLink to the end) and give every one with --entra-registrations."})
	}
	return nil
}

// entraContext is what a row is judged with.
type entraContext struct {
	system   int16
	policies *entra.Policies
	tenant   *entra.Tenant
	seen     map[string]bool
}

func (r *run) entraAdd(row *entra.Registration, source *Source, in entraContext) {
	name := strings.ToLower(row.UserPrincipalName)
	if in.seen[name] {
		r.facts.Find("entra.twice", "Users who are listed more than once in the registration details; counted once.", row.UserPrincipalName)
		return
	}
	in.seen[name] = true
	// Each row says when it was last updated; that is the age of its facts.
	fresh := !r.aged(source, row.LastUpdated.Time).Stale
	account := row.Account(in.system, fresh, in.policies, in.tenant)
	r.entraFind(row, account.Methods)
	r.facts.Add(account)
}

func (r *run) entraFind(row *entra.Registration, methods coverage.Method) {
	if row.IsMFARegistered.Fact == coverage.Yes && row.IsMFACapable.Fact == coverage.No {
		r.facts.Find("entra.registered_not_capable", "Users who have a second factor set up that policy does not let them use.", row.UserPrincipalName)
	}
	if methods&coverage.AppPassword != 0 {
		r.facts.Find("entra.app_password", "Users with an app password, which goes round the second factor.", row.UserPrincipalName)
	}
	if methods&coverage.Unrecognised != 0 {
		for _, word := range *row.MethodsRegistered {
			if entra.MethodOf(word) == coverage.Unrecognised {
				r.facts.Find("entra.unknown_method", "Words for a method that Warder does not know; nothing is assumed about them.", word)
			}
		}
	}
}
