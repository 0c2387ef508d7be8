"""Lists in every form: what is read, and what a bad line does."""

import gzip
import json

import pytest


def csv_text(origin) -> str:
    return (
        "title,url,file_name,folder\r\n"
        f'"Sea, calm",{origin.url("image/900/a.png")},sea.png,water\r\n'
        f'"Said ""so""",{origin.url("image/901/b.png")},"two\r\nlines.png",\r\n'
    )


def jsonl_text(origin) -> str:
    lines = [
        {
            "url": origin.url("image/900/a.png"),
            "file_name": "sea.png",
            "folder": "water",
            "headers": {"X-Key": "open"},
        },
        {"url": origin.url("image/901/b.png"), "meta": {"title": "Hill", "nested": {"a": [1, 2]}}},
    ]
    return "".join(json.dumps(line) + "\n" for line in lines)


def urls_text(origin) -> str:
    return f"# two pictures\n\n{origin.url('image/900/a.png')}\r\n   \n{origin.url('image/901/b.png')}\n"


FORMATS = {"txt": urls_text, "csv": csv_text, "jsonl": jsonl_text}


@pytest.mark.parametrize("ending", FORMATS)
@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzipped"])
def test_a_list_is_read_by_its_ending(job, origin, ending, packed):
    data = FORMATS[ending](origin).encode()
    path = job.folder / f"list.{ending}{'.gz' if packed else ''}"
    path.write_bytes(gzip.compress(data) if packed else data)

    result = job.run(path)

    assert result.code == 0, result.stderr
    assert (result.summary["total"], result.summary["stored"]) == (2, 2)
    assert sorted(map(len, job.stored().values())) == [900, 901]


@pytest.mark.parametrize("name", ["urls", "csv", "jsonl"])
@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzipped"])
def test_a_list_comes_by_standard_input(job, origin, name, packed):
    data = FORMATS["txt" if name == "urls" else name](origin).encode()

    result = job.run("-", "--format", name, given=gzip.compress(data) if packed else data)

    assert (result.code, result.summary["stored"]) == (0, 2), result.stderr


@pytest.mark.parametrize("ending", FORMATS)
def test_a_list_is_fetched_from_the_web(job, origin, make_origin, ending):
    lists = make_origin()
    lists.lists[f"pictures.{ending}"] = FORMATS[ending](origin).encode()

    result = job.run(lists.url(f"list-of/pictures.{ending}"))

    assert (result.code, result.summary["stored"]) == (0, 2), result.stderr
    assert len(lists.requests) == 1


def test_a_list_from_the_web_may_be_gzipped(job, origin, make_origin):
    lists = make_origin()
    lists.lists["pictures.csv.gz"] = gzip.compress(csv_text(origin).encode())

    result = job.run(lists.url("list-of/pictures.csv.gz"))

    assert (result.code, result.summary["stored"]) == (0, 2), result.stderr


def test_a_list_on_a_private_address_may_be_named_by_the_user_but_not_so_its_images(job, origin):
    origin.lists["pictures.txt"] = urls_text(origin).encode()

    result = job.run(origin.url("list-of/pictures.txt"), private=False)

    assert result.failures == {"blocked_address": 2}, result.stderr
    assert [request.path for request in origin.requests] == ["/list-of/pictures.txt"]


def test_a_list_that_the_web_does_not_have_is_said_plainly(job, origin):
    url = origin.url("status/404/pictures.txt")

    result = job.run(url)

    assert result.code in (1, 2)
    assert url in result.stderr and "404" in result.stderr


def test_several_lists_make_one_job(job, origin):
    first = job.list([origin.url("image/900/a.png")], "first.txt")
    second = job.list(["url", origin.url("image/901/b.png")], "second.csv")

    result = job.run(first, second)

    assert (result.code, result.summary["total"], result.summary["stored"]) == (0, 2, 2), result.stderr


def test_a_byte_order_mark_and_a_missing_last_line_end_do_not_matter(job, origin):
    path = job.folder / "list.txt"
    path.write_bytes(b"\xef\xbb\xbf" + origin.url("image/900/a.png").encode())

    assert job.run(path).summary["stored"] == 1


def test_a_url_that_is_listed_twice_is_fetched_once(job, origin):
    url = origin.url("image/900/a.png")

    result = job.run(job.list([url, url, url]))

    assert (result.code, result.summary["stored"]) == (0, 1), result.stderr
    assert len(origin.requests) == 1


