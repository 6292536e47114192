// Package trace tells how a verdict came about: each check and each rule with how it
// came out, the rules behind each part of what is asked for, and what would be asked of
// somebody at a service whatever they sign in with.
//
// It goes through a policy rule by rule, with the very judgements that policy decides by,
// and in no hurry: deciding is policy's own business and never comes here.
package trace
