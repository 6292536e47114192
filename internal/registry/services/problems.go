package services

import "github.com/warder-project/warder/internal/base/problem"

// What can go wrong in this room.
var (
	NotFound = problem.Define(problem.NotFound, "services.not_found",
		"There is no such service.",
		"Check the short name, or look for the service in the list of services.")
	Malformed = problem.Define(problem.Invalid, "services.malformed",
		"Some of what you gave about this service cannot be stored.",
		"Correct what is marked and try again.")
	SlugTaken = problem.Define(problem.Conflict, "services.slug_taken",
		"There is already a service of this short name.",
		"Choose another short name, or open the service that has it.")
	RouteTaken = problem.Define(problem.Conflict, "services.route_taken",
		"Another route already answers for this host, path and method.",
		"Choose another host or path, or change the other service's route.")
	OwnerNotFound = problem.Define(problem.Invalid, "services.owner_not_found",
		"The owner is not in the directory of people.",
		"Add the owner to the directory first, or leave the owner out.")
	ActionNotFound = problem.Define(problem.NotFound, "services.action_not_found",
		"The service has no action of this name.",
		"Look at the service to see its actions.")
	StateRefused = problem.Define(problem.Conflict, "services.retired",
		"This service is retired and cannot be changed.",
		"Add a new service instead.")
)

// Problems lists every problem of this room.
func Problems() []problem.Definition {
	return []problem.Definition{NotFound, Malformed, SlugTaken, RouteTaken, OwnerNotFound, ActionNotFound, StateRefused}
}
