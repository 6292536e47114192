package assess

import (
	"time"

	"github.com/warder-project/warder/internal/feeds/cloud"
	"github.com/warder-project/warder/internal/feeds/cloud/aws"
	"github.com/warder-project/warder/internal/proof/coverage"
)

func (r *run) aws() error {
	in := &r.inputs
	given := in.AWSCredentialReport != nil || in.AWSMFADevices != nil || in.AWSVirtualMFADevices != nil || in.AWSAccountSummary != nil
	unused := r.notUsed("aws", "AWS", given)
	var beside aws.Supplement
	var err error
	if beside.Devices, err = r.awsDevices(in.AWSMFADevices, cloud.AWSMFADevices); err != nil {
		return err
	}
	if beside.Virtual, err = r.awsDevices(in.AWSVirtualMFADevices, cloud.AWSVirtualMFADevices); err != nil {
		return err
	}
	if beside.Summary, err = r.awsSummary(); err != nil {
		return err
	}
	if in.AWSCredentialReport != nil {
		return r.awsReport(&beside)
	}
	if given || !unused {
		r.facts.Gaps = append(r.facts.Gaps, coverage.Gap{Sentence: "There is no AWS credential report, so the accounts in AWS are not known.",
			Next: "Give --aws-credential-report, or --not-used aws if the organisation has no AWS account."})
	}
	return nil
}

func (r *run) awsDevices(source *Source, kind cloud.Kind) (*aws.Devices, error) {
	if source == nil {
		return nil, nil
	}
	t := take(source, kind)
	read := aws.ReadDevices
	if kind == cloud.AWSVirtualMFADevices {
		read = aws.ReadVirtualDevices
	}
	devices, err := read(source.Name, t.reader)
	if err != nil {
		return nil, err
	}
	fresh, err := r.done(t, devices.Count+devices.Spare, time.Time{})
	if err != nil || !fresh {
		return nil, err
	}
	return devices, nil
}

func (r *run) awsSummary() (*aws.Summary, error) {
	source := r.inputs.AWSAccountSummary
	if source == nil {
		return nil, nil
	}
	t := take(source, cloud.AWSAccountSummary)
	summary, err := aws.ReadSummary(source.Name, t.reader)
	if err != nil {
		return nil, err
	}
	fresh, err := r.done(t, 1, time.Time{})
	if err != nil || !fresh {
		return nil, err
	}
	return summary, nil
}

// awsReport reads the users straight into the facts: there may be a million.
func (r *run) awsReport(beside *aws.Supplement) error {
	source := r.inputs.AWSCredentialReport
	t := take(source, cloud.AWSCredentialReport)
	var generated time.Time
	fresh, root := false, false
	sink := aws.Sink{
		Begin: func(at time.Time) {
			generated = at
			fresh = !r.aged(source, at).Stale
		},
		User: func(user *aws.User) {
			r.awsFind(user, beside)
			root = root || user.Root
			r.facts.Add(beside.Account(user, r.awsSystem, fresh))
		},
	}
	rows, err := aws.ReadReport(source.Name, t.reader, sink)
	if err != nil {
		return err
	}
	if !root {
		// Trap 3: some tools leave root out. It is there all the same, and nothing
		// is known of it.
		r.facts.Find("aws.no_root", "The credential report has no row for root. Whether root has a second factor is not known.", r.facts.Systems[r.awsSystem].Name)
		r.facts.Add(coverage.Account{Name: "<root_account>", System: r.awsSystem, Kind: coverage.OfRoot, Privileged: coverage.Yes})
	}
	r.awsStrength(beside)
	_, err = r.done(t, rows, generated)
	return err
}

// awsFind notes what a person ought to look at, and makes the system at the
// first row: before that its number is not known.
func (r *run) awsFind(user *aws.User, beside *aws.Supplement) {
	if !r.hasAWS {
		r.hasAWS = true
		r.awsSystem = r.facts.AddSystem(coverage.System{Name: aws.SystemName(user.Account), Cloud: aws.Cloud})
	}
	switch {
	case user.Root && user.Keys > 0:
		r.facts.Find("aws.root_keys", "Root has access keys in use. They are one factor and open everything.", user.Name)
	case user.Keys > 0 && user.MFA == coverage.No:
		r.facts.Find("aws.keys_without_mfa", "Users with access keys in use and no MFA device: the key alone is enough unless a policy says otherwise.", user.Name)
	}
	if user.Odd != "" {
		r.facts.Find("aws.odd_value", "Values in true-or-false columns that Warder does not know; taken as not known.", user.Name)
	}
	if user.Root && beside.Summary != nil && user.MFA != coverage.Unknown && beside.Summary.RootMFA != coverage.Unknown && user.MFA != beside.Summary.RootMFA {
		r.facts.Find("aws.root_contradiction", "The credential report and the account summary differ on whether root has a second factor. The answer no counts; export both again.", user.Name)
	}
}

// awsStrength: AWS withdrew text messages, so with both lists of devices it is
// known whether an old one is left.
func (r *run) awsStrength(beside *aws.Supplement) {
	if beside.Devices == nil || beside.Virtual == nil {
		return
	}
	r.awsPhone = coverage.Yes
	for account := range r.facts.Accounts() {
		if account.System == r.awsSystem && account.Methods&coverage.Phone != 0 {
			r.awsPhone = coverage.No
		}
	}
}

// settleAWS: what the accounts say about the service once it is known which are
// counted. A single console user without a device disproves enforcement;
// nothing in these files proves it.
func (r *run) settleAWS() {
	if !r.hasAWS {
		return
	}
	system := &r.facts.Systems[r.awsSystem]
	system.PhoneForbidden = r.awsPhone
	for account := range r.facts.Accounts() {
		if account.System == r.awsSystem && account.Excluded == coverage.Counted && account.Required == coverage.No {
			system.Enforced, system.Resistant = coverage.No, coverage.No
			system.Notes = append(system.Notes, "At least one user signs in to the console with a password alone.")
			return
		}
	}
}
