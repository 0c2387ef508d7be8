-- What the backend needs: sources with settings and a schedule, images with what sources tell of them, leases that
-- several programs share, and the ends of polls.

alter table sources add column url text not null default '';
alter table sources add column interval_seconds bigint not null default 3600;
-- Requests a minute that polls may make; none for no limit.
alter table sources add column rate_limit double precision;
-- 0 stopped, 1 idle, 2 fetching, 3 blocked, 4 stopping.
alter table sources add column state smallint not null default 0;
-- 1 while fetching, if the source is to be stopped afterwards.
alter table sources add column stop_after_poll smallint not null default 0;
alter table sources add column blocked_until bigint;
-- Why the source is blocked or was stopped, for people; empty for none.
alter table sources add column reason text not null default '';
alter table sources add column last_poll_at bigint;
alter table sources add column next_poll_at bigint;
-- Polls that failed in a row.
alter table sources add column failed_polls integer not null default 0;
-- JSON: what polls remember of the source, validators and cursors. Forgotten when url or settings change.
alter table sources add column memory text not null default '';
-- Who polls it, until when.
alter table sources add column lease_owner text not null default '';
alter table sources add column lease_until bigint;
alter table sources add column created_at bigint not null default 0;
alter table sources add column updated_at bigint not null default 0;
-- Set for a source that was deleted; its images stay.
alter table sources add column deleted_at bigint;

create index sources_due on sources (next_poll_at) where deleted_at is null and state in (1, 3);
create index sources_leased on sources (lease_until) where deleted_at is null and lease_until is not null;

-- Settings are JSON, secrets plain text. Secrets stand apart, so that what shows settings cannot show them.
create table source_settings (
  source_id bigint not null references sources (id),
  name text not null,
  value text not null,
  primary key (source_id, name)
);
create table source_secrets (
  source_id bigint not null references sources (id),
  name text not null,
  value text not null,
  primary key (source_id, name)
);

alter table polls add column failure_kind smallint;
alter table polls add column failure_message text;
create index polls_by_source on polls (source_id, started_at);

-- The queue in which an image waits: its poll's number for a job that runs once, 0 for the backend.
alter table images add column queue_id bigint not null default 0;
-- Who holds the lease while storing; empty for a program that has the catalog to itself.
alter table images add column lease_owner text not null default '';
-- What the source tells of the image.
alter table images add column title text;
alter table images add column description text;
alter table images add column attribution_id text;
alter table images add column attribution_name text;
alter table images add column attribution_url text;
alter table images add column page_url text;
alter table images add column nsfw smallint;
alter table images add column published_at bigint;
-- What the origin and the store said.
alter table images add column origin_etag text;
alter table images add column origin_last_modified text;
alter table images add column store_url text;
alter table images add column deleted_at bigint;

update images set queue_id = last_poll_id;
drop index images_pending;
create index images_queue on images (queue_id, host_id, next_attempt_at, id) where state = 0;
