package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/warder-project/warder/internal/app"
	"github.com/warder-project/warder/internal/registry/services"
)

type serviceCommand struct {
	Add    serviceAdd    `cmd:"" help:"Add a service with its first route."`
	List   serviceList   `cmd:"" help:"List services and their routes."`
	Route  serviceRoute  `cmd:"" help:"Add a route to a service."`
	Action serviceAction `cmd:"" help:"What in a service asks for a touch of the key."`
	Oblige serviceOblige `cmd:"" help:"Say what a service is held to from outside."`
	Retire serviceRetire `cmd:"" help:"Close a service: nobody reaches it any more."`
}

type routeFlags struct {
	Host     string   `required:"" help:"Host under which people reach it, such as payroll.example.gov.uk."`
	Prefix   string   `default:"/" help:"Path prefix."`
	Method   []string `help:"Only these methods. Left out: all."`
	Upstream string   `help:"Address of the application behind Warder. Left out: another proxy asks Warder about each request."`
}

func (f routeFlags) route() services.NewRoute {
	return services.NewRoute{Host: f.Host, PathPrefix: f.Prefix, Methods: f.Method, Upstream: f.Upstream}
}

type serviceAdd struct {
	settings
	Slug       string   `arg:"" help:"Short name used in policies, such as payroll."`
	Name       string   `required:"" help:"What people call it."`
	Owner      string   `help:"Sign-in name of the person who answers for it."`
	Impact     int      `help:"Harm that a break-in would do, 1 to 5."`
	Obligation []string `help:"What it is held to from outside, such as nhs-mfa or caf-b2. Repeat it for more."`
	routeFlags
	UserHeader   string `help:"Header that carries the sign-in name. Default Remote-User."`
	EmailHeader  string `help:"Header that carries the e-mail address. Default Remote-Email."`
	NameHeader   string `help:"Header that carries the name. Default Remote-Name."`
	GroupsHeader string `help:"Header that carries the groups. Default Remote-Groups."`
}

func (c *serviceAdd) Run(w *world) error {
	return c.with(w, func(a *app.App) error {
		wanted := services.NewService{Slug: c.Slug, Name: c.Name, Impact: c.Impact, Obligations: c.Obligation, Routes: []services.NewRoute{c.route()},
			Identity: services.IdentityHeaders{User: c.UserHeader, Email: c.EmailHeader, Name: c.NameHeader, Groups: c.GroupsHeader}}
		if c.Owner != "" {
			owner, err := a.People.ByUserName(w.ctx, c.Owner)
			if err != nil {
				return err
			}
			wanted.Owner = owner.ID
		}
		added, err := a.Services.Add(w.ctx, me(), wanted)
		if err != nil {
			return err
		}
		fmt.Fprintf(w.stdout, "Added %s (%s). Nobody may use it until a policy rule says how they must sign in.\n", added.Slug, added.ID)
		return nil
	})
}

type serviceRoute struct {
	settings
	Slug string `arg:"" help:"Short name of the service."`
	routeFlags
}

func (c *serviceRoute) Run(w *world) error {
	return c.with(w, func(a *app.App) error {
		service, err := a.Services.BySlug(w.ctx, c.Slug)
		if err != nil {
			return err
		}
		route, err := a.Services.AddRoute(w.ctx, me(), service.ID, c.route())
		if err != nil {
			return err
		}
		fmt.Fprintf(w.stdout, "Added route %s%s to %s.\n", route.Host, route.PathPrefix, service.Slug)
		return nil
	})
}

type serviceOblige struct {
	settings
	Slug        string   `arg:"" help:"Short name of the service."`
	Obligations []string `arg:"" optional:"" help:"All it is held to, such as nhs-mfa or caf-b2. None: it is held to nothing any more."`
}

func (c *serviceOblige) Run(w *world) error {
	return c.with(w, func(a *app.App) error {
		service, err := a.Services.BySlug(w.ctx, c.Slug)
		if err != nil {
			return err
		}
		service, err = a.Services.Oblige(w.ctx, me(), service.ID, c.Obligations)
		if err != nil {
			return err
		}
		if len(service.Obligations) == 0 {
			fmt.Fprintf(w.stdout, "%s is held to nothing any more.\n", service.Slug)
			return nil
		}
		fmt.Fprintf(w.stdout, "%s is held to %s.\n", service.Slug, strings.Join(service.Obligations, ", "))
		return nil
	})
}

type serviceRetire struct {
	settings
	Slug   string `arg:"" help:"Short name of the service."`
	Reason string `required:"" help:"Why; it goes into the audit record."`
	DryRun bool   `help:"Only say what would happen."`
}

