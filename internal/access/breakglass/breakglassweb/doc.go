// Package breakglassweb is the emergency access as browsers see it: the public page
// on which two people touch two keys, and the administrators' pages about the keys,
// where they are kept, when they were tested, and every use with its review.
//
// What may be done is decided by access/breakglass; nothing is decided here.
package breakglassweb
