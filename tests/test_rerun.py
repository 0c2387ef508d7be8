"""The same command again does only what is left."""

import pytest

from support.creel import ENVIRONMENT, Process


def urls_of(origin, count=5):
    return [origin.url(f"image/900/{number}.png") for number in range(count)]


def test_what_is_stored_is_not_fetched_again(job, origin):
    urls = job.list(urls_of(origin))
    job.run(urls)

    result = job.run(urls)

    assert result.code == 0, result.stderr
    summary = result.summary
    assert (summary["total"], summary["stored"], summary["already"], summary["failed"]) == (5, 0, 5, 0)
    assert len(origin.requests) == 5


def test_a_list_that_has_grown_brings_only_what_is_new(job, origin):
    job.run(job.list(urls_of(origin, 3)))

    result = job.run(job.list(urls_of(origin, 5)))

    assert (result.summary["stored"], result.summary["already"]) == (2, 3)
    assert len(origin.requests) == 5


def test_the_report_names_what_was_there_already(job, origin):
    urls = urls_of(origin, 2)
    first = job.run(job.list(urls))

    again = job.run(job.list(urls))

    for url in urls:
        assert again.of(url)["status"] == "already"
        assert again.of(url)["key"] == first.of(url)["key"]
        assert again.of(url)["sha256"] == first.of(url)["sha256"]


def test_permanent_failures_stay_failed_without_being_asked_for_again(job, origin):
    urls = job.list([*urls_of(origin, 2), origin.url("status/404/x.png")])
    job.run(urls)

    result = job.run(urls)

    assert (result.code, result.failures) == (1, {"not_found": 1})
    assert len(origin.requests) == 3


def test_failures_that_may_pass_are_tried_in_the_next_run(job, origin):
    url = origin.url("failing/1/500/900/x.png")
    assert job.run(job.list([url]), "--retries", "0").code == 1

    result = job.run(job.list([url]), "--retries", "0")

    assert (result.code, result.summary["stored"]) == (0, 1), result.stderr


def test_permanent_failures_are_tried_again_on_demand(job, origin):
    url = origin.url("failing/1/404/900/x.png")
    assert job.run(job.list([url])).failures == {"not_found": 1}

    result = job.run(job.list([url]), "--retry-failed")

    assert (result.code, result.summary["stored"]) == (0, 1), result.stderr


def test_failures_of_one_kind_are_tried_again_on_demand(job, origin):
    missing, refused = origin.url("failing/1/404/900/x.png"), origin.url("failing/1/403/901/y.png")
    urls = job.list([missing, refused])
    job.run(urls)

    result = job.run(urls, "--retry-failed", "forbidden")

    assert (result.kind(missing), result.kind(refused)) == ("not_found", "stored")


def test_what_is_in_the_folder_is_kept_on_demand(job, origin):
    url = origin.url("failing/0/500/900/x.png")
    key = job.run(job.list([url])).of(url)["key"]
    (job.to / key).write_bytes(b"mine")
    job.state = job.folder / "fresh.db"

    result = job.run(job.list([url]), "--if-exists", "skip")

    assert (result.code, result.summary["already"], result.summary["stored"]) == (0, 1, 0), result.stderr
    assert (job.to / key).read_bytes() == b"mine"


def test_what_is_in_the_folder_is_replaced_otherwise(job, origin):
    url = origin.url("image/900/x.png")
    key = job.run(job.list([url])).of(url)["key"]
    (job.to / key).write_bytes(b"mine")
    job.state = job.folder / "fresh.db"

    result = job.run(job.list([url]))

    assert (result.code, result.summary["stored"]) == (0, 1), result.stderr
    assert (job.to / key).read_bytes() == origin.image("image/900/x.png")


def test_another_destination_is_another_job(job, origin):
    urls = job.list(urls_of(origin))
    job.run(urls)
    job.to = job.folder / "elsewhere"

    result = job.run(urls)

    assert result.summary["stored"] == 5, result.stderr
    assert len(job.stored()) == 5


def test_two_runs_on_one_state_do_not_meet(job, origin):
    urls = job.list([origin.url("held/go/900/x.png")])
    first = job.start(urls)
    first.wait_for(lambda: origin.requests)

    second = job.run(urls)
    origin.open("go")

    assert second.code == 2
    assert str(job.state) in second.stderr
    assert first.finish().summary["stored"] == 1


def test_without_a_state_given_it_lies_in_the_working_directory(job, origin):
    urls = job.list(urls_of(origin))
    arguments = ["mirror", urls, "--to", job.to, "--json", "--no-progress", "--allow-private-network"]

    def run():
        return Process(arguments, ENVIRONMENT, folder=job.folder).finish()

    assert run().summary["stored"] == 5
    assert (job.folder / "creel-data").is_dir()
    assert run().summary["already"] == 5


@pytest.mark.parametrize("content", [b"this is no database", b"SQLite format 3\0" + b"\xff" * 200])
def test_a_state_that_is_no_catalog_is_left_alone(job, origin, content):
    job.state.write_bytes(content)

    result = job.run(job.list(urls_of(origin)))

    assert result.code == 2
    assert str(job.state) in result.stderr
    assert job.state.read_bytes() == content
