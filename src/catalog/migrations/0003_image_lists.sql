-- What lists, search and statistics of a million images need. A list is a walk along one index, or along several at
-- once that are merged: one for each facet that the filter lets through.

-- What images are filtered by, in one number: 4096 * state + 128 * failure kind + 4 * type + nsfw, where a type has the
-- number below, 31 any other and 0 none, and nsfw is 0 unknown, 1 no, 2 yes. See catalog/image_facet.h.
alter table images add column facet integer generated always as (
  4096 * state + 128 * coalesce(failure_kind, 0)
  + 4 * (case coalesce(content_type, '')
      when '' then 0 when 'image/jpeg' then 1 when 'image/png' then 2 when 'image/gif' then 3 when 'image/webp' then 4
      when 'image/avif' then 5 when 'image/heic' then 6 when 'image/bmp' then 7 when 'image/tiff' then 8
      when 'image/svg+xml' then 9 when 'image/vnd.microsoft.icon' then 10 when 'image/jxl' then 11 else 31 end)
  + (case coalesce(nsfw, 2) when 2 then 0 when 0 then 1 else 2 end)
-- [sqlite]
) virtual;
-- [postgresql]
) stored;
-- [all]

-- All images as they were found.
create index images_found on images (found_at, id);

-- Those that wait or are being stored. They carry no facet, so that a lease leaves the larger indexes alone.
create index images_waiting on images (found_at, id) where state < 2;
create index images_waiting_by_source on images (source_id, found_at, id) where state < 2;

-- Those that are done, by facet; size_bytes is there for sums.
create index images_by_facet on images (facet, found_at, id) where state >= 2;
create index images_by_source on images (source_id, facet, found_at, id, size_bytes) where state >= 2;
create index stored_by_facet on images (facet, stored_at, id, size_bytes) where state >= 2 and stored_at is not null;
create index stored_by_source on images (source_id, facet, stored_at, id, size_bytes)
  where state >= 2 and stored_at is not null;
create index sizes_by_facet on images (facet, size_bytes, id) where state >= 2 and size_bytes is not null;
create index sizes_by_source on images (source_id, facet, size_bytes, id) where state >= 2 and size_bytes is not null;

-- Who else has an object that is to be removed.
create index images_by_key on images (key) where state = 2;

create index images_failed on images (updated_at, source_id) where state = 3;

-- The words of an image.
-- [sqlite]
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

-- [postgresql]
-- Words without case and accents, as the last expression of each of these leaves them.
-- [whole]
create function creel_words(input text) returns text[] language sql immutable parallel safe as $$
  select regexp_split_to_array(
    lower(regexp_replace(normalize(left(input, 20000), NFKD), '[\u0300-\u036f]+', '', 'g') collate "und-x-icu"),
    '[^[:alnum:]]+')
$$
-- [end]
-- [whole]
create function creel_text_vector(input text) returns tsvector language sql immutable parallel safe as $$
  select array_to_tsvector(array(
    select word from unnest(creel_words(input)) as word where word <> '' and length(word) <= 200))
$$
-- [end]
-- All words of the input; the last one may be the beginning of a word if `tail` is ':*'.
-- [whole]
create function creel_text_query(input text, tail text) returns tsquery language sql immutable parallel safe as $$
  select cast(string_agg('''' || word || '''' || case when number = words then tail else '' end, ' & ') as tsquery)
  from (select word, row_number() over () as number, count(*) over () as words
    from unnest(creel_words(input)) as word where word <> '' and length(word) <= 200) as numbered
$$
-- [end]
create table image_words (
  image_id bigint primary key references images (id) on delete cascade,
  words tsvector not null
);
create index image_words_by_word on image_words using gin (words);

-- [whole]
create function creel_note_words() returns trigger language plpgsql as $$
begin
  insert into image_words (image_id, words)
    values (new.id, creel_text_vector(concat_ws(' ', new.title, new.description, new.attribution_name)))
    on conflict (image_id) do update set words = excluded.words;
  return null;
end
$$
-- [end]
-- [whole]
create trigger image_words_add after insert on images for each row
  when (new.title is not null or new.description is not null or new.attribution_name is not null)
  execute function creel_note_words()
-- [end]
-- [whole]
create trigger image_words_change after update of title, description, attribution_name on images for each row
  when (new.title is distinct from old.title or new.description is distinct from old.description
    or new.attribution_name is distinct from old.attribution_name)
  execute function creel_note_words()
-- [end]
insert into image_words (image_id, words)
  select id, creel_text_vector(concat_ws(' ', title, description, attribution_name)) from images
  where title is not null or description is not null or attribution_name is not null;
-- [all]
