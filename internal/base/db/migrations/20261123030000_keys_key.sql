-- +goose Up

-- The physical keys. holder is a person of another room, so there is no foreign
-- key. A serial number that is not known is null: any number of keys may have none.
create table key (
  id text not null,
  serial text,
  serial_grade text not null,
  model text not null,
  model_grade text not null,
  label text not null,
  state text not null,
  holder text not null,
  reason text not null,
  created_at bigint not null,
  changed_at bigint not null,
  constraint key_pk primary key (id),
  constraint key_serial_uq unique (serial),
  constraint key_serial_ck check (serial <> ''),
  constraint key_serial_grade_ck check (
    (serial is null and serial_grade = '')
    or (serial is not null and serial_grade in ('declared', 'probed', 'attested'))),
  constraint key_model_grade_ck check (
    (model = '' and model_grade = '')
    or (model <> '' and model_grade in ('claimed', 'verified'))),
  constraint key_state_ck check (state in (
    'ordered', 'in_stock', 'reserved', 'in_transit', 'held', 'enrolled', 'lent',
    'lost', 'stolen', 'damaged', 'returned', 'wiped', 'destroyed')),
  -- Nobody has no key in hand, and a blocked key says why.
  constraint key_holder_ck check (holder <> '' or state not in ('held', 'enrolled', 'lent')),
  constraint key_reason_ck check (
    (state = 'lost' and reason = 'lost')
    or (state = 'stolen' and reason = 'stolen')
    or (state not in ('lost', 'stolen') and reason in ('', 'lost', 'stolen')))
);

create index key_holder_ix on key (holder, created_at, id);
create index key_created_ix on key (created_at, id);

-- The models that are known, by AAGUID. roots is PEM; own_roots says that they
-- sign this model and no other.
create table key_model (
  aaguid text not null,
  vendor text not null,
  name text not null,
  allowed boolean not null,
  hardware_bound boolean not null,
  roots bytea not null,
  own_roots boolean not null,
  changed_at bigint not null,
  constraint key_model_pk primary key (aaguid),
  constraint key_model_aaguid_ck check (length(aaguid) = 36),
  constraint key_model_vendor_ck check (vendor <> ''),
  constraint key_model_name_ck check (name <> '')
);
