package policy

import "slices"

// addPlaces names each rule that asks for a device or a network that this is not.
// Signing in again would not help, nor does an exception.
func addPlaces(verdict *Verdict, rules *outcome, f *Facts) {
	for _, rule := range rules.matched {
		for _, code := range rule.Misplaced(f) {
			if code != "" {
				verdict.add(Deny, reason(code, rule.ID))
			}
		}
	}
}

// Misplaced says why neither the device nor the network is what the rule asks for; "" is
// no objection.
func (r *Rule) Misplaced(f *Facts) [2]Code { return [2]Code{r.deviceFault(f), r.networkFault(f)} }

func (r *Rule) deviceFault(f *Facts) Code {
	switch {
	case !r.Device || f.Device == Yes:
		return ""
	case f.Device == No:
		return CodeDeviceNotManaged
	}
	return CodeDeviceUnsure
}

func (r *Rule) networkFault(f *Facts) Code {
	switch {
	case len(r.Networks) == 0:
		return ""
	case !f.Network.Known:
		return CodeNetworkUnsure
	}
	for _, name := range r.Networks {
		if slices.Contains(f.Network.Names, name) {
			return ""
		}
	}
	return CodeNetworkElsewhere
}
