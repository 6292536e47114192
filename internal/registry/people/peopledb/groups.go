package peopledb

import (
	"context"
	"time"

	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/registry/people"
)

// AddGroups stores new groups.
func (s *Store) AddGroups(ctx context.Context, groups []people.Group) error {
	for _, group := range groups {
		_, err := s.db.From(ctx).ExecContext(ctx, `
			insert into people_group (id, name, created_at)
			values ($1, $2, $3)`, group.ID, group.Name, db.Millis(group.CreatedAt))
		if db.IsConflict(err, "people_group", "name") {
			return people.GroupTaken.Because(err)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// AllGroups lists every group.
func (s *Store) AllGroups(ctx context.Context) ([]people.Group, error) {
	rows, err := s.db.From(ctx).QueryContext(ctx, `
		select id, name, created_at
		from people_group
		order by name`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var groups []people.Group
	for rows.Next() {
		var group people.Group
		var created int64
		if err := rows.Scan(&group.ID, &group.Name, &created); err != nil {
			return nil, err
		}
		group.CreatedAt = db.Time(created)
		groups = append(groups, group)
	}
	return groups, rows.Err()
}

// AddMembers stores memberships.
func (s *Store) AddMembers(ctx context.Context, members []people.Member, at time.Time) error {
	for len(members) > 0 {
		n := min(batch, len(members))
		args := make([]any, 0, n*4)
		for _, member := range members[:n] {
			args = append(args, member.Group, member.Person, member.Source, db.Millis(at))
		}
		_, err := s.db.From(ctx).ExecContext(ctx, `
			insert into people_group_member (group_id, person_id, source, added_at)
			values `+tuples(n, 4)+`
			on conflict (group_id, person_id, source) do nothing`, args...)
		if err != nil {
			return err
		}
		members = members[n:]
	}
	return nil
}

// RemoveMembers removes memberships.
func (s *Store) RemoveMembers(ctx context.Context, members []people.Member) error {
	for _, member := range members {
		_, err := s.db.From(ctx).ExecContext(ctx, `
			delete from people_group_member
			where group_id = $1
			and person_id = $2
			and source = $3`, member.Group, member.Person, member.Source)
		if err != nil {
			return err
		}
	}
	return nil
}

// GroupsOf lists the names of a person's groups.
func (s *Store) GroupsOf(ctx context.Context, person ids.Person) ([]string, error) {
	rows, err := s.db.From(ctx).QueryContext(ctx, `
		select distinct g.name
		from people_group_member m
		join people_group g on g.id = m.group_id
		where m.person_id = $1
		order by g.name`, person)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var names []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		names = append(names, name)
	}
	return names, rows.Err()
}

// EachMember reads every membership.
func (s *Store) EachMember(ctx context.Context, yield func(member people.Member, group string) error) error {
	rows, err := s.db.From(ctx).QueryContext(ctx, `
		select m.group_id, m.person_id, m.source, g.name
		from people_group_member m
		join people_group g on g.id = m.group_id
		order by m.person_id, g.name, m.source`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var member people.Member
		var name string
		if err := rows.Scan(&member.Group, &member.Person, &member.Source, &name); err != nil {
			return err
		}
		if err := yield(member, name); err != nil {
			return err
		}
	}
	return rows.Err()
}
