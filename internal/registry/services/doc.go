// Package services keeps what people sign in to: each service with its owner,
// how much harm a break-in would do, and its routes, that is the hosts and
// paths by which it is reached through Warder.
//
// The room owns the tables service and service_route, and the routing table
// that says which service a request is for (Table). It leaves to others: who
// may use a service (access/policy), and passing the request on (doors/gateway).
package services
