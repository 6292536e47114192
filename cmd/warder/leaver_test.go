package main

import (
	"strings"
	"testing"
)

// What a command does to a person holds at the running server's next request,
// and no session comes to life again with a reinstatement.
func TestPersonStoppedByCommandIsOutOnTheNextRequest(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	batch := h.vendor()
	h.serve()
	for name, commands := range map[string][][]string{
		"alice": {{"person", "sign-out", "alice"}},
		"bob":   {{"person", "suspend", "bob", "--reason", "inquiry"}, {"person", "reinstate", "bob", "--reason", "cleared"}},
		"carol": {{"person", "leave", "carol"}},
		"dave":  {{"session", "end", "--person", "dave"}},
	} {
		h.must("person", "add", name, "--name", name)
		guest := h.guest(batch.NewKey())
		guest.enrol(h.invite(name))
		for _, command := range commands {
			h.must(command...)
			page, err := guest.Open(t.Context(), h.portal+"/me")
			if err != nil {
				t.Fatal(err)
			}
			if page.Address.Path != "/signin" {
				t.Errorf("after %q, the next request got %d at %s", command, page.Status, page.Address)
			}
		}
	}
	if got := h.do("person", "invite", "carol"); got.code == 0 {
		t.Error("somebody who has left got a one-time link")
	}
	h.sound()
}

// One session is listed with where it is, and ended by itself.
func TestSessionEndedByCommandIsOutOnTheNextRequest(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	batch := h.vendor()
	h.serve()
	h.must("person", "add", "alice", "--name", "Alice")
	guest := h.guest(batch.NewKey())
	guest.enrol(h.invite("alice"))
	listed := strings.Split(strings.TrimSpace(h.must("session", "list", "--person", "alice")), "\n")
	if len(listed) != 2 || !strings.Contains(listed[1], "127.0.0.1") {
		t.Fatalf("the list says %q, want one session at 127.0.0.1", listed)
	}
	id := strings.Fields(listed[1])[0]
	for _, step := range []struct {
		more []string
		path string
	}{{[]string{"--dry-run"}, "/me"}, {nil, "/signin"}} {
		if told := h.must(append([]string{"session", "end", "--id", id}, step.more...)...); !strings.Contains(told, id) {
			t.Errorf("the command says %q", told)
		}
		page, err := guest.Open(t.Context(), h.portal+"/me")
		if err != nil {
			t.Fatal(err)
		}
		if page.Address.Path != step.path {
			t.Errorf("after %q, the next request got %d at %s", step.more, page.Status, page.Address)
		}
	}
	h.sound()
}
