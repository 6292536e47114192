package report

import (
	"encoding/csv"
	"fmt"
	"io"
	"strings"

	"github.com/warder-project/warder/internal/proof/coverage"
	"github.com/warder-project/warder/internal/proof/maturity"
)

// CSV writes everybody behind one criterion, one row each.
func CSV(w io.Writer, a *maturity.Assessment, id string) error {
	c, err := a.Find(strings.ToUpper(id))
	if err != nil {
		return err
	}
	out := csv.NewWriter(w)
	write := func(cells ...string) {
		for i := range cells {
			cells[i] = harmless(cells[i])
		}
		err = out.Write(cells)
	}
	write("criterion", "unit", "question", "name", "in", "answer", "counted", "rule", "why")
	for _, f := range c.Figures {
		f.Walk(func(u coverage.Unit) bool {
			answer := u.Fact.String()
			if u.Excluded != coverage.Counted {
				answer = ""
			}
			write(c.ID, f.Unit, f.Sentence, u.Name, u.In, answer, fmt.Sprint(u.Excluded == coverage.Counted), u.Excluded.Code(), u.Why)
			return err == nil
		})
	}
	out.Flush()
	if err != nil {
		return fmt.Errorf("write the rows of %s: %w", c.ID, err)
	}
	return out.Error()
}

// harmless keeps a spreadsheet from running a cell as a formula: names come
// from files of others. Trap 31, OWASP CSV injection.
func harmless(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r\n|%", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}
