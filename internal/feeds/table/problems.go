package table

import "github.com/warder-project/warder/internal/base/problem"

// What can go wrong while a table is read.
var (
	WrongFileType = problem.Define(problem.Invalid, "table.wrong_file_type",
		"This is not a CSV file.",
		"Save or export the file as CSV (comma separated, UTF-8) and try again.")
	Empty = problem.Define(problem.Invalid, "table.empty",
		"The file is empty.",
		"Check that the export has finished, and that you chose the right file.")
	BadHeader = problem.Define(problem.Invalid, "table.bad_header",
		"The first line of the file does not name the columns as expected.",
		"Correct the first line of the file, or export it again with column names.")
	BadRows = problem.Define(problem.Invalid, "table.bad_rows",
		"Some rows of the file cannot be read. Nothing has been stored.",
		"Correct the places that are listed and try again.")
	BadText = problem.Define(problem.Invalid, "table.bad_text",
		"The file is not plain text in UTF-8 or UTF-16.",
		"Save or export the file as CSV in UTF-8 and try again. A file that was cut off or damaged must be exported again.")
	TooLarge = problem.Define(problem.Invalid, "table.too_large",
		"The file is too large, or something in it is.",
		"Check that it is the right file. A quotation mark that is never closed makes one field of all the rest.")
)

// Problems lists every problem of this room.
func Problems() []problem.Definition {
	return []problem.Definition{WrongFileType, Empty, BadHeader, BadRows, BadText, TooLarge}
}
