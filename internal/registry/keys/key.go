package keys

import (
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
)

// SerialGrade says how we know a serial number. The zero value means that none is known.
type SerialGrade string

// The grades, weakest first.
const (
	SerialDeclared SerialGrade = "declared" // somebody typed it
	SerialProbed   SerialGrade = "probed"   // a program read it from the key
	SerialAttested SerialGrade = "attested" // the manufacturer's certificate says it
)

// ModelGrade says how we know the model. The zero value means that none is known.
type ModelGrade string

// The grades.
const (
	ModelClaimed  ModelGrade = "claimed"  // the key or a person says so; never used in a decision
	ModelVerified ModelGrade = "verified" // proven by an attestation chain to the model's root
)

// Key is one physical security key.
type Key struct {
	ID          ids.Key
	Serial      string // as NormalSerial writes it; empty when not known
	SerialGrade SerialGrade
	Model       string // AAGUID, lower-case UUID; empty when not known
	ModelGrade  ModelGrade
	Firmware    string // such as "5.4.2", as its attestation certificate says; empty when not known
	Label       string // what its holder calls it
	State       State
	Holder      ids.Person // empty when nobody has it
	Reason      Reason     // why it is blocked; empty when it is not
	Place       string     // where its holder says it is kept; empty when they have not said
	ToReturn    bool       // its holder signs in with it no more and is to hand it back
	CreatedAt   time.Time
	ChangedAt   time.Time
}

// Name is the number on the key, or what its holder calls it.
func (k Key) Name() string {
	switch {
	case k.Serial != "":
		return k.Serial
	case k.Label != "":
		return k.Label
	}
	return "Key without a number"
}

// NewKey is a key to be added to the stock. Everything is optional.
type NewKey struct {
	Serial string
	Model  string // AAGUID
	Label  string
}

// Filter chooses keys to list. Zero fields choose everything.
type Filter struct {
	Text   string // part of the serial number or label, any case
	State  State
	Holder ids.Person
	Model  string
	After  ids.Key // the last key of the page before
	Limit  int     // at most this many, 1 to 500; 0 is 50
}

const (
	longestSerial = 64
	longestLabel  = 100
	longestPlace  = 100
)

// NormalSerial writes a serial number the way it is stored and compared: without
// spaces, in capitals. Empty stays empty. A fault is told as a field problem.
func NormalSerial(text string) (string, *problem.Field) {
	serial := strings.ToUpper(strings.Join(strings.Fields(text), ""))
	if len(serial) > longestSerial {
		return "", &problem.Field{Name: "serial", Message: "This is longer than 64 characters."}
	}
	for _, r := range serial {
		if (r < '0' || r > '9') && (r < 'A' || r > 'Z') && r != '-' {
			return "", &problem.Field{Name: "serial", Message: "Use only the letters, digits and hyphens printed on the key."}
		}
	}
	return serial, nil
}

// NormalAAGUID writes a model number as a lower-case UUID with hyphens. Empty,
// and the all-zero AAGUID that says nothing, become empty.
func NormalAAGUID(text string) (string, *problem.Field) {
	aaguid := strings.ToLower(strings.TrimSpace(text))
	if aaguid == "" || aaguid == "00000000-0000-0000-0000-000000000000" {
		return "", nil
	}
	fault := &problem.Field{Name: "aaguid", Message: "Write the AAGUID as 8-4-4-4-12 hexadecimal digits, such as 2fc0579f-8113-47ea-b116-bb5a8db9202a."}
	if len(aaguid) != 36 {
		return "", fault
	}
	for i, r := range []byte(aaguid) {
		hyphen := i == 8 || i == 13 || i == 18 || i == 23
		digit := r >= '0' && r <= '9' || r >= 'a' && r <= 'f'
		if hyphen != (r == '-') || !hyphen && !digit {
			return "", fault
		}
	}
	return aaguid, nil
}

func normalLabel(text string) (string, *problem.Field) { return line("label", text, longestLabel) }

// line is one line of text that a person typed.
func line(field, text string, longest int) (string, *problem.Field) {
	text = strings.TrimSpace(text)
	if !utf8.ValidString(text) || utf8.RuneCountInString(text) > longest {
		return "", &problem.Field{Name: field, Message: fmt.Sprintf("Use at most %d letters.", longest)}
	}
	if strings.ContainsFunc(text, unicode.IsControl) {
		return "", &problem.Field{Name: field, Message: "Leave out line breaks and other invisible characters."}
	}
	return text, nil
}

// check returns the key as it is stored. Problem: Malformed, with every fault.
func (n NewKey) check() (NewKey, error) {
	serial, serialFault := NormalSerial(n.Serial)
	model, modelFault := NormalAAGUID(n.Model)
	label, labelFault := normalLabel(n.Label)
	if err := malformed(serialFault, modelFault, labelFault); err != nil {
		return NewKey{}, err
	}
	return NewKey{Serial: serial, Model: model, Label: label}, nil
}

// malformed gathers the faults that are there into one problem, or nil.
func malformed(faults ...*problem.Field) error {
	var found []problem.Field
	for _, fault := range faults {
		if fault != nil {
			found = append(found, *fault)
		}
	}
	if len(found) == 0 {
		return nil
	}
	return Malformed.New().At(found...)
}
