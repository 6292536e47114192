package main

import "testing"

func TestOnlyRootOrTheOwnerOfTheMasterKeyRecovers(t *testing.T) {
	t.Parallel()
	for _, one := range []struct {
		user, owner int
		want        bool
	}{{0, 0, true}, {0, 1000, true}, {1000, 1000, true}, {1001, 1000, false}, {1000, 0, false}, {-1, 0, false}} {
		if got := mayRecover(one.user, one.owner); got != one.want {
			t.Errorf("user %d, owner %d: %v", one.user, one.owner, got)
		}
	}
}
