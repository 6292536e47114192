package main

import (
	"fmt"
	"strings"

	"github.com/warder-project/warder/internal/app"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/proof/adoption"
)

type personMethods struct {
	settings
	Single bool   `help:"List people whose access hangs from a single key, and keys that several people hang from." xor:"which"`
	Rung   string `help:"List the people of whom this is the best: none, weak, totp, passkey_synced, passkey_device, security_key, security_key_attested or two_attested." xor:"which"`
}

var noSuchRung = problem.Define(problem.Invalid, "usage.no_such_rung", "There is no such way to sign in.",
	"Run the command without --rung: the words are in the first column.")

func (c *personMethods) Run(w *world) error {
	rung, known := adoption.ParseRung(c.Rung)
	if c.Rung != "" && !known {
		return noSuchRung.New()
	}
	return c.with(w, func(a *app.App) error {
		picture, err := a.Adoption.Count(w.ctx)
		if err != nil {
			return err
		}
		switch {
		case c.Single:
			return tellSingle(w, a, picture)
		case c.Rung != "":
			return tellAccounts(w, picture.Split()[rung].All())
		}
		return tellSplit(w, picture)
	})
}

func tellSplit(w *world, picture *adoption.Picture) error {
	table := newTable(w.stdout, "BEST", "PEOPLE", "WITH A ROLE", "UNDONE BY A WEAKER WAY", "")
	for _, step := range picture.Split() {
		table.row(step.Rung.String(), fmt.Sprint(len(step.All())), fmt.Sprint(len(step.Privileged)), fmt.Sprint(len(step.Undone())), step.Rung.Name())
	}
	if err := table.flush(); err != nil {
		return err
	}
	fmt.Fprintf(w.stdout, "Two keys that work: %d of %d.\n", picture.Complete(), len(picture.Accounts))
	_, against := picture.EveryoneStrong()
	if len(against) == 0 {
		fmt.Fprintln(w.stdout, "Everybody signs in with what a fake website cannot pass on, and no way back undoes it.")
		return nil
	}
	fmt.Fprintf(w.stdout, "It cannot be said that everybody signs in strongly. %s\n", strings.Join(against, " "))
	return nil
}

func tellAccounts(w *world, accounts []*adoption.Account) error {
	table := newTable(w.stdout, "USER NAME", "NAME", "ROLES", "WAYS TO SIGN IN", "AS STRONG AS")
	for _, account := range accounts {
		var ways []string
		for _, way := range account.Ways() {
			ways = append(ways, way.String())
		}
		table.row(account.Person.UserName, account.Person.Name, listed(account.Roles), listed(ways), account.Strength().String())
	}
	return table.flush()
}

// tellSingle ends with code 1 when there are findings, as every check does.
func tellSingle(w *world, a *app.App, picture *adoption.Picture) error {
	one, shared := picture.OneKey(), picture.SharedKeys()
	fmt.Fprintf(w.stdout, "People with one key: %d\n", len(one))
	if len(one) > 0 {
		if err := tellAccounts(w, one); err != nil {
			return err
		}
	}
	fmt.Fprintf(w.stdout, "Keys that are the only key of several people: %d\n", len(shared))
	for _, found := range shared {
		key, err := a.Keys.Get(w.ctx, found.Key)
		if err != nil {
			return err
		}
		var names []string
		for _, account := range found.Accounts {
			names = append(names, account.Person.UserName)
		}
		fmt.Fprintf(w.stdout, "  %s: %s\n", keyLine(key), strings.Join(names, ", "))
	}
	if len(one)+len(shared) > 0 {
		return exitFindings
	}
	return nil
}
