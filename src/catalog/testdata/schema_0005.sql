-- A catalog of schema 5 with an image in each state.
pragma foreign_keys = off;
begin transaction;
create table migrations (number integer primary key, applied_at bigint not null);
insert into migrations values (1, 1690000000000);
create table sources (
  id integer primary key,
  name text not null unique,
  type text not null
);
create table polls (
  id integer primary key,
  source_id bigint not null references sources (id),
  started_at bigint not null,
  ended_at bigint,
  found_images bigint not null default 0,
  new_images bigint not null default 0
);
create table hosts (
  id integer primary key,
  name text not null unique,
  blocked_until bigint not null default 0
);
create table images (
  id integer primary key,
  source_id bigint not null references sources (id),
  image_id text not null,
  last_poll_id bigint not null references polls (id),
  host_id bigint not null references hosts (id),
  state smallint not null,
  attempts integer not null default 0,
  next_attempt_at bigint not null default 0,
  lease_until bigint,
  interrupted smallint not null default 0,
  image_url text not null,
  folder_name text not null,
  file_name text not null,
  fetch_headers text not null,
  meta text not null,
  failure_kind smallint,
  failure_message text,
  key text,
  final_url text,
  etag text,
  content_type text,
  sha256 text,
  size_bytes bigint,
  width bigint,
  height bigint,
  found_at bigint not null,
  stored_at bigint,
  updated_at bigint not null,
  unique (source_id, image_id)
);
create index images_pending on images (last_poll_id, host_id, next_attempt_at, id) where state = 0;
create index images_storing on images (source_id) where state = 1;
create index images_done on images (last_poll_id, state) where state >= 2;
insert into sources values (7, 'urls.txt', 'list');
insert into polls values (3, 7, 1690000000000, null, 5, 5);
insert into hosts values (2, 'a.example', 0);
insert into images (id, source_id, image_id, last_poll_id, host_id, state, attempts, interrupted, image_url, folder_name,
  file_name, fetch_headers, meta, key, final_url, etag, content_type, sha256, size_bytes, width, height, found_at,
  stored_at, updated_at)
  values (1, 7, 'stored', 3, 2, 2, 1, 0, 'https://a.example/stored', '', '', '', '', 'a.example/stored.png',
  'https://a.example/stored', 'abc', 'image/png', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  48213, 800, 600, 1690000000000, 1690000001000, 1690000001000);
insert into images (id, source_id, image_id, last_poll_id, host_id, state, attempts, image_url, folder_name, file_name,
  fetch_headers, meta, failure_kind, failure_message, found_at, updated_at)
  values (2, 7, 'failed', 3, 2, 3, 1, 'https://a.example/failed', '', '', '', '', 11, 'the server answered 404',
  1690000000000, 1690000001000);
insert into images (id, source_id, image_id, last_poll_id, host_id, state, image_url, folder_name, file_name,
  fetch_headers, meta, found_at, updated_at)
  values (3, 7, 'deleted', 3, 2, 4, 'https://a.example/deleted', '', '', '', '', 1690000000000, 1690000001000);
insert into images (id, source_id, image_id, last_poll_id, host_id, state, attempts, next_attempt_at, image_url,
  folder_name, file_name, fetch_headers, meta, failure_kind, failure_message, found_at, updated_at)
  values (4, 7, 'pending', 3, 2, 0, 2, 1690000009000, 'https://a.example/pending', '', '', '', '', 6, 'timed out',
  1690000000000, 1690000001000);
insert into images (id, source_id, image_id, last_poll_id, host_id, state, lease_until, image_url, folder_name,
  file_name, fetch_headers, meta, found_at, updated_at)
  values (5, 7, 'storing', 3, 2, 1, 1690000060000, 'https://a.example/storing', '', '', '', '', 1690000000000,
  1690000001000);
