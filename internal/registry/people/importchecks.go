package people

import (
	"fmt"
	"strings"
)

// checkEmails refuses an address that would belong to two people after the
// import. Addresses may move from one to another within one feed.
func (w *work) checkEmails() {
	for userName, person := range w.stored {
		if _, named := w.lines[userName]; !named && person.Email != "" {
			w.emails[strings.ToLower(person.Email)] = userName
		}
	}
	for i := range w.rows {
		row := &w.rows[i]
		email := row.Email
		if row.Keep.Has(FieldEmail) {
			email = w.stored[row.UserName].Email
		}
		if email == "" {
			continue
		}
		key := strings.ToLower(email)
		if other, taken := w.emails[key]; taken {
			w.fault(row, "email", fmt.Sprintf("is the address of %q as well%s; expected one address for one person", other, w.onLine(other)))
			continue
		}
		w.emails[key] = row.UserName
	}
}

// checkHeads refuses managers who do not exist and lines of management that go
// round in a circle.
func (w *work) checkHeads() {
	for userName, person := range w.stored {
		if _, named := w.lines[userName]; !named && person.Manager != "" {
			w.heads[userName] = w.byID[person.Manager]
		}
	}
	for i := range w.rows {
		row := &w.rows[i]
		manager := w.heads[row.UserName]
		if manager == "" {
			continue
		}
		_, stored := w.stored[manager]
		if _, named := w.lines[manager]; !stored && !named {
			w.fault(row, "manager", fmt.Sprintf("%q is neither in the file nor in the directory; expected the user name of the line manager", clip(manager)))
			delete(w.heads, row.UserName)
		}
	}
	w.checkCircles()
}

// checkCircles follows every line of management once. settled people are known
// to end at somebody without a manager.
func (w *work) checkCircles() {
	settled := make(map[string]bool, len(w.heads))
	for i := range w.rows {
		onTheWay := map[string]bool{}
		name := w.rows[i].UserName
		for name != "" && !settled[name] && !onTheWay[name] {
			onTheWay[name] = true
			name = w.heads[name]
		}
		if onTheWay[name] && name != "" {
			w.fault(&w.rows[i], "manager", fmt.Sprintf("the line of managers comes back to %q; expected it to end with somebody who has no manager", name))
		}
		for passed := range onTheWay {
			settled[passed] = true
		}
	}
}

func (w *work) onLine(userName string) string {
	if i, named := w.lines[userName]; named && w.rows[i].Line > 0 {
		return fmt.Sprintf(" (line %d)", w.rows[i].Line)
	}
	return ""
}
