-- What many polls leave behind: the last ones of each source are kept, and hosts that have refused them are left alone.

-- An image outlives the poll that saw it last, so that poll need not stay for its sake.
-- [sqlite]
-- SQLite takes a constraint away in no other way: https://www.sqlite.org/lang_altertable.html#otheralter
pragma writable_schema = on;
update sqlite_schema
  set sql = replace(sql, 'last_poll_id bigint not null references polls (id)', 'last_poll_id bigint not null')
  where type = 'table' and name = 'images';
pragma writable_schema = reset;
-- [postgresql]
alter table images drop constraint images_last_poll_id_fkey;
-- [all]

-- Polls in their order.
drop index polls_by_source;
create index polls_by_source on polls (source_id, id);

-- No poll asks the host before this; apart from blocked_until, since what is asked of polls is not asked of images. Beside
-- hosts there are accounts at a host: its name, a blank, and a hash.
alter table hosts add column polls_blocked_until bigint not null default 0;
-- Why, for people.
alter table hosts add column polls_blocked_reason text not null default '';
