package places

import (
	"errors"
	"net/netip"
	"slices"
)

// prefixes finds the narrowest of the networks that an address is in.
type prefixes[T any] struct {
	entries map[netip.Prefix]T
	four    []int // lengths that occur, longest first
	six     []int
}

func (p *prefixes[T]) add(prefix netip.Prefix, value T) {
	if p.entries == nil {
		p.entries = map[netip.Prefix]T{}
	}
	p.entries[prefix] = value
	lengths := &p.six
	if prefix.Addr().Is4() {
		lengths = &p.four
	}
	if !slices.Contains(*lengths, prefix.Bits()) {
		*lengths = append(*lengths, prefix.Bits())
		slices.SortFunc(*lengths, func(a, b int) int { return b - a })
	}
}

func (p *prefixes[T]) find(address netip.Addr) (T, netip.Prefix, bool) {
	lengths := p.six
	if address.Is4() {
		lengths = p.four
	}
	for _, length := range lengths {
		prefix, err := address.Prefix(length)
		if err != nil {
			break // not a valid address
		}
		if value, ok := p.entries[prefix]; ok {
			return value, prefix, true
		}
	}
	var none T
	return none, netip.Prefix{}, false
}

var errNotPrefix = errors.New("not a network: expected such as 192.0.2.0/24 or 2001:db8::/32, or one address")

// readPrefix reads a network or a single address.
func readPrefix(text string) (netip.Prefix, error) {
	if address, err := netip.ParseAddr(text); err == nil {
		address = address.Unmap().WithZone("")
		return netip.PrefixFrom(address, address.BitLen()), nil
	}
	prefix, err := netip.ParsePrefix(text)
	if err != nil || prefix.Addr().Is4In6() {
		return netip.Prefix{}, errNotPrefix
	}
	return prefix.Masked(), nil
}
