package main

import (
	"fmt"
	"log/slog"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/warder-project/warder/internal/app"
	"github.com/warder-project/warder/internal/base/problem"
)

type recoverCommand struct {
	settings
	UserName string        `arg:"" help:"Sign-in name of the administrator; somebody new is added."`
	Name     string        `help:"Full name of somebody new."`
	Reason   string        `required:"" help:"What has happened. It is kept in the audit record and told to every administrator."`
	For      time.Duration `default:"1h" help:"How long the link works."`
}

var notTheirs = problem.Define(problem.Forbidden, "recover.not_root",
	"Only root, or the user whom the master key belongs to, may recover Warder.",
	"Run it with sudo, or as the user that Warder runs as.")

func (c *recoverCommand) Run(w *world) error {
	checked, err := c.load()
	if err != nil {
		return err
	}
	file, err := os.Stat(checked.MasterKey)
	if err != nil {
		return unreadable.Because(err).At(fileMessage(checked.MasterKey, err))
	}
	owner, known := file.Sys().(*syscall.Stat_t)
	if !known || !mayRecover(os.Geteuid(), int(owner.Uid)) {
		return notTheirs.New()
	}
	quiet := slog.New(slog.NewTextHandler(w.stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	a, err := app.Open(w.ctx, app.Settings{Config: checked, Log: quiet, Now: w.now, AsItIs: true})
	if err != nil {
		return err
	}
	defer a.Close()
	link, err := a.Recover(w.ctx, app.Recovery{Operator: me().ID, UserName: c.UserName, Name: c.Name, Reason: c.Reason, Life: c.For})
	if err != nil {
		return err
	}
	pending, err := a.DB.Pending(w.ctx)
	if err != nil {
		return err
	}
	rule := strings.Repeat("*", 72)
	fmt.Fprintf(w.stdout, "%s\nRECOVERY ON THE HOST by %s at %s\nReason: %s\n%s is an administrator. The audit record has it, every administrator is written to,\nand somebody else must review it.\n%s\n",
		rule, me().ID, w.now().UTC().Format(time.RFC3339), c.Reason, c.UserName, rule)
	if len(pending) > 0 {
		fmt.Fprintf(w.stdout, "The database is older than this program: it lacks %d steps, the first is %s. Nothing was migrated; that happens when the server of this version starts. Back it up first.\n", len(pending), pending[0])
	}
	fmt.Fprintf(w.stdout, "Open this address once, before %s, to register a key:\n%s\n", w.now().Add(c.For).Format("2 January 2006 at 15:04"), link)
	_, _, err = a.DB.AwaitLive(w.ctx, patience)
	return err
}

// mayRecover: whoever owns the key file has what Warder itself has.
func mayRecover(user, owner int) bool { return user == 0 || user == owner }
