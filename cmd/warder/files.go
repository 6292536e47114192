package main

import (
	"errors"
	"io/fs"

	"github.com/warder-project/warder/internal/base/problem"
)

// fileMessage says what is wrong with a file in words, without repeating its path.
func fileMessage(name string, err error) problem.Field {
	message := err.Error()
	var path *fs.PathError
	if errors.As(err, &path) {
		message = path.Err.Error()
	}
	return problem.Field{File: name, Message: message}
}

var unwritable = problem.Define(problem.Invalid, "usage.unwritable_file", "A file cannot be written.", "Check the path, the free space, and that this user may write there.")