alter table sources add column url text not null default '';
alter table sources add column interval_seconds bigint not null default 3600;
alter table sources add column rate_limit double precision;
alter table sources add column state smallint not null default 0;
alter table sources add column stop_after_poll smallint not null default 0;
alter table sources add column blocked_until bigint;
alter table sources add column reason text not null default '';
alter table sources add column last_poll_at bigint;
alter table sources add column next_poll_at bigint;
alter table sources add column failed_polls integer not null default 0;
alter table sources add column memory text not null default '';
alter table sources add column lease_owner text not null default '';
alter table sources add column lease_until bigint;
alter table sources add column created_at bigint not null default 0;
alter table sources add column updated_at bigint not null default 0;
alter table sources add column deleted_at bigint;
create index sources_due on sources (next_poll_at) where deleted_at is null and state in (1, 3);
create index sources_leased on sources (lease_until) where deleted_at is null and lease_until is not null;
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
alter table images add column queue_id bigint not null default 0;
alter table images add column lease_owner text not null default '';
alter table images add column title text;
alter table images add column description text;
alter table images add column attribution_id text;
alter table images add column attribution_name text;
alter table images add column attribution_url text;
alter table images add column page_url text;
alter table images add column nsfw smallint;
alter table images add column published_at bigint;
alter table images add column origin_etag text;
alter table images add column origin_last_modified text;
alter table images add column store_url text;
alter table images add column deleted_at bigint;
update images set queue_id = last_poll_id;
drop index images_pending;
create index images_queue on images (queue_id, host_id, next_attempt_at, id) where state = 0;
insert into source_settings values (7, 'stop_after', '30');
insert into source_secrets values (7, 'token', '"abc"');
update images set title = 'Lighthouse', attribution_name = 'Ann', page_url = 'https://a.example/page', nsfw = 0,
  published_at = 1680000000000, origin_etag = '"v1"', store_url = 's3://bucket/a.example/stored.png' where id = 1;
update images set lease_owner = 'one' where id = 5;
insert into migrations values (2, 1691000000000);
alter table images add column facet integer generated always as (
  4096 * state + 128 * coalesce(failure_kind, 0)
  + 4 * (case coalesce(content_type, '')
      when '' then 0 when 'image/jpeg' then 1 when 'image/png' then 2 when 'image/gif' then 3 when 'image/webp' then 4
      when 'image/avif' then 5 when 'image/heic' then 6 when 'image/bmp' then 7 when 'image/tiff' then 8
      when 'image/svg+xml' then 9 when 'image/vnd.microsoft.icon' then 10 when 'image/jxl' then 11 else 31 end)
  + (case coalesce(nsfw, 2) when 2 then 0 when 0 then 1 else 2 end)
) virtual;
create index images_found on images (found_at, id);
create index images_waiting on images (found_at, id) where state < 2;
create index images_waiting_by_source on images (source_id, found_at, id) where state < 2;
create index images_by_facet on images (facet, found_at, id) where state >= 2;
create index images_by_source on images (source_id, facet, found_at, id, size_bytes) where state >= 2;
create index stored_by_facet on images (facet, stored_at, id, size_bytes) where state >= 2 and stored_at is not null;
create index stored_by_source on images (source_id, facet, stored_at, id, size_bytes)
  where state >= 2 and stored_at is not null;
create index sizes_by_facet on images (facet, size_bytes, id) where state >= 2 and size_bytes is not null;
create index sizes_by_source on images (source_id, facet, size_bytes, id) where state >= 2 and size_bytes is not null;
create index images_by_key on images (key) where state = 2;
create index images_failed on images (updated_at, source_id) where state = 3;
create virtual table image_words using fts5 (title, description, attribution_name,
  content = 'images', content_rowid = 'id', prefix = '1 2 3', tokenize = "unicode61 remove_diacritics 2");
-- [whole]
create trigger image_words_add after insert on images
  when new.title is not null or new.description is not null or new.attribution_name is not null
begin
  insert into image_words (rowid, title, description, attribution_name)
    values (new.id, new.title, new.description, new.attribution_name);
end
-- [end]
-- [whole]
create trigger image_words_change after update of title, description, attribution_name on images
  when new.title is not old.title or new.description is not old.description
    or new.attribution_name is not old.attribution_name
begin
  insert into image_words (image_words, rowid, title, description, attribution_name)
    values ('delete', old.id, old.title, old.description, old.attribution_name);
  insert into image_words (rowid, title, description, attribution_name)
    values (new.id, new.title, new.description, new.attribution_name);
end
-- [end]
insert into image_words (rowid, title, description, attribution_name)
  select id, title, description, attribution_name from images
  where title is not null or description is not null or attribution_name is not null;
insert into migrations values (3, 1692000000000);
pragma writable_schema = on;
update sqlite_schema
  set sql = replace(sql, 'last_poll_id bigint not null references polls (id)', 'last_poll_id bigint not null')
  where type = 'table' and name = 'images';
pragma writable_schema = reset;
drop index polls_by_source;
create index polls_by_source on polls (source_id, id);
alter table hosts add column polls_blocked_until bigint not null default 0;
alter table hosts add column polls_blocked_reason text not null default '';
insert into hosts values (3, 'api.example', 0, 1693000900000, 'it answered with status 429');
insert into migrations values (4, 1693000000000);
create index images_cut_off on images (id) where state = 4 and interrupted = 1;
insert into migrations values (5, 1693000000000);
commit;
