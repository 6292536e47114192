package canonical

import "github.com/warder-project/warder/internal/access/policy"

// How many truths there are in the two fields of them. Each takes two bits; one that
// is new goes to the end.
const (
	truthCount  = 12
	signalCount = 9
)

func truthsOf(f *policy.Facts) []policy.Truth {
	return []policy.Truth{claim(f.Vouched), f.ServiceKnown, f.ServiceAdmitted, f.PersonKnown, f.PersonMaySignIn, claim(f.NoKey),
		f.KeyKnown, f.KeyMaySignIn, f.CredentialActive, f.Privileged, f.Device, claim(f.Network.Known)}
}

func (r *reader) truths(f *policy.Facts, packed uint64) {
	f.Vouched = r.claim(&packed)
	f.ServiceKnown, f.ServiceAdmitted = r.truth(&packed), r.truth(&packed)
	f.PersonKnown, f.PersonMaySignIn = r.truth(&packed), r.truth(&packed)
	f.NoKey = r.claim(&packed)
	f.KeyKnown, f.KeyMaySignIn, f.CredentialActive = r.truth(&packed), r.truth(&packed), r.truth(&packed)
	f.Privileged, f.Device = r.truth(&packed), r.truth(&packed)
	f.Network.Known = r.claim(&packed)
}

func signalsOf(f *policy.Facts) []policy.Truth {
	s := &f.Signals
	return []policy.Truth{s.NewNetwork, s.NewASN, s.NewCountry, s.ImpossibleTravel, s.NewDevice, s.UnusualHour, s.FailureBurst, s.ListedNetwork, s.KeyReportedLost}
}

func (r *reader) signals(s *policy.Signals, packed uint64) {
	for _, signal := range []*policy.Truth{&s.NewNetwork, &s.NewASN, &s.NewCountry, &s.ImpossibleTravel, &s.NewDevice, &s.UnusualHour,
		&s.FailureBurst, &s.ListedNetwork, &s.KeyReportedLost} {
		*signal = r.truth(&packed)
	}
}

// pack puts truths together. What is none is not known, and policy reads it so too.
func pack(all []policy.Truth) uint64 {
	var packed uint64
	for i, truth := range all {
		packed |= uint64(known(truth, policy.Yes)) << (2 * i)
	}
	return packed
}

func (r *reader) truth(packed *uint64) policy.Truth {
	truth := policy.Truth(*packed & 3)
	*packed >>= 2
	if truth > policy.Yes {
		r.fail("a truth is neither yes nor no nor unknown")
	}
	return truth
}

// claim is a fact that is never unknown: what does not hold takes no room.
func claim(holds bool) policy.Truth {
	if holds {
		return policy.Yes
	}
	return policy.Unknown
}

func (r *reader) claim(packed *uint64) bool {
	truth := r.truth(packed)
	if truth == policy.No {
		r.fail("a claim is written as a truth that is no")
	}
	return truth == policy.Yes
}
