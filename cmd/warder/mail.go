package main

import (
	"fmt"
	"time"

	"github.com/warder-project/warder/internal/app"
	"github.com/warder-project/warder/internal/app/post"
	"github.com/warder-project/warder/internal/base/mail"
)

type mailCommand struct {
	List mailList `cmd:"" help:"List messages that have not arrived, with what the mail server said, never their text. Exit code 1 when there are any."`
	Test mailTest `cmd:"" help:"Send a test message at once and print what the mail server answered."`
}

type mailList struct {
	settings
	Limit int `help:"How many at most." default:"100"`
}

func (c *mailList) Run(w *world) error {
	return c.with(w, func(a *app.App) error {
		if !a.Config.SendsMail() {
			fmt.Fprintln(w.stdout, "No mail server is named (smtp_host): messages stay in the outbox, and none is sent later.")
		}
		list, err := a.Post.Undelivered(w.ctx, c.Limit)
		if err != nil {
			return err
		}
		if len(list) == 0 {
			fmt.Fprintln(w.stdout, "Nothing is undelivered.")
			return nil
		}
		table := newTable(w.stdout, "MESSAGE", "PERSON", "WRITTEN", "TRIES", "STATE", "WHAT WAS SAID LAST")
		for _, one := range list {
			state := "waits until " + one.NextAt.UTC().Format(time.DateTime)
			if one.State == mail.Failed {
				state = "given up " + one.SettledAt.UTC().Format(time.DateTime)
			}
			table.row(string(one.ID), string(one.Person), one.CreatedAt.UTC().Format(time.DateTime), fmt.Sprint(one.Tries), state, one.Answer)
		}
		if err := table.flush(); err != nil {
			return err
		}
		return exitFindings
	})
}

type mailTest struct {
	settings
	Address string `arg:"" help:"Where to send it."`
}

func (c *mailTest) Run(w *world) error {
	return c.with(w, func(a *app.App) error {
		answer, err := post.Test(w.ctx, a.Config, a.Post, c.Address)
		if err != nil {
			return err
		}
		fmt.Fprintf(w.stdout, "The mail server has taken the message: %s\n", answer)
		return nil
	})
}
