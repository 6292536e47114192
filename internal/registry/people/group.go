package people

import (
	"context"
	"fmt"
	"time"

	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/tx"
	"github.com/warder-project/warder/internal/registry/audit"
)

// Group is a named set of people. Policies speak of it by name.
type Group struct {
	ID        ids.Group
	Name      string // unique; same characters as a user name
	CreatedAt time.Time
}

// Source says who put somebody into a group. A feed only ever takes away what a
// feed has given.
type Source string

// The sources.
const (
	ByHand Source = "hand"
	ByFeed Source = "feed"
)

// Member says that somebody is in a group, and by whom. The same person may be
// in the same group by hand and by feed.
type Member struct {
	Group  ids.Group
	Person ids.Person
	Source Source
}

// AddGroup makes an empty group.
func (d *Directory) AddGroup(ctx context.Context, actor audit.Actor, name string) (Group, error) {
	if message := checkSlug(name); message != "" {
		return Group{}, GroupMalformed.New().At(problem.Field{Name: "name", Message: message})
	}
	group := Group{ID: ids.New[ids.Group](), Name: name, CreatedAt: moment(d.deps.Now())}
	err := d.deps.Tx.InTx(ctx, func(ctx context.Context) error {
		if err := d.deps.Store.AddGroups(ctx, []Group{group}); err != nil {
			return err
		}
		return d.recordGroup(ctx, actor, "group.added", group, nil)
	})
	if err != nil {
		return Group{}, fmt.Errorf("add group: %w", err)
	}
	return group, nil
}

// Groups lists every group in order of name.
func (d *Directory) Groups(ctx context.Context) ([]Group, error) {
	return d.deps.Store.AllGroups(ctx)
}

// AddMember puts a person into a group by hand. Doing it twice changes nothing.
func (d *Directory) AddMember(ctx context.Context, actor audit.Actor, groupName string, person ids.Person) error {
	return d.member(ctx, groupName, person, func(ctx context.Context, group Group, member Member) error {
		if err := d.deps.Store.AddMembers(ctx, []Member{member}, moment(d.deps.Now())); err != nil {
			return err
		}
		return d.recordGroup(ctx, actor, "group.member_added", group, map[string]string{"person": string(person)})
	})
}

// RemoveMember takes a person out of a group, whether a feed or a hand put them
// there. A feed that still names the group puts them back.
func (d *Directory) RemoveMember(ctx context.Context, actor audit.Actor, groupName string, person ids.Person) error {
	return d.member(ctx, groupName, person, func(ctx context.Context, group Group, member Member) error {
		byFeed := member
		byFeed.Source = ByFeed
		if err := d.deps.Store.RemoveMembers(ctx, []Member{member, byFeed}); err != nil {
			return err
		}
		return d.recordGroup(ctx, actor, "group.member_removed", group, map[string]string{"person": string(person)})
	})
}

// GroupsOf lists the names of a person's groups in order.
func (d *Directory) GroupsOf(ctx context.Context, person ids.Person) ([]string, error) {
	return d.deps.Store.GroupsOf(ctx, person)
}

// EachMember calls yield for everybody who is in a group, with the group's name,
// in order of person and name. Somebody who is in a group both by hand and by
// feed is told twice. yield must not use the directory.
func (d *Directory) EachMember(ctx context.Context, yield func(person ids.Person, group string) error) error {
	return d.deps.Store.EachMember(ctx, func(member Member, group string) error {
		return yield(member.Person, group)
	})
}

func (d *Directory) member(ctx context.Context, groupName string, person ids.Person, deed func(context.Context, Group, Member) error) error {
	err := d.deps.Tx.InTx(ctx, func(ctx context.Context) error {
		groups, err := d.deps.Store.AllGroups(ctx)
		if err != nil {
			return err
		}
		group, found := groupNamed(groups, groupName)
		if !found {
			return GroupNotFound.New()
		}
		if _, err := d.deps.Store.ByID(ctx, person); err != nil {
			return err
		}
		if err := deed(ctx, group, Member{Group: group.ID, Person: person, Source: ByHand}); err != nil {
			return err
		}
		return tx.Publish(ctx, tx.Person, string(person))
	})
	if err != nil {
		return fmt.Errorf("membership of %s: %w", person, err)
	}
	return nil
}

func (d *Directory) recordGroup(ctx context.Context, actor audit.Actor, action string, group Group, details map[string]string) error {
	told := map[string]string{"group": group.Name}
	for key, value := range details {
		told[key] = value
	}
	return d.deps.Audit.Record(ctx, audit.Event{Actor: actor, Action: action, Subject: string(group.ID), Details: told})
}

func groupNamed(groups []Group, name string) (Group, bool) {
	for _, group := range groups {
		if group.Name == name {
			return group, true
		}
	}
	return Group{}, false
}
