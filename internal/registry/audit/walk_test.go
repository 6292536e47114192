package audit

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/warder-project/warder/internal/base/ids"
)

// chainOf makes a sound chain of n links, and its head.
func chainOf(n int) ([]Link, Head) {
	var links []Link
	var head Head
	for i := range n {
		entry := Entry{
			ID: ids.Entry(fmt.Sprintf("aud_%d", i+1)), At: time.UnixMilli(int64(i)).UTC(), Turn: int64(i),
			Actor: Person("prs_1"), Action: "key.blocked", Subject: "key_1",
			Number: int64(i + 1), Previous: head.Hash,
		}
		entry.Hash = chainHash(entry.Number, entry.Previous, entry)
		head = Head{Number: entry.Number, Hash: entry.Hash}
		links = append(links, Link{Entry: entry})
	}
	return links, head
}

// tamper reads pairs of bytes as deeds. The numbers are made whole again, as
// somebody would who knows that a gap is noticed.
func tamper(links []Link, deeds []byte) []Link {
	for len(deeds) >= 2 && len(links) > 0 {
		deed, place := deeds[0], int(deeds[1])%len(links)
		other := int(deeds[1]/16) % len(links)
		deeds = deeds[2:]
		switch deed % 7 {
		case 0:
			links = slices.Delete(links, place, place+1)
		case 1:
			links[place], links[other] = links[other], links[place]
		case 2:
			links[place].Subject += "x"
		case 3:
			added := links[place]
			added.ID += "x"
			links = slices.Insert(links, other, added)
		case 4:
			added := links[place]
			added.ID += "x"
			added.Number = int64(other + 1)
			added.Hash = chainHash(added.Number, added.Previous, added.Entry)
			links = slices.Insert(links, other, added)
		case 5:
			links[place].Missing = true
		case 6:
			links[place].Subject += "y"
			links[place].Hash = chainHash(links[place].Number, links[place].Previous, links[place].Entry)
		}
	}
	for i := range links {
		links[i].Number = int64(i + 1)
	}
	return links
}

// FuzzWhateverWasDoneToTheChainIsFound does random things to a chain. Verify
// may be wrong about what was done, but never silent.
func FuzzWhateverWasDoneToTheChainIsFound(f *testing.F) {
	f.Add([]byte{})
	for deed := range byte(7) {
		f.Add([]byte{deed, 0})
		f.Add([]byte{deed, 0x35})
		f.Add([]byte{deed, 0x0b, deed, 0xb0})
		f.Add([]byte{deed, 0x35, (deed + 3) % 7, 0x46})
	}
	f.Fuzz(func(t *testing.T, deeds []byte) {
		if len(deeds) > 40 {
			return
		}
		sound, head := chainOf(12)
		links := tamper(slices.Clone(sound), deeds)
		w := &walk{expected: 1}
		for _, link := range links {
			w.step(link)
		}
		w.finish(head)
		faults, _ := w.report()
		if done := !cmp.Equal(sound, links); done != (len(faults) > 0) {
			t.Errorf("tampered is %v, faults are %+v", done, faults)
		}
	})
}

func TestEveryFieldIsUnderTheHash(t *testing.T) {
	t.Parallel()
	links, _ := chainOf(2)
	entry := links[1].Entry
	entry.Details = map[string]string{"a": "b", "c": ""}
	base := chainHash(2, entry.Previous, entry)
	for name, change := range map[string]func(*Entry){
		"id":               func(e *Entry) { e.ID = "aud_x" },
		"time":             func(e *Entry) { e.At = e.At.Add(time.Millisecond) },
		"turn":             func(e *Entry) { e.Turn++ },
		"kind of actor":    func(e *Entry) { e.Actor.Kind = ActorSystem },
		"actor":            func(e *Entry) { e.Actor.ID = "prs_2" },
		"action":           func(e *Entry) { e.Action = "key.found" },
		"subject":          func(e *Entry) { e.Subject = "key_2" },
		"border of fields": func(e *Entry) { e.Action, e.Subject = e.Action+"k", "ey_1" },
		"a detail":         func(e *Entry) { e.Details = map[string]string{"a": "x", "c": ""} },
		"one detail less":  func(e *Entry) { e.Details = map[string]string{"a": "b"} },
		"border of detail": func(e *Entry) { e.Details = map[string]string{"ab": "", "c": ""} },
		"previous":         func(e *Entry) { e.Previous = nil },
	} {
		changed := entry
		change(&changed)
		if slices.Equal(chainHash(2, changed.Previous, changed), base) {
			t.Errorf("%s can be changed without a trace", name)
		}
	}
	if slices.Equal(chainHash(3, entry.Previous, entry), base) {
		t.Error("the number can be changed without a trace")
	}
}
