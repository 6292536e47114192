-- +goose Up

-- What all exceptions amounted to on each day (midnight): people × days left × risk.
create table exception_debt (
  day bigint not null,
  debt bigint not null,
  live bigint not null,
  people bigint not null,
  constraint exception_debt_pk primary key (day),
  constraint exception_debt_ck check (debt >= 0 and live >= 0 and people >= 0)
);
