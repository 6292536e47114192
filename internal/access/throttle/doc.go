// Package throttle holds back whoever guesses: passwords, codes, passes, all
// that can be guessed at. It never holds back a security key, which cannot be:
// whoever floods an account with guesses must not keep its owner out.
//
// A guess is counted when it is admitted, before it is judged, so that a
// thousand at once are not a thousand free ones; a right answer takes its count
// back. Three things are counted, for each method apart (but for the last):
//
//	            what               at once   then                      in 5 minutes   in a row at most
//	pair        account + place    3         5 min, 10 min, 15 min ×5,  3              20
//	                                         then each hour
//	account     from all other     3         one more each 5 min,       4              60
//	            places                       10 min after 10 in a row,
//	                                         20 min after 30
//	place       over all accounts  100       one more each 6 s          150            –
//
// (After the second wrong answer of a pair there is a pause of five seconds.)
// A place is an IPv4 address or the 64 bits of an IPv6 network. A whole office
// comes from one, so what a place may do is much looser, and nothing that one
// account suffers there is suffered by another.
//
// The two places from which somebody last proved who they are, within ninety
// days, are their usual ones. There only the pair counts, and what others do
// elsewhere does not matter. So all in all an account sees at most
// 2 × 3 + 4 = 10 guesses in any five minutes (Cyber Essentials v3.3: "no more
// than 10 guesses within 5 minutes") and 2 × 20 + 60 = 100 in a row (NIST SP
// 800-63B-4 §3.2.2). At the end of its row a method stops, at that place or
// everywhere else, until a key was used, or the desk or an operator lifts it.
//
// A success forgives what came from the same place (§3.2.2: "from the same IP
// address") and nothing else; so nobody clears the way for somebody else.
//
// A refused guess is one look and no write. What is told to the audit record is
// told at milestones and in sums. Accounts are kept as hashes: what is typed as
// a name is sometimes a password. Names that nobody has are treated alike.
//
// The room owns the tables throttle_count and throttle_place. It leaves to the
// caller to ask before any costly work, and to base/web/pace to stop floods of
// requests that are no guesses.
package throttle
