// Package helpdesk is what an agent of the service desk may see, and how often. An
// agent finds one person at a time, by exactly their user name or employee number;
// there is no list to browse, and no address, department or telephone number to
// read. Every look-up is on record, also one that finds nobody.
//
// Whoever sits at a service desk is telephoned by impostors all day, and may be one.
// So an agent may look up so many people in an hour, and open so many recovery cases in
// a day. It is counted in the database, for all nodes and across restarts; whoever
// does more is refused, which is on record and sounds an alarm.
//
// The room owns the table desk_use. It leaves to access/recovery what a case is and
// who may go on with it, and to access/roles who sits at the desk.
package helpdesk
