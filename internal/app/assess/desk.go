package assess

import (
	"context"
	"errors"
	"io"
	"slices"
	"time"

	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/feeds/cloud"
	"github.com/warder-project/warder/internal/feeds/cloud/aws"
	"github.com/warder-project/warder/internal/feeds/cloud/entra"
	"github.com/warder-project/warder/internal/feeds/hr"
	"github.com/warder-project/warder/internal/proof/evidence"
	"github.com/warder-project/warder/internal/proof/maturity"
	"github.com/warder-project/warder/internal/registry/audit"
)

// Desk assesses from the evidence that is kept, and takes new evidence in.
type Desk struct{ deps DeskDeps }

// DeskDeps is what a Desk needs.
type DeskDeps struct {
	Archive    *evidence.Archive
	Now        func() time.Time
	Thresholds maturity.Thresholds // zero is the usual ones
	NotUsed    []string            // as Inputs.NotUsed
}

// NewDesk builds a Desk.
func NewDesk(deps DeskDeps) *Desk { return &Desk{deps: deps} }

// Upload is a file somebody brings.
type Upload struct {
	Name       string
	File       io.ReadSeeker
	ExportedAt time.Time // as the person says; zero is not known
	Another    bool      // one more page of an export: does not supersede the pages before it
}

// Add finds out what a file is, reads it to the end, and only when it is without
// fault keeps it. It supersedes what was kept of its kind.
func (d *Desk) Add(ctx context.Context, actor audit.Actor, upload Upload) (evidence.Item, error) {
	head := make([]byte, 64<<10)
	n, err := io.ReadFull(upload.File, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return evidence.Item{}, cloud.Unreadable(upload.Name, err)
	}
	kind := cloud.Sniff(head[:n])
	if _, err := upload.File.Seek(0, io.SeekStart); err != nil {
		return evidence.Item{}, cloud.Unreadable(upload.Name, err)
	}
	stated, err := check(kind, upload.Name, upload.File)
	if err != nil {
		return evidence.Item{}, err
	}
	from := evidence.Deposit{Source: sourceOf(kind), Kind: string(kind), Name: upload.Name, Original: upload.File,
		GeneratedAt: stated, Basis: "stated in the file"}
	if stated.IsZero() {
		from.GeneratedAt, from.Basis = upload.ExportedAt, "said by the person who brought it"
	}
	if upload.Another {
		return d.deps.Archive.Record(ctx, actor, from)
	}
	older, err := d.deps.Archive.List(ctx, evidence.Filter{Kind: string(kind), Limit: 1})
	if err != nil {
		return evidence.Item{}, err
	}
	if len(older) > 0 {
		from.Supersedes = older[0].ID
	}
	return d.deps.Archive.Record(ctx, actor, from)
}

func sourceOf(kind cloud.Kind) string {
	switch kind {
	case cloud.AWSCredentialReport, cloud.AWSMFADevices, cloud.AWSVirtualMFADevices, cloud.AWSAccountSummary:
		return aws.Cloud
	case cloud.Staff:
		return "HR"
	case cloud.EntraRegistrations, cloud.EntraConditional, cloud.EntraMethods:
		return entra.Cloud
	case cloud.NotKnown:
	}
	return "not known"
}

// check reads a file with its parser and says when it was made, if it says so.
func check(kind cloud.Kind, name string, r io.Reader) (stated time.Time, err error) {
	switch kind {
	case cloud.AWSCredentialReport:
		_, err = aws.ReadReport(name, r, aws.Sink{Begin: func(at time.Time) { stated = at }, User: func(*aws.User) {}})
	case cloud.AWSMFADevices:
		_, err = aws.ReadDevices(name, r)
	case cloud.AWSVirtualMFADevices:
		_, err = aws.ReadVirtualDevices(name, r)
	case cloud.AWSAccountSummary:
		_, err = aws.ReadSummary(name, r)
	case cloud.EntraRegistrations:
		_, err = entra.ReadRegistrations(name, r, func(row *entra.Registration) {
			if row.LastUpdated.After(stated) {
				stated = row.LastUpdated.Time
			}
		})
	case cloud.EntraConditional:
		_, err = entra.ReadPolicies(name, r)
	case cloud.EntraMethods:
		_, err = entra.ReadMethods(name, r)
	case cloud.Staff:
		_, err = hr.ParsePeople(name, r)
	default:
		err = problemNoExport.Detailf("%s looks like %s.", name, kind.Name()).
			At(problem.Field{File: name, Line: 1, Column: 1, Message: "found " + kind.Name() + "; expected an AWS or Entra export or a staff list"})
	}
	return stated, err
}

// Evidence is what the assessment rests on now, newest first. An export may have
// several pages; the one that begins the next export takes the place of them all,
// so of each kind nothing counts that is older than the newest beginning.
func (d *Desk) Evidence(ctx context.Context) ([]evidence.Item, error) {
	items, err := d.deps.Archive.List(ctx, evidence.Filter{Limit: mostItems})
	if err != nil {
		return nil, err
	}
	begun := map[string]bool{}
	return slices.DeleteFunc(items, func(item evidence.Item) bool {
		older := begun[item.Kind]
		begun[item.Kind] = older || item.Supersedes != ""
		return older
	}), nil
}

const mostItems = 500

// Assess assesses from the current evidence as of now.
func (d *Desk) Assess(ctx context.Context) (*maturity.Assessment, error) {
	items, err := d.Evidence(ctx)
	if err != nil {
		return nil, err
	}
	inputs := Inputs{AsOf: d.deps.Now(), Thresholds: d.deps.Thresholds, NotUsed: d.deps.NotUsed}
	for _, item := range items {
		_, original, err := d.deps.Archive.Open(ctx, item.ID)
		if err != nil {
			return nil, err
		}
		inputs.place(item, Source{Name: item.Name, Reader: original, ExportedAt: item.GeneratedAt, Basis: item.Basis})
	}
	return Run(ctx, inputs)
}

// place puts a source where its kind belongs. Of kinds that have no pages the
// newest comes first and stays.
func (in *Inputs) place(item evidence.Item, source Source) {
	single := map[cloud.Kind]**Source{cloud.AWSCredentialReport: &in.AWSCredentialReport, cloud.AWSMFADevices: &in.AWSMFADevices,
		cloud.AWSVirtualMFADevices: &in.AWSVirtualMFADevices, cloud.AWSAccountSummary: &in.AWSAccountSummary,
		cloud.EntraMethods: &in.EntraAuthenticationMethods, cloud.Staff: &in.Staff}
	kind := cloud.Kind(item.Kind)
	switch kind {
	case cloud.EntraRegistrations:
		in.EntraRegistrations = append(in.EntraRegistrations, source)
	case cloud.EntraConditional:
		in.EntraConditionalAccess = append(in.EntraConditionalAccess, source)
	default:
		if at, ok := single[kind]; ok && *at == nil {
			*at = &source
		}
	}
}
