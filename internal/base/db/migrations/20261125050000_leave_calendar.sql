-- +goose Up

-- Who is on leave when, as HR last said. A calendar speaks of all days from first_day to
-- last_day: whoever has no absence in it was at work. Days are midnight UTC.
create table leave_calendar (
  id text not null,
  first_day bigint not null,
  last_day bigint not null,
  imported_at bigint not null,
  imported_by text not null,
  constraint leave_calendar_pk primary key (id),
  constraint leave_calendar_days_ck check (last_day >= first_day)
);

create table leave_absence (
  calendar text not null,
  person text not null,
  first_day bigint not null,
  last_day bigint not null,
  constraint leave_absence_pk primary key (calendar, person, first_day, last_day),
  constraint leave_absence_calendar_fk foreign key (calendar) references leave_calendar (id) on delete cascade,
  constraint leave_absence_days_ck check (last_day >= first_day)
);
