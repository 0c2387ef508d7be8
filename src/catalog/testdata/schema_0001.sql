-- A catalog of schema 1 with an image in each state.
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
commit;
