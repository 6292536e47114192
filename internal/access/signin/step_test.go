package signin

import (
	"testing"

	"github.com/warder-project/warder/internal/access/signin/attempts"
)

func TestUnknownStateIsNeitherOverNorAnswered(t *testing.T) {
	t.Parallel()
	for _, state := range []attempts.State{"", "done", "FINISHED"} {
		if step, err := next(attempts.Attempt{State: state}); err == nil {
			t.Errorf("an attempt in state %q was answered with %+v", state, step)
		}
	}
}

func TestEveryProblemSaysWhatToDo(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, one := range Problems() {
		if seen[one.Code] || one.Code == "" || one.Sentence == "" || one.Next == "" {
			t.Errorf("problem %q is there twice or says too little", one.Code)
		}
		seen[one.Code] = true
	}
	if got := definition("no.such"); got.Code != attempts.ErrNotFound.Code {
		t.Errorf("an unknown refusal is shown as %s", got.Code)
	}
}
