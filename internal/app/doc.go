// Package app builds all of Warder from its configuration. It is the only place
// where rooms meet: which database stands behind which room, who is told when
// something changes, what runs in the background, and which pages there are.
//
// Read open.go (what there is), live.go (how every node stays true), site.go
// (the pages) and serve.go (the listeners) from top to bottom.
package app
