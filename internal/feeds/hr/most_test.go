package hr

import (
	"strings"
	"testing"

	"github.com/warder-project/warder/internal/base/problem"
)

func TestFileWithMorePeopleThanFitIsRefusedWhole(t *testing.T) {
	t.Parallel()
	const three = "user_name,name\na,A\nb,B\nc,C\n"
	if file, err := parse("staff.csv", strings.NewReader(three), 3); err != nil || len(file.Rows) != 3 {
		t.Errorf("as many as may be: %d rows, %v", len(file.Rows), err)
	}
	file, err := parse("staff.csv", strings.NewReader(three), 2)
	if found, ok := problem.Of(err); !ok || found.Code != TooManyPeople.Code || len(file.Rows) != 0 ||
		found.Fields[0].String() != "staff.csv:4:1: expected at most 2 people in one file" {
		t.Errorf("one more: %d rows, %v", len(file.Rows), err)
	}
}
