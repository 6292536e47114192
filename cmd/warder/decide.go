package main

import (
	"fmt"
	"net/netip"
	"time"

	"github.com/warder-project/warder/internal/access/decision"
	"github.com/warder-project/warder/internal/access/policy"
	"github.com/warder-project/warder/internal/app"
	"github.com/warder-project/warder/internal/base/problem"
)

type decideCommand struct {
	settings
	Person  string `required:"" help:"Sign-in name."`
	Service string `required:"" help:"Short name of the service."`
	At      string `help:"For this moment instead of now, such as 2026-11-23T09:00:00Z." placeholder:"TIME"`
	Key     string `help:"As if they signed in at that moment with this key (serial number)." placeholder:"SERIAL"`
	IP      string `help:"As if the request came from this address."`
}

var (
	badTime = problem.Define(problem.Invalid, "usage.bad_time", "A moment cannot be read.", "Write it as 2026-11-23T09:00:00Z.")
	badIP   = problem.Define(problem.Invalid, "usage.bad_ip", "An address cannot be read.", "Write it as 192.0.2.7 or 2001:db8::7.")
)

func (c *decideCommand) Run(w *world) error {
	at := w.now()
	if c.At != "" {
		parsed, err := time.Parse(time.RFC3339, c.At)
		if err != nil {
			return badTime.New().At(problem.Field{Name: "at", Message: c.At + " is not a moment"})
		}
		at = parsed
	}
	var ip netip.Addr
	if c.IP != "" {
		parsed, err := netip.ParseAddr(c.IP)
		if err != nil {
			return badIP.New().At(problem.Field{Name: "ip", Message: c.IP + " is not an address"})
		}
		ip = parsed
	}
	return c.with(w, func(a *app.App) error {
		person, err := a.People.ByUserName(w.ctx, c.Person)
		if err != nil {
			return err
		}
		service, err := a.Services.BySlug(w.ctx, c.Service)
		if err != nil {
			return err
		}
		what := decision.Supposition{Person: person.ID, Service: service.ID, At: at, IP: ip}
		if c.Key != "" {
			key, err := a.Keys.BySerial(w.ctx, c.Key)
			if err != nil {
				return err
			}
			what.Key = key.ID
		}
		explained, err := a.Decisions.Explain(w.ctx, what)
		if err != nil {
			return err
		}
		fmt.Fprint(w.stdout, explained.Text())
		if explained.Trace.Verdict.Effect != policy.Allow {
			return exitRefused
		}
		return nil
	})
}
