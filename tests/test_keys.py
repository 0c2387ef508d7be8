"""Where an image goes: keys in a folder, and what an object in a bucket carries beside its bytes."""

import hashlib
import json
import re

import pytest

HASH = "-[0-9a-f]{8}"


def keys_of(job, *arguments):
    result = job.run(*arguments)
    assert result.code == 0, result.stderr
    return set(job.stored())


def table(job, rows, columns="url,file_name,folder"):
    return job.list([columns, *rows], "list.csv")


def test_host_and_path_of_the_url_are_folders_and_file_name(job, origin):
    url = origin.url("image/900/cat.png")

    result = job.run(job.list([url]))

    (key,) = job.stored()
    assert result.of(url)["key"] == key
    host, _, path = key.partition("/")
    assert host.startswith(origin.host)
    assert path == "image/900/cat.png"


def test_a_query_string_tells_two_urls_apart(job, origin):
    urls = [origin.url(f"same/900/x/cat.png{query}") for query in ("", "?w=1", "?w=2")]

    keys = sorted(keys_of(job, job.list(urls)), key=len)

    assert len(keys) == 3
    assert keys[0].endswith("/cat.png")
    assert all(re.search(rf"/cat{HASH}\.png$", key) for key in keys[1:])


@pytest.mark.parametrize("kind, right", [("gif", "gif"), ("bmp", "bmp"), ("svg", "svg")])
def test_the_extension_follows_the_bytes(job, origin, kind, right):
    (key,) = keys_of(job, job.list([origin.url(f"file/{kind}/cat.jpg")]))

    assert re.search(rf"/cat{HASH}\.{right}$", key)


@pytest.mark.parametrize("name", ["cat.png", "Sunset at sea.png", "a_b-c.1.png", "CAT.PNG"])
def test_a_clean_file_name_stays_as_it_is(job, origin, name):
    rows = [f"{origin.url('image/900/x.png')},{name},"]

    assert keys_of(job, table(job, rows)) == {name}


def test_a_cleaned_file_name_carries_a_hash(job, origin):
    rows = [f"{origin.url('image/900/x.png')},Sunset at séa!.png,"]

    (key,) = keys_of(job, table(job, rows))

    assert re.fullmatch(rf"Sunset at sa{HASH}\.png", key)


def test_names_that_clean_to_the_same_do_not_fall_together(job, origin):
    names = ["cat?.png", "cat!.png", "cat*.png", "çat.png", "cat.png"]
    rows = [f"{origin.url(f'image/900/{number}.png')},{name}," for number, name in enumerate(names)]

    assert len(keys_of(job, table(job, rows))) == 5


def test_a_file_name_without_extension_gets_the_right_one(job, origin):
    (key,) = keys_of(job, table(job, [f"{origin.url('image/900/x')},cat,"]))

    assert re.fullmatch(rf"cat({HASH})?\.png", key)


def test_the_folder_of_the_job_is_for_lines_that_name_none(job, origin):
    rows = [f"{origin.url('image/900/x.png')},cat.png,pets", f"{origin.url('image/901/y.png')},dog.png,"]

    keys = keys_of(job, table(job, rows), "--folder", "all/of them")

    assert keys == {"all/of them/dog.png", "pets/cat.png"}


@pytest.mark.parametrize(
    "name", ["../../escaped.png", "/etc/escaped.png", "..", "a/../../b.png", "..\\b.png", ".", "...png"]
)
def test_no_file_name_leads_out_of_the_folder(job, origin, name):
    job.run(table(job, [f"{origin.url('image/900/x.png')},{name},"]))

    inside = list(job.stored())
    outside = [path for path in job.folder.rglob("*.png") if job.to not in path.parents]
    assert (len(inside), outside) == (1, [])


@pytest.mark.parametrize(
    "path", ["image/900/%2e%2e%2f%2e%2e%2fup.png", "image/900/..%2f..%2fup.png", "image/900/a%00b.png"]
)
def test_no_url_leads_out_of_the_folder(job, origin, path):
    job.run(job.list([origin.url(path)]))

    assert [path for path in job.folder.rglob("*.png") if job.to not in path.parents] == []


def test_a_key_does_not_depend_on_order_or_on_other_lines(job, origin, tmp_path_factory):
    rows = [
        f"{origin.url('image/900/a.png')},cat?.png,",
        f"{origin.url('image/900/b.png')},cat!.png,",
        f"{origin.url('image/900/c.png?q=1')},,",
        f"{origin.url('file/gif/d.jpg')},,",
    ]
    forward = keys_of(job, table(job, rows))

    alone = set()
    for row in reversed(rows):
        one = type(job)(tmp_path_factory.mktemp("one"))
        alone |= keys_of(one, table(one, [row]))

    assert alone == forward


def test_a_very_long_name_is_shortened_to_what_file_systems_take(job, origin):
    keys = keys_of(job, table(job, [f"{origin.url('image/900/x.png')},{'long ' * 200}.png,"]))

    assert all(len(part.encode()) <= 255 for key in keys for part in key.split("/"))


def test_in_content_mode_the_key_is_the_hash_and_equal_bytes_are_stored_once(job, origin):
    urls = [origin.url(f"same/900/x/{number}.png") for number in range(4)] + [origin.url("same/900/y/1.png")]

    result = job.run(job.list(urls), "--key-mode", "content")

    assert result.code == 0, result.stderr
    stored = job.stored()
    assert len(stored) == 2
    for key, body in stored.items():
        digest = hashlib.sha256(body).hexdigest()
        assert key == f"{digest[:2]}/{digest[2:4]}/{digest}.png"
    assert {line["key"] for line in result.report} == set(stored)


def test_an_object_carries_its_type_and_the_lines_metadata(s3_job, s3, origin):
    meta = {"title": "Möwe", "nsfw": False, "attribution_name": "A. N. Other"}
    path = s3_job.folder / "list.jsonl"
    path.write_text(
        json.dumps({"url": origin.url("file/gif/x.gif"), "file_name": "gull.gif", "meta": meta}) + "\n"
    )

    result = s3_job.run(path)

    assert result.code == 0, result.stderr
    stored = s3.objects["mirror/gull.gif"]
    assert stored.headers["content-type"] == "image/gif"
    assert stored.headers["x-amz-meta-title"] == "M%C3%B6we"
    assert stored.headers["x-amz-meta-nsfw"] == "false"
    assert "A. N. Other" in stored.headers.values()
    assert origin.url("file/gif/x.gif") in stored.headers.values()


def test_metadata_is_cut_to_what_s3_takes(s3_job, s3, origin):
    meta = {"title": "ü" * 3000, "description": "x" * 3000}
    path = s3_job.folder / "list.jsonl"
    path.write_text(
        json.dumps({"url": origin.url("image/900/x.png"), "file_name": "x.png", "meta": meta}) + "\n"
    )

    assert s3_job.run(path).code == 0
    user = {
        name: value
        for name, value in s3.objects["mirror/x.png"].headers.items()
        if name.startswith("x-amz-meta-")
    }
    assert sum(len(name) - len("x-amz-meta-") + len(value) for name, value in user.items()) <= 2048
    assert all(value.isascii() for value in user.values())
    # No character was cut in the middle.
    assert len(re.findall("%C3%BC", user["x-amz-meta-title"])) * 6 == len(user["x-amz-meta-title"])
