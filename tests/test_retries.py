"""What is tried again, how often, and when."""

import pytest


def requests_of(origin, url):
    return [request for request in origin.requests if origin.url(request.target) == url]


def test_a_server_that_fails_for_a_while_is_asked_again(job, origin):
    url = origin.url("failing/2/500/900/x.png")

    result = job.run(job.list([url]))

    assert (result.code, result.kind(url), result.of(url)["attempts"]) == (0, "stored", 3), result.stderr
    assert len(origin.requests) == 3


@pytest.mark.parametrize(
    "path", ["failing/1/503/900/x.png", "failing/1/429/900/x.png", "truncated-once/900/x.png"]
)
def test_what_may_pass_is_tried_again(job, origin, path):
    url = origin.url(path)

    result = job.run(job.list([url]))

    assert (result.code, result.kind(url), len(origin.requests)) == (0, "stored", 2), result.stderr


@pytest.mark.parametrize(
    "path", ["status/404/x.png", "status/403/x.png", "status/401/x.png", "html/x.png", "removed/x.png"]
)
def test_what_will_not_pass_is_tried_once(job, origin, path):
    url = origin.url(path)

    result = job.run(job.list([url]))

    assert (result.code, result.of(url)["attempts"], len(requests_of(origin, url))) == (1, 1, 1)


@pytest.mark.parametrize("retries", [0, 1, 3])
def test_retries_are_as_many_as_asked_for(job, origin, retries):
    url = origin.url("status/500/x.png")

    result = job.run(job.list([url]), "--retries", retries)

    assert (result.code, result.kind(url)) == (1, "server_error")
    assert (result.of(url)["attempts"], len(origin.requests)) == (retries + 1, retries + 1)


@pytest.mark.parametrize("code", [429, 503])
@pytest.mark.parametrize("behaviour", ["retry-after", "retry-after-date"])
def test_retry_after_holds_the_whole_host_and_no_other(job, origin, make_origin, code, behaviour):
    # A date has whole seconds, so that three of them are more than two.
    asked, least = (2, 2.0) if behaviour == "retry-after" else (3, 2.0)
    first = origin.url(f"{behaviour}/{code}/{asked}/900/first.png")
    rest = [origin.url(f"image/900/{number}.png") for number in range(10)]
    other = make_origin()
    others = [other.url(f"image/900/{number}.png") for number in range(10)]

    result = job.run(job.list([first, *rest, *others]), "--per-host", "1", "--threads", "1")

    assert (result.code, result.summary["stored"]) == (0, 21), result.stderr
    refused = requests_of(origin, first)[0].at
    after = [request.at for request in origin.requests if request.at > refused]
    assert len(after) == 11
    assert min(after) - refused >= least
    assert max(request.at for request in other.requests) < min(after), "the other host had to wait too"


def test_a_host_that_asks_for_more_patience_than_there_is_does_not_hang_the_job(job, origin, make_origin):
    other = make_origin()
    url, good = origin.url("status-retry-after/429/86400/x.png"), other.url("image/900/x.png")

    result = job.run(job.list([url, good]), "--retries", "0")

    assert (result.kind(url), result.kind(good)) == ("rate_limited", "stored")