func (c *serviceRetire) Run(w *world) error {
	return c.with(w, func(a *app.App) error {
		service, err := a.Services.BySlug(w.ctx, c.Slug)
		if err != nil {
			return err
		}
		if c.DryRun {
			fmt.Fprintf(w.stdout, "Nothing has been changed. %s is %s. It would be closed for good: nobody would get in at\n", service.Slug, service.State)
			for _, route := range service.Routes {
				fmt.Fprintf(w.stdout, "  %s%s\n", route.Host, route.PathPrefix)
			}
			return nil
		}
		if _, err := a.Services.Retire(w.ctx, me(), service.ID, c.Reason); err != nil {
			return err
		}
		fmt.Fprintf(w.stdout, "%s is closed.\n", service.Slug)
		return nil
	})
}

type serviceList struct{ settings }

func (c *serviceList) Run(w *world) error {
	return c.with(w, func(a *app.App) error {
		all, err := a.Services.List(w.ctx)
		if err != nil {
			return err
		}
		table := newTable(w.stdout, "SERVICE", "NAME", "STATE", "ROUTE", "METHODS", "UPSTREAM")
		for _, service := range all {
			if len(service.Routes) == 0 {
				table.row(service.Slug, service.Name, string(service.State), "", "", "")
			}
			for _, route := range service.Routes {
				methods := "all"
				if len(route.Methods) > 0 {
					methods = strings.Join(route.Methods, " ")
				}
				table.row(service.Slug, service.Name, string(service.State), route.Host+route.PathPrefix, methods, route.Upstream)
			}
		}
		return table.flush()
	})
}

type serviceAction struct {
	Set    actionSet    `cmd:"" help:"Ask for a touch of the key for some requests of a service."`
	Remove actionRemove `cmd:"" help:"Ask for it no longer."`
	List   actionList   `cmd:"" help:"List what asks for a touch of the key."`
}

type actionSet struct {
	settings
	Slug         string        `arg:"" help:"Short name of the service."`
	Name         string        `arg:"" help:"Short name of the action, such as export. One that is there is replaced."`
	Title        string        `required:"" help:"What the person is told it is, such as \"Export the payroll\"."`
	Path         string        `default:"/" help:"Path prefix."`
	Method       []string      `help:"Only these methods. Left out: all."`
	Query        string        `help:"Only with this in the query: name=value, or name."`
	BodyOver     int64         `help:"Only when the request has more bytes than this." placeholder:"BYTES"`
	ResponseOver int64         `help:"Only when the answer has more bytes than this. For GET alone." placeholder:"BYTES"`
	RowsOver     int64         `help:"Only when the answer has more rows than this. For GET alone." placeholder:"ROWS"`
	Keep         time.Duration `help:"How long the same request may be repeated after one touch, at most 15m. Left out: one touch, one request."`
}

func (c *actionSet) Run(w *world) error {
	return c.with(w, func(a *app.App) error {
		service, err := a.Services.BySlug(w.ctx, c.Slug)
		if err != nil {
			return err
		}
		set, err := a.Services.SetAction(w.ctx, me(), service.ID, services.Action{Name: c.Name, Title: c.Title, Path: c.Path, Methods: c.Method, Query: c.Query,
			BodyOver: c.BodyOver, ResponseOver: c.ResponseOver, RowsOver: c.RowsOver, Keep: c.Keep})
		if err != nil {
			return err
		}
		fmt.Fprintf(w.stdout, "%s asks for a touch of the key for “%s”: %s. It holds from the next request.\n", service.Slug, set.Title, set)
		return nil
	})
}

type actionRemove struct {
	settings
	Slug string `arg:"" help:"Short name of the service."`
	Name string `arg:"" help:"Short name of the action."`
}

func (c *actionRemove) Run(w *world) error {
	return c.with(w, func(a *app.App) error {
		service, err := a.Services.BySlug(w.ctx, c.Slug)
		if err != nil {
			return err
		}
		if err := a.Services.RemoveAction(w.ctx, me(), service.ID, c.Name); err != nil {
			return err
		}
		fmt.Fprintf(w.stdout, "%s asks for no touch of the key for %s any more.\n", service.Slug, c.Name)
		return nil
	})
}

type actionList struct {
	settings
	Slug string `arg:"" optional:"" help:"Short name of the service. Left out: all."`
}

func (c *actionList) Run(w *world) error {
	return c.with(w, func(a *app.App) error {
		all, err := a.Services.List(w.ctx)
		if err != nil {
			return err
		}
		if c.Slug != "" {
			service, err := a.Services.BySlug(w.ctx, c.Slug)
			if err != nil {
				return err
			}
			all = []services.Service{service}
		}
		table := newTable(w.stdout, "SERVICE", "ACTION", "TITLE", "WHEN")
		for _, service := range all {
			for _, action := range service.Actions {
				table.row(service.Slug, action.Name, action.Title, action.String())
			}
		}
		return table.flush()
	})
}
