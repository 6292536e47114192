package places

import (
	"bytes"
	"net/netip"
	"strings"
)

// List is a set of addresses and networks that somebody gathered, such as the exits
// of Tor.
type List struct {
	Name  string
	table prefixes[struct{}]
}

// ReadList reads one address or network a line. What follows a space or "#" is a
// remark. Problem: Unusable.
func ReadList(name, file string, data []byte) (*List, error) {
	list := &List{Name: name}
	number := 0
	for line := range bytes.Lines(data) {
		number++
		text, _, _ := strings.Cut(string(bytes.TrimRight(line, "\r\n")), "#")
		words := strings.Fields(strings.TrimPrefix(text, "\ufeff"))
		if len(words) == 0 {
			continue
		}
		prefix, err := readPrefix(words[0])
		if err != nil {
			return nil, wrong(file, number, err.Error())
		}
		if len(list.table.entries) >= mostEntries {
			return nil, wrong(file, number, "there are more lines than can be kept")
		}
		list.table.add(prefix, struct{}{})
	}
	return list, nil
}

// Contains reports whether the address is on the list.
func (l *List) Contains(address netip.Addr) bool {
	_, _, found := l.table.find(address.Unmap().WithZone(""))
	return found
}

// Len is how many lines the list has.
func (l *List) Len() int { return len(l.table.entries) }
