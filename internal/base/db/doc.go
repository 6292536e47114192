// Package db opens the one database Warder keeps everything in: SQLite in a
// file by default, PostgreSQL where several nodes share the work. One SQL text
// serves both (docs/sql.md says which subset), and a write means the same thing
// on both: units of work are serial on SQLite and serializable on PostgreSQL,
// where a conflict is run again a bounded number of times.
//
// This room owns the connections, the unit of work (tx.Runner), the error
// classes, the migrations, and the way a committed change is told to other
// processes. The database drivers are imported here and nowhere else.
//
// It leaves the tables to the rooms: each …db package writes its own SQL and
// has its own files in migrations/. This room keeps three tables for itself:
//
//	live_change  what was changed, for other processes (SQLite only; PostgreSQL
//	             tells it by NOTIFY)
//	live_node    the serving processes, and when each was last heard
//	live_ack     answers of serving processes to "have you applied this?"
package db
