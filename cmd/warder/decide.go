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
	Person  string   `required:"" help:"Sign-in name."`
	Service string   `required:"" help:"Short name of the service."`
	At      string   `help:"For this moment, such as 2026-11-23T09:00:00Z. Left out, or now: this one." placeholder:"TIME"`
	Key     string   `help:"As if they signed in at that moment with this key (serial number)." placeholder:"SERIAL"`
	IP      string   `help:"As if the request came from this address."`
	Signal  []string `help:"As if this were so, such as new_network or impossible_travel. May be given more than once." placeholder:"NAME"`
}

var (
	badTime   = problem.Define(problem.Invalid, "usage.bad_time", "A moment cannot be read.", "Write it as 2026-11-23T09:00:00Z.")
	badSignal = problem.Define(problem.Invalid, "usage.bad_signal", "There is no such signal.", "Write one or more of: new_network, new_asn, new_country, impossible_travel, new_device, unusual_hour, failure_burst, listed_network, key_reported_lost.")
	badIP     = problem.Define(problem.Invalid, "usage.bad_ip", "An address cannot be read.", "Write it as 192.0.2.7 or 2001:db8::7.")
)

func (c *decideCommand) Run(w *world) error {
	at := w.now()
	if c.At != "" && c.At != "now" {
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
	signals, err := supposed(c.Signal)
	if err != nil {
		return err
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
		what := decision.Supposition{Person: person.ID, Service: service.ID, At: at, IP: ip, Signals: signals}
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

// supposed is the signals of these names, as if each had been seen.
func supposed(names []string) (policy.Signals, error) {
	var s policy.Signals
	known := map[string]*policy.Truth{"new_network": &s.NewNetwork, "new_asn": &s.NewASN, "new_country": &s.NewCountry, "impossible_travel": &s.ImpossibleTravel,
		"new_device": &s.NewDevice, "unusual_hour": &s.UnusualHour, "failure_burst": &s.FailureBurst, "listed_network": &s.ListedNetwork, "key_reported_lost": &s.KeyReportedLost}
	for _, name := range names {
		signal := known[name]
		if signal == nil {
			return policy.Signals{}, badSignal.New().At(problem.Field{Name: "signal", Message: name + " is not known"})
		}
		*signal = policy.Yes
	}
	return s, nil
}
