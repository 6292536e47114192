package web

import "io/fs"

// ErrorView lets the test check our own page.
type ErrorView = errorView

// OwnFiles are our own templates.
func OwnFiles() fs.FS { return ownFiles }
