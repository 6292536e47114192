package services

import (
	"context"

	"github.com/warder-project/warder/internal/base/ids"
)

// Store keeps services and their routes. Writes happen inside a unit of work.
type Store interface {
	// Add stores a service without its routes. A slug that is taken is problem
	// SlugTaken; an owner who is not there is problem OwnerNotFound.
	Add(ctx context.Context, service Service) error
	// Change overwrites everything but id, slug, CreatedAt and the routes.
	Change(ctx context.Context, service Service) error
	// AddRoute stores a route. One that is there already for the same host,
	// prefix and methods is problem RouteTaken.
	AddRoute(ctx context.Context, route Route) error
	// SetAction keeps an action of a service, in the place of the one of that name.
	SetAction(ctx context.Context, service ids.Service, action Action) error
	// RemoveAction takes an action away. One that is not there is no problem.
	RemoveAction(ctx context.Context, service ids.Service, name string) error
	// ByID returns a service with its routes and actions, or problem NotFound.
	ByID(ctx context.Context, id ids.Service) (Service, error)
	// BySlug returns a service with its routes and actions, or problem NotFound.
	BySlug(ctx context.Context, slug string) (Service, error)
	// All returns every service with its routes in order of slug.
	All(ctx context.Context) ([]Service, error)
}
