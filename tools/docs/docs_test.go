package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/warder-project/warder/internal/testkit"
)

const house = `
-- internal/registry/keys/keys.go --
// Package keys keeps hardware keys. It has more to say.
package keys

import "github.com/warder-project/warder/internal/base/problem"

var (
	lost = problem.Define(problem.Forbidden, "key.lost", "This key was reported lost"+
		" <today>.", "Use another key.")
	known = problem.Define(problem.Conflict, "key.known", "We know this key.", "Look it up.")
)
-- internal/registry/keys/keys_test.go --
package keys

import "github.com/warder-project/warder/internal/base/problem"

var inTest = problem.Define(problem.Conflict, "key.test", "Only in a test.", "Nothing.")
-- internal/registry/keys/keysdb/store.go --
// Package keysdb keeps them on SQL.
package keysdb
-- go.mod --
module example.test/house

go 1.26.0
-- cmd/warder/main.go --
// Command warder is the door.
package main

func main() {}
-- internal/testkit/testkit.go --
// Package testkit is for tests.
package testkit
-- docs/architecture.md --
Before.
<!-- rooms: generated from the code by make docs; do not edit -->
old
<!-- end of rooms -->
After.
`

// checkout writes files as txtar and returns the folder.
func checkout(t *testing.T, files string) string {
	t.Helper()
	folder := t.TempDir()
	if err := txtar.Write(txtar.Parse([]byte(files)), folder); err != nil {
		t.Fatal(err)
	}
	return folder
}

func TestDocumentsAreMadeFromTheCode(t *testing.T) {
	t.Parallel()
	folder := checkout(t, house)
	if err := run(folder, true); err == nil || !strings.Contains(err.Error(), "docs/problems.md, docs/architecture.md, docs/licences.md") {
		t.Errorf("the check of stale documents says %v, want both named", err)
	}
	if err := run(folder, false); err != nil {
		t.Fatal(err)
	}
	problems, err := os.ReadFile(filepath.Join(folder, "docs/problems.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, list, _ := strings.Cut(string(problems), "## key\n\n")
	want := "### `key.known`\n\nWe know this key.\n\n*What to do:* Look it up.\n\n<small>Conflict, from `registry/keys`</small>\n\n" +
		"### `key.lost`\n\nThis key was reported lost &lt;today&gt;.\n\n*What to do:* Use another key.\n\n<small>Forbidden, from `registry/keys`</small>\n"
	if diff := cmp.Diff(want, list); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
	architecture, err := os.ReadFile(filepath.Join(folder, "docs/architecture.md"))
	if err != nil {
		t.Fatal(err)
	}
	want = "Before.\n" + roomsBegin + "\n**cmd**\n\n| room | what it is | faces |\n|---|---|---|\n| `warder` | is the door. |  |\n" +
		"\n**registry**\n\n| room | what it is | faces |\n|---|---|---|\n" +
		"| `keys` | keeps hardware keys. | `keysdb` |\n\n" + roomsEnd + "\nAfter.\n"
	if diff := cmp.Diff(want, string(architecture)); diff != "" {
		t.Errorf("rooms (-want +got):\n%s", diff)
	}
	if err := run(folder, true); err != nil {
		t.Errorf("the check right after writing says %v", err)
	}
}

func TestAProblemThatCannotBeListedIsRefused(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ definition, want string }{
		"no next step":  {`problem.Define(problem.Invalid, "key.x", "It is so.", "")`, "argument 4"},
		"not a literal": {`problem.Define(problem.Invalid, "key.x", text(), "Do this.")`, "argument 3"},
		"no room":       {`problem.Define(problem.Invalid, "x", "It is so.", "Do this.")`, "does not begin with its room"},
		"taken":         {`problem.Define(problem.Invalid, "key.lost", "It is so.", "Do this.")`, "is taken by"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := checkout(t, house+"-- internal/registry/keys/more.go --\npackage keys\n\n"+
				"import \"github.com/warder-project/warder/internal/base/problem\"\n\nvar more = "+test.definition+"\n")
			if err := run(folder, false); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want an error with %q", err, test.want)
			}
		})
	}
}

func TestOnlyAllowedLicencesAreCompiledIn(t *testing.T) {
	t.Parallel()
	modules, err := compiledIn(testkit.Root(t))
	if err != nil {
		t.Fatal(err)
	}
	if len(modules) < 10 {
		t.Errorf("only %d modules were found: warder is made of more", len(modules))
	}
}

func TestALicenceWeMayNotUseIsNotRecognised(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		text string
		want []string
	}{
		"MIT":             {"Permission is hereby granted, free of charge,\nto any person obtaining a copy of this", []string{"MIT"}},
		"three clauses":   {"Redistribution and use in source and binary forms, with or without\n modification, are permitted provided", []string{"BSD"}},
		"four clauses":    {"Redistribution and use in source and binary forms, with or without modification, are permitted provided. All advertising materials mentioning", nil},
		"copyleft":        {"GNU GENERAL PUBLIC LICENSE Version 3", nil},
		"both":            {"Permission is hereby granted, free of charge, to any person obtaining a copy, or the Mozilla Public License", nil},
		"not a licence":   {"All rights reserved.", nil},
		"two, we may use": {"Permission is hereby granted, free of charge, to any person obtaining a copy. Licensed under the Apache License, Version 2.0", []string{"Apache-2.0", "MIT"}},
	} {
		if diff := cmp.Diff(test.want, recognise(test.text)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
