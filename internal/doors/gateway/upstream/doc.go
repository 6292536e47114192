// Package upstream passes a request on to the application behind the gateway, and
// its answer back: hop-by-hop headers, early answers, streams, trailers and other
// protocols as RFC 9110 and RFC 6455 want them. What a client must not say, and what
// the application is told in its place, is the caller's: a Passage.
package upstream
