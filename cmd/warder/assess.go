package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/warder-project/warder/internal/app/assess"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/proof/maturity"
)

type assessCommand struct {
	AWSCredentialReport        string   `name:"aws-credential-report" help:"IAM credential report: CSV, base64, or the JSON of get-credential-report." placeholder:"FILE"`
	AWSMFADevices              string   `name:"aws-mfa-devices" help:"Output of aws iam list-mfa-devices." placeholder:"FILE"`
	AWSVirtualMFADevices       string   `name:"aws-virtual-mfa-devices" help:"Output of aws iam list-virtual-mfa-devices." placeholder:"FILE"`
	AWSAccountSummary          string   `name:"aws-account-summary" help:"Output of aws iam get-account-summary." placeholder:"FILE"`
	EntraRegistrations         []string `name:"entra-registrations" help:"userRegistrationDetails from Microsoft Graph, one file per page." placeholder:"FILE" sep:"none"`
	EntraConditionalAccess     []string `name:"entra-conditional-access" help:"Conditional access policies, one file per page." placeholder:"FILE" sep:"none"`
	EntraAuthenticationMethods string   `name:"entra-authentication-methods" help:"Authentication methods policy." placeholder:"FILE"`
	Staff                      string   `help:"Staff CSV: who counts." placeholder:"FILE"`
	NotUsed                    []string `help:"A cloud you do not use at all: aws or entra." placeholder:"CLOUD"`
	AsOf                       string   `help:"The day the answer is for. Default: today." placeholder:"DATE"`
	ExportedAt                 string   `help:"The day the files were exported, for files that do not say. Default: the date of each file on disk." placeholder:"DATE"`
	form
	CSV   string `help:"Only this criterion’s lists, as CSV." placeholder:"ID" xor:"form"`
	Level int    `help:"Exit with 1 when the evidence shows less than this level." placeholder:"1-5"`
}

// form is how an answer is wanted; text when nothing else is.
type form struct {
	JSON    bool   `help:"Print JSON." xor:"form"`
	HTML    string `help:"Write one HTML page that needs nothing else." placeholder:"OUT" xor:"form"`
	Explain string `help:"Only this criterion, with its numerator, denominator and every exclusion: L3.G1." placeholder:"ID" xor:"form"`
}

func (f form) write(w *world, answer *maturity.Assessment) error {
	switch {
	case f.JSON:
		return assess.JSON(w.stdout, answer)
	case f.HTML != "":
		return writeFile(f.HTML, func(out io.Writer) error { return assess.HTML(out, answer) })
	case f.Explain != "":
		return assess.Explain(w.stdout, answer, f.Explain)
	}
	return assess.Text(w.stdout, answer)
}

// files opens what was named and remembers what must be closed.
type files struct {
	world  *world
	dated  time.Time
	opened []io.Closer
	err    error
}

func (f *files) open(name string) *assess.Source {
	if name == "" || f.err != nil {
		return nil
	}
	reader, err := input(f.world, name)
	if err != nil {
		f.err = err
		return nil
	}
	f.opened = append(f.opened, reader)
	source := &assess.Source{Name: called(name), Reader: reader, ExportedAt: f.dated, Basis: "date given with --exported-at"}
	if f.dated.IsZero() {
		source.Basis = "date of the file on disk"
		if about, err := os.Stat(name); err == nil {
			source.ExportedAt = about.ModTime()
		}
	}
	return source
}

func (f *files) openAll(names []string) []assess.Source {
	var sources []assess.Source
	for _, name := range names {
		if source := f.open(name); source != nil {
			sources = append(sources, *source)
		}
	}
	return sources
}

func (f *files) close() {
	for _, closer := range f.opened {
		_ = closer.Close() // it was only read
	}
}

var nothingGiven = problem.Define(problem.Invalid, "assess.nothing_given", "There is nothing to assess.",
	"Give at least one export, such as --aws-credential-report FILE. `warder assess --help` lists them all.")

var badLevel = problem.Define(problem.Invalid, "usage.bad_level", "There are five levels.", "Write --level with a number from 1 to 5.")

func (c *assessCommand) Run(w *world) error {
	if c.Level < 0 || c.Level > 5 {
		return badLevel.New().At(problem.Field{Name: "level", Message: fmt.Sprintf("%d is not a level", c.Level)})
	}
	asOf := w.now()
	if c.AsOf != "" {
		given, err := day("as-of", c.AsOf)
		if err != nil {
			return err
		}
		asOf = given.Add(24*time.Hour - time.Second)
	}
	dated, err := day("exported-at", c.ExportedAt)
	if err != nil {
		return err
	}
	f := &files{world: w, dated: dated}
	defer f.close()
	inputs := assess.Inputs{
		AWSCredentialReport: f.open(c.AWSCredentialReport), AWSMFADevices: f.open(c.AWSMFADevices),
		AWSVirtualMFADevices: f.open(c.AWSVirtualMFADevices), AWSAccountSummary: f.open(c.AWSAccountSummary),
		EntraRegistrations: f.openAll(c.EntraRegistrations), EntraConditionalAccess: f.openAll(c.EntraConditionalAccess),
		EntraAuthenticationMethods: f.open(c.EntraAuthenticationMethods), Staff: f.open(c.Staff), NotUsed: c.NotUsed, AsOf: asOf,
	}
	if f.err != nil {
		return f.err
	}
	if len(f.opened) == 0 {
		return nothingGiven.New()
	}
	answer, err := assess.Run(w.ctx, inputs)
	if err != nil {
		return err
	}
	if c.CSV != "" {
		err = assess.CSV(w.stdout, answer, c.CSV)
	} else {
		err = c.write(w, answer)
	}
	if err == nil && answer.Level < c.Level {
		return exitFindings
	}
	return err
}

// writeFile writes the whole file or leaves what was there.
func writeFile(name string, write func(io.Writer) error) error {
	file, err := os.CreateTemp(filepath.Dir(name), ".warder-*")
	if err != nil {
		return unwritable.Because(err).At(fileMessage(name, err))
	}
	defer os.Remove(file.Name())
	if err := write(file); err != nil {
		file.Close()
		return err
	}
	if err := file.Close(); err != nil {
		return unwritable.Because(err).At(fileMessage(name, err))
	}
	if err := os.Rename(file.Name(), name); err != nil {
		return unwritable.Because(err).At(fileMessage(name, err))
	}
	return nil
}
