-- +goose Up

-- Originals kept as proof. Rows are only ever added; a newer item supersedes an older one.
create table evidence_item (
  id text not null,
  source text not null,
  kind text not null,
  name text not null,
  sha256 text not null,
  size bigint not null,
  chunks bigint not null,
  generated_at bigint not null,
  basis text not null,
  period_start bigint not null,
  period_end bigint not null,
  recorded_at bigint not null,
  recorded_by_kind text not null,
  recorded_by_id text not null,
  supersedes text,
  constraint evidence_item_pk primary key (id),
  constraint evidence_item_supersedes_uq unique (supersedes),
  constraint evidence_item_supersedes_fk foreign key (supersedes) references evidence_item (id),
  constraint evidence_item_sha256_ck check (length(sha256) = 64),
  constraint evidence_item_size_ck check (size > 0 and chunks > 0)
);

create index evidence_item_kind_ix on evidence_item (kind, recorded_at, id);

-- The sealed original, in pieces of at most 1 MiB.
create table evidence_chunk (
  item text not null,
  number bigint not null,
  sealed bytea not null,
  constraint evidence_chunk_pk primary key (item, number),
  constraint evidence_chunk_item_fk foreign key (item) references evidence_item (id),
  constraint evidence_chunk_sealed_ck check (length(sealed) <= 1048576)
);
