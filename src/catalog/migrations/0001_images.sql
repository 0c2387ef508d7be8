-- The first schema: sources, their polls, the hosts of image URLs, the images and the queue that they form.
--
-- All times are whole milliseconds since 1970-01-01 00:00 UTC.

create table sources (
  id integer primary key,
  name text not null unique,
  type text not null
);

-- One pass over a source. A poll without an end was cut off.
create table polls (
  id integer primary key,
  source_id bigint not null references sources (id),
  started_at bigint not null,
  ended_at bigint,
  found_images bigint not null default 0,
  new_images bigint not null default 0
);

-- The authorities of image URLs. No image of a host is fetched before blocked_until.
create table hosts (
  id integer primary key,
  name text not null unique,
  blocked_until bigint not null default 0
);

-- state: 0 pending, 1 storing, 2 stored, 3 failed, 4 deleted.
-- failure_kind: the numbers of creel's failure kinds; while pending, why the last try failed.
-- interrupted: 1 if a lease ended without an outcome, so that the object may be in the store already.
-- fetch_headers, meta: JSON objects of strings; empty for none.
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

-- The queue: by host, within a host by time due, then as found.
create index images_pending on images (last_poll_id, host_id, next_attempt_at, id) where state = 0;

-- The leases.
create index images_storing on images (source_id) where state = 1;

-- How the images of a poll ended, for counting.
create index images_done on images (last_poll_id, state) where state >= 2;
