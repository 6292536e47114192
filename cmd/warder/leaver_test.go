package main

import "testing"

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
