package policy

// nobody reports whether the request carries no session that belongs to anybody.
func nobody(f *Facts) bool { return f.Session == SessionNone }

// ServiceFault says why the service itself is closed, or "".
func ServiceFault(f *Facts) Code {
	switch f.ServiceKnown {
	case Yes:
	case No:
		return CodeServiceUnknown
	default:
		return CodeServiceUnsure
	}
	switch f.ServiceAdmitted {
	case Yes:
		return ""
	case No:
		return CodeServiceNotAdmitted
	default:
		return CodeAdmissionUnsure
	}
}

// objection is what one check has to say: nothing, or an effect with its code.
type objection struct {
	effect Effect
	code   Code // "" when the check has no objection
}

// checks makes the checks of person, key, credential, session and method, all of them and
// in this order, so that a person hears of the lost key and not only of the ended
// session. They are called one by one, not from a table: through a table the
// facts would be moved to the heap, on every request.
func (c *Compiled) checks(f *Facts) [5]objection {
	if nobody(f) {
		return [5]objection{3: {StepUp, CodeNoSession}}
	}
	var all [5]objection
	all[0].effect, all[0].code = checkPerson(f)
	all[1].effect, all[1].code = checkKey(f)
	all[2].effect, all[2].code = checkCredential(f)
	all[3].effect, all[3].code = checkSession(f)
	all[4].effect, all[4].code = c.checkMethod(f)
	return all
}

// Objections is what person, key, credential, session and method have against a
// request, in this order; "" is nothing. For whoever explains a verdict.
func (c *Compiled) Objections(f *Facts) [5]Code {
	var codes [5]Code
	for i, one := range c.checks(f) {
		codes[i] = one.code
	}
	return codes
}

func checkPerson(f *Facts) (Effect, Code) {
	switch {
	case f.PersonKnown == No:
		return Deny, CodePersonUnknown
	case f.PersonKnown != Yes:
		return Deny, CodePersonUnsure
	case f.PersonMaySignIn == Yes:
		return Allow, ""
	case f.PersonMaySignIn != No:
		return Deny, CodePersonUnsure
	}
	switch f.PersonState {
	case "left":
		return Deny, CodePersonLeft
	case "suspended":
		return Deny, CodePersonSuspended
	}
	return Deny, CodePersonNotEmployed
}

// checkKey: another key of the same person could help, hence StepUp; what is not
// known cannot be helped by signing in, hence Deny.
func checkKey(f *Facts) (Effect, Code) {
	switch {
	case f.NoKey:
		return Allow, ""
	case f.KeyKnown == No:
		return StepUp, CodeKeyUnknown
	case f.KeyKnown != Yes:
		return Deny, CodeKeyUnsure
	case f.KeyMaySignIn == Yes:
		return Allow, ""
	case f.KeyMaySignIn != No:
		return Deny, CodeKeyUnsure
	}
	switch f.KeyState {
	case "lost":
		return StepUp, CodeKeyLost
	case "stolen":
		return StepUp, CodeKeyStolen
	}
	return StepUp, CodeKeyNotUsable
}

func checkCredential(f *Facts) (Effect, Code) {
	switch {
	case f.CredentialActive == Yes:
		return Allow, ""
	case f.CredentialActive == No && f.NoKey:
		return StepUp, CodeSecretNotActive
	case f.CredentialActive == No:
		return StepUp, CodeCredentialNotActive
	}
	return Deny, CodeCredentialUnsure
}

func checkSession(f *Facts) (Effect, Code) {
	switch f.Session {
	case SessionAlive:
		return Allow, ""
	case SessionNone:
		return StepUp, CodeNoSession
	case SessionEnded:
		return StepUp, CodeSessionEnded
	case SessionIdle:
		return StepUp, CodeSessionIdle
	case SessionExpired:
		return StepUp, CodeSessionExpired
	case SessionFromFuture:
		return StepUp, CodeSessionFromFuture
	case SessionUnknown:
	}
	return Deny, CodeSessionUnsure
}

// checkMethod: a way of signing in that was withdrawn opens nothing any more, not
// even to those who are signed in. Another way could help, hence StepUp.
func (c *Compiled) checkMethod(f *Facts) (Effect, Code) {
	if f.Session != SessionAlive || c.Accepts(f.Assurance.Method, f.At) {
		return Allow, ""
	}
	return StepUp, CodeMethodNotAccepted
}
