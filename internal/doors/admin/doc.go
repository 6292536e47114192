// Package admin is the frame of the administration site: its home page and its
// navigation. The pages themselves live with their rooms (people, keys,
// services, decisions, maturity); this room only knows their addresses, what
// each is for, and which permission opens it. A viewer sees the ones they may open.
package admin
