// Package rulebook reads the text of a policy: YAML as people write it, made into
// the rules that access/policy decides by. A slip is told with its line and column,
// and all slips of a text at once.
//
// The room owns the format (see Parse) and its faults. What the rules then say to
// whom is policy's business; keeping the versions of the text is policy/versions'.
package rulebook
