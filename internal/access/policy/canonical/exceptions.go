package canonical

import (
	"encoding/binary"
	"time"

	"github.com/warder-project/warder/internal/access/policy"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/registry/assurance"
)

// exceptions writes them one after the other, in the order in which policy looks at
// them.
func (w *writer) exceptions(f field, all []policy.Exception) {
	var packed []byte
	for i := range all {
		e := &all[i]
		packed = appendText(packed, string(e.ID))
		packed = binary.AppendUvarint(packed, packRequirement(e.Floor))
		packed = binary.AppendUvarint(packed, zigzag(int64(e.Floor.MaxAge)))
		packed = appendMoment(packed, e.From)
		packed = appendMoment(packed, e.Until)
	}
	w.text(f, string(packed))
}

func (r *reader) exceptions(f field) []policy.Exception {
	inner := reader{rest: r.text(f)}
	var all []policy.Exception
	for inner.rest != "" {
		e := policy.Exception{ID: ids.Exception(inner.piece())}
		e.Floor = unpackRequirement(inner.uvarint(), &inner)
		e.Floor.MaxAge = time.Duration(unzigzag(inner.uvarint()))
		e.From, e.Until = inner.moment(), inner.moment()
		all = append(all, e)
	}
	if inner.fault != nil {
		r.fail("field %d: %w", f, inner.fault)
	}
	return all
}

// packRequirement is a requirement without its age. A level that does not exist is
// undefined, which nobody meets.
func packRequirement(need assurance.Requirement) uint64 {
	have := assurance.Assurance{AAL: need.AAL, PhishingResistant: need.PhishingResistant, HardwareBound: need.HardwareBound,
		Attested: need.Attested, UserVerified: need.UserVerified}
	return packAssurance(have) | uint64(need.Forbid)<<6
}

func unpackRequirement(packed uint64, r *reader) assurance.Requirement {
	if packed >= 1<<14 {
		r.fail("a floor is %d, which means nothing", packed)
		packed = 0
	}
	have := unpackAssurance(packed & 63)
	return assurance.Requirement{AAL: have.AAL, PhishingResistant: have.PhishingResistant, HardwareBound: have.HardwareBound,
		Attested: have.Attested, UserVerified: have.UserVerified, Forbid: assurance.Weakness(packed >> 6)}
}

// appendMoment writes milliseconds, and what is left of the millisecond.
func appendMoment(out []byte, moment time.Time) []byte {
	out = binary.AppendUvarint(out, zigzag(moment.UnixMilli()))
	return binary.AppendUvarint(out, uint64(moment.Nanosecond()%int(time.Millisecond)))
}

func (r *reader) moment() time.Time {
	millis, rest := r.uvarint(), r.uvarint()
	if rest >= uint64(time.Millisecond) {
		r.fail("a moment has more than a millisecond below the millisecond")
		return time.Time{}
	}
	return time.UnixMilli(unzigzag(millis)).Add(time.Duration(rest)).UTC()
}
