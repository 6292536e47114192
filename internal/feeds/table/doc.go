// Package table reads delimited text (CSV) by the names in its header, row by
// row, with the line and column of whatever is wrong.
//
//	rows, err := table.Open(source, table.Options{File: "people.csv", Required: []string{"user_name"}})
//	if err != nil {
//		return err // a problem: wrong file type, no header, …
//	}
//	user, email := rows.Column("user_name"), rows.Column("email") // -1 when the file has no such column
//	for rows.Next() {
//		if rows.Field(user) == "" {
//			rows.Fault(user, "is empty; expected a user name")
//		}
//		_ = rows.Field(email) // "" for a column the file does not have
//	}
//	return rows.Err() // everything that was wrong, at most Options.MaxFaults places, as one problem
//
// It takes UTF-8 with or without a byte order mark, UTF-16 with one, line ends
// of LF or CRLF, and quoted fields with line breaks in them (RFC 4180). It
// refuses other file types by their first bytes, header names that are missing,
// empty or doubled, rows with too few or too many fields, bytes that are not
// text, and files, rows and fields that are too large. Memory is bounded
// whatever the file is: one buffer and one row.
//
// A field is only valid until the next call of Next if it is kept in a larger
// structure by its bytes; strings handed out are never overwritten, but each
// keeps its whole row alive, so clone what is kept from a wide row.
//
// The room knows nothing of people or clouds; its readers do (feeds/hr,
// feeds/cloud).
package table
