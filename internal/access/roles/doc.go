// Package roles keeps who administers Warder, and what each role may do. There
// are six roles, and what they may do is a table in table.go, not a setting:
// a reader of the code can see everything an administrator can do.
//
// Three rules hold whatever happens: nobody gives a role that can do more than
// they can do themselves, nobody gives themselves one, and the last administrator
// who can sign in stays one.
//
// The room owns the table role_grant. It leaves to others: asking whether a
// viewer may see a page (base/web), and what people may reach (access/policy).
package roles
