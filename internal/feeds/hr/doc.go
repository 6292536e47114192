// Package hr reads the files personnel departments send: a CSV table of
// everybody who works here, one row a person.
//
//	user_name   required; made lower case
//	name        required
//	email, employee_id, department, job_title
//	manager     the user name of the line manager
//	starts      first working day, YYYY-MM-DD
//	ends        last working day, YYYY-MM-DD; that day still counts
//	kind        person (when empty), guest, shared, service or break_glass
//	groups      names of groups, separated by semicolons
//
// Columns may come in any order. A column that is not there says nothing about
// anybody (people.Row.Keep); a column that is there and empty in a row says that
// there is nothing. Columns of other names are passed over and listed.
//
// What the rows mean for the people we already have is registry/people's
// subject; the reading of CSV as such is feeds/table's.
package hr
