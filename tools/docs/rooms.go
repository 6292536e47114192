package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

const (
	roomsBegin = "<!-- rooms: generated from the code by make docs; do not edit -->\n"
	roomsEnd   = "<!-- end of rooms -->"
)

// roomsPart replaces the list of rooms in docs/architecture.md by the packages
// that there are, floor by floor from the top, with the first sentence of their
// comments; faces are named beside their room.
func roomsPart(code *tree, now string) (string, error) {
	before, rest, begins := strings.Cut(now, roomsBegin)
	_, after, ends := strings.Cut(rest, roomsEnd)
	if !begins || !ends {
		return "", errors.New("the marks between which the rooms are listed are missing")
	}
	var list strings.Builder
	for _, floor := range []string{"cmd", "app", "doors", "feeds", "journey", "proof", "access", "registry", "base"} {
		rows := rows(code, floor)
		if len(rows) == 0 {
			continue
		}
		fmt.Fprintf(&list, "\n**%s**\n\n| room | what it is | faces |\n|---|---|---|\n%s", floor, strings.Join(rows, ""))
	}
	list.WriteString("\n")
	return before + roomsBegin + list.String() + roomsEnd + after, nil
}

func rows(code *tree, floor string) []string {
	top := "internal/" + floor
	if floor == "cmd" {
		top = "cmd"
	}
	var names []string
	row := map[string]string{}
	for _, one := range code.packages {
		if one.path != top && !strings.HasPrefix(one.path, top+"/") || isFace(one.path) {
			continue
		}
		name := strings.TrimPrefix(strings.TrimPrefix(one.path, top), "/")
		if name == "" {
			name = floor
		}
		names = append(names, name)
		row[name] = fmt.Sprintf("| `%s` | %s | %s |\n", name, cell(one.synopsis), faces(code, one.path))
	}
	slices.Sort(names)
	rows := make([]string, 0, len(names))
	for _, name := range names {
		rows = append(rows, row[name])
	}
	return rows
}

// cell is the first sentence of a package comment as a cell of a table: without
// the words every such sentence begins with.
func cell(synopsis string) string {
	for _, word := range []string{"Package ", "Command "} {
		if rest, ok := strings.CutPrefix(synopsis, word); ok {
			_, synopsis, _ = strings.Cut(rest, " ")
		}
	}
	return strings.ReplaceAll(synopsis, "|", `\|`)
}

// faces lists the faces directly below a room.
func faces(code *tree, room string) string {
	var names []string
	for _, one := range code.packages {
		below, ok := strings.CutPrefix(one.path, room+"/")
		if ok && !strings.Contains(below, "/") && isFace(one.path) {
			names = append(names, "`"+below+"`")
		}
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}