def test_a_bad_line_is_named_and_counted_and_does_not_stop_the_job(job, origin):
    good = [origin.url("image/900/a.png"), origin.url("image/901/b.png")]

    result = job.run(job.list([good[0], "not a url", "ftp://example.com/a.png", good[1]]))

    assert result.code == 1
    assert "urls.txt:2" in result.stderr and "urls.txt:3" in result.stderr
    assert result.failures == {"bad_url": 2}
    assert (result.summary["total"], result.summary["stored"], result.summary["failed"]) == (4, 2, 2)


def test_a_line_that_is_no_json_is_named_and_counted(job, origin):
    path = job.folder / "list.jsonl"
    path.write_text(
        '{"url": \n' + json.dumps({"url": origin.url("image/900/a.png")}) + '\n{"file_name": "a.png"}\n'
    )

    result = job.run(path)

    assert result.code == 1
    assert "list.jsonl:1" in result.stderr and "list.jsonl:3" in result.stderr
    assert (result.summary["stored"], result.summary["failed"]) == (1, 2)


def test_headers_of_a_line_go_to_its_server_and_to_no_other_line(job, origin):
    path = job.folder / "list.jsonl"
    path.write_text(jsonl_text(origin))

    job.run(path)

    assert origin.requests_of("/image/900/a.png")[0].header("x-key") == "open"
    assert origin.requests_of("/image/901/b.png")[0].header("x-key") is None


@pytest.mark.parametrize(
    "name, value", [("Host", "evil"), ("Content-Length", "3"), ("Connection", "close"), ("X-A", "b\r\nC: d")]
)
def test_a_line_may_not_set_the_clients_own_headers(job, origin, name, value):
    path = job.folder / "list.jsonl"
    path.write_text(json.dumps({"url": origin.url("image/900/a.png"), "headers": {name: value}}) + "\n")

    result = job.run(path)

    assert (result.code, result.failures) == (1, {"bad_request": 1}), result.stderr
    assert origin.requests == []


def test_metadata_with_line_ends_is_refused(job, origin):
    path = job.folder / "list.csv"
    path.write_text(
        f'url,title\n{origin.url("image/900/a.png")},"two\nlines"\n{origin.url("image/901/b.png")},one\n'
    )

    result = job.run(path)

    assert (result.code, result.summary["stored"], result.failures) == (
        1,
        1,
        {"bad_request": 1},
    ), result.stderr
    assert "list.csv:2" in result.stderr and "title" in result.stderr


@pytest.mark.parametrize("folder", ["../up", "/etc", "a//b"])
def test_a_line_with_a_folder_that_leads_elsewhere_is_a_bad_line(job, origin, folder):
    path = job.folder / "list.csv"
    path.write_text(f"url,folder\n{origin.url('image/900/a.png')},{folder}\n")

    result = job.run(path)

    assert (result.code, result.summary["failed"]) == (1, 1), result.stderr
    assert "list.csv:2" in result.stderr
    assert job.stored() == {}


def test_a_list_that_is_not_there_is_wrong_usage(job):
    result = job.run(job.folder / "nowhere.txt")

    assert result.code == 2
    assert "nowhere.txt" in result.stderr


def test_a_table_without_a_url_column_is_said_plainly(job):
    path = job.folder / "list.csv"
    path.write_text("link,title\nhttp://127.0.0.1/a.png,A\n")

    result = job.run(path)

    assert result.code in (1, 2)
    assert "list.csv" in result.stderr and "url" in result.stderr


def test_a_gzip_file_that_breaks_off_is_said_and_what_came_before_is_stored(job, origin):
    urls = [origin.url(f"image/900/{number}.png") for number in range(50)]
    # The first piece can be read; the second is damaged.
    first = gzip.compress("".join(f"{url}\n" for url in urls).encode())
    path = job.folder / "list.txt.gz"
    path.write_bytes(first + gzip.compress(b"http://127.0.0.1/never.png\n" * 5000)[:60])

    result = job.run(path)

    assert result.code == 1
    assert "list.txt.gz" in result.stderr
    assert result.summary["stored"] == 50


def test_a_long_list_needs_no_more_memory_than_a_short_one(job):
    # Both are longer than the catalog's cache of pages can hold.
    short = job.list((f"http://127.0.0.1:9/{number}.png" for number in range(300_000)), "short.txt")
    long = job.list((f"http://127.0.0.1:9/{number}.png" for number in range(700_000)), "long.txt")

    of_short, of_long = job.run(short, "--dry-run"), job.run(long, "--dry-run")

    assert (of_short.code, of_long.code) == (0, 0), of_long.stderr
    assert of_long.peak_bytes < of_short.peak_bytes * 1.1
    assert of_long.peak_bytes < 48 * 1024 * 1024
