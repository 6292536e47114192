package places

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// Kind says what a named network means for what is unusual.
type Kind string

// The kinds. None of them lowers what a service asks for.
const (
	Known   Kind = "known"   // an office: nothing about the place is unusual there
	Egress  Kind = "egress"  // where a VPN comes out: the address says nothing about where the person is
	Roaming Kind = "roaming" // a mobile operator's range: another address each time, so that only the country counts
)

// Named is a network with the name that policy knows it by.
type Named struct {
	Name   string
	Kind   Kind
	Prefix netip.Prefix
}

// ParseNamed reads "NAME [known|egress|roaming] NETWORK".
func ParseNamed(text string) (Named, error) {
	words := strings.Fields(text)
	named := Named{Kind: Known}
	if len(words) == 3 {
		named.Kind = Kind(words[1])
		words = []string{words[0], words[2]}
	}
	if len(words) != 2 || named.Kind != Known && named.Kind != Egress && named.Kind != Roaming {
		return Named{}, fmt.Errorf("%q: expected NAME [known|egress|roaming] NETWORK, such as office 192.0.2.0/24", text)
	}
	if named.Name = words[0]; !isName(named.Name) {
		return Named{}, fmt.Errorf("%q: a name has small letters, digits and hyphens, and at most 40 of them", words[0])
	}
	prefix, err := readPrefix(words[1])
	if err == nil && prefix.Bits() == 0 {
		err = fmt.Errorf("%q: a network that is everything has no name", words[1])
	}
	if err != nil {
		return Named{}, err
	}
	named.Prefix = prefix
	return named, nil
}

func isName(name string) bool {
	for _, r := range name {
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' {
			return false
		}
	}
	return name != "" && len(name) <= 40
}

// Networks are the named ones. The zero value has none. It never changes.
type Networks struct {
	table prefixes[*within]
	all   []Named
}

// within is what is true of every address whose narrowest named network is this one.
type within struct {
	names []string // sorted
	kind  Kind
}

// NewNetworks puts named networks together. An address that lies in several has
// all their names, and the kind of the narrowest.
func NewNetworks(all []Named) *Networks {
	n := &Networks{all: slices.Clone(all)}
	for _, one := range all {
		entry, known := n.table.entries[one.Prefix]
		if !known {
			entry = &within{kind: one.Kind}
			n.table.add(one.Prefix, entry)
		}
		for _, other := range all {
			if other.Prefix.Bits() <= one.Prefix.Bits() && other.Prefix.Contains(one.Prefix.Addr()) && !slices.Contains(entry.names, other.Name) {
				entry.names = append(entry.names, other.Name)
			}
		}
		slices.Sort(entry.names)
	}
	return n
}

// Find gives the names of the networks that an address lies in, sorted, and what
// they mean; none and "" where there are none. The caller must not change the list.
func (n *Networks) Find(address netip.Addr) ([]string, Kind) {
	if n == nil {
		return nil, ""
	}
	entry, _, found := n.table.find(address.Unmap().WithZone(""))
	if !found {
		return nil, ""
	}
	return entry.names, entry.kind
}

// All lists the named networks as they were given.
func (n *Networks) All() []Named {
	if n == nil {
		return nil
	}
	return n.all
}
