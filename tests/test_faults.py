"""The web as it is: every fault ends in its kind, within its deadline, alone, while the neighbours are served."""

import dataclasses
import os
import socket
import urllib.parse

import pytest

from support import images
from support.name_server import NameServer
from support.tls import self_signed

# Deadline of a transfer that will meet it, and how much later that may be noticed on a busy machine; and of one that
# ends by itself.
TIMEOUT, SLACK = 4.0, 6.0
PATIENCE = 60.0
NEIGHBOURS = 5


@dataclasses.dataclass
class Fault:
    """`kind` may name several, divided by a blank, where the web leaves it open."""

    path: str
    kind: str
    name: str = ""

    def __str__(self):
        return self.name or self.path.partition("?")[0].replace("/", "-")


def quoted(url: str) -> str:
    return urllib.parse.quote(url, safe="")


FAULTS = [
    Fault("status/400/x.png", "bad_request"),
    Fault("status/401/x.png", "bad_auth"),
    Fault("status/403/x.png", "forbidden"),
    Fault("status/404/x.png", "not_found"),
    Fault("status/410/x.png", "not_found"),
    Fault("status/429/x.png", "rate_limited"),
    Fault("status/500/x.png", "server_error"),
    Fault("status/502/x.png", "server_error"),
    Fault("status/503/x.png", "server_error"),
    Fault("truncated/5000/x.png", "truncated"),
    Fault("truncated/11000000/x.png", "truncated", "truncated-when-large"),
    Fault("cut/500000/x.png", "truncated"),
    Fault("cut-chunks/5000/x.png", "truncated"),
    Fault("html/x.png", "not_an_image"),
    Fault("json/x.png", "not_an_image"),
    Fault("empty/x.png", "not_an_image"),
    Fault("endless/x.png", "too_large"),
    Fault("bomb/x.svg", "too_large"),
    Fault("big-header/99000000/x.png", "too_large"),
    Fault("chunked/13000000/x.png", "too_large"),
    Fault("image/13000000/x.png", "too_large"),
    Fault("drip/5000/x.png", "timeout"),
    Fault("stall-before-headers/x.png", "timeout"),
    Fault("stall-after-headers/5000/x.png", "timeout"),
    Fault("stall-in-body/5000/x.png", "timeout"),
    Fault("broken-gzip/x.png", "server_error truncated"),
    Fault("header-bomb/x.png", "server_error too_large connect"),
    Fault("not-http/x.png", "server_error"),
    Fault("redirect/6/900/x.png", "redirected"),
    Fault("redirect-loop/x.png", "redirected"),
    Fault("redirect-nowhere/x.png", "redirected"),
    Fault(f"redirect-to/{quoted('ftp://127.0.0.1/x.png')}/x.png", "redirected", "redirect-to-ftp"),
    Fault(f"redirect-to/{quoted('file:///etc/passwd')}/x.png", "redirected", "redirect-to-file"),
    Fault(
        f"redirect-to/{quoted('http://user:pw@127.0.0.1/x.png')}/x.png", "redirected", "redirect-to-userinfo"
    ),
    Fault(
        f"redirect-to/{quoted('http://169.254.169.254/latest/meta-data/')}/x.png",
        "blocked_address",
        "redirect-to-metadata",
    ),
    Fault(
        f"redirect-to/{quoted('http://[::ffff:169.254.169.254]/x.png')}/x.png",
        "blocked_address",
        "redirect-to-hidden-metadata",
    ),
    Fault("removed/x.png", "placeholder"),
    Fault("redirect-to/%2Fremoved/x.png", "placeholder", "removed-after-two-redirects"),
]


@pytest.fixture(scope="module", autouse=True)
def bomb_in_stock():
    # It takes longer to make than the transfers here may last.
    images.svg_bomb()


def neighbours(make_origin) -> list[str]:
    other = make_origin()
    return [other.url(f"image/2000/{number}.png") for number in range(NEIGHBOURS)]


def assert_served(result, urls) -> None:
    assert [result.kind(url) for url in urls] == ["stored"] * len(urls)


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_a_fault_ends_in_its_kind_within_its_deadline_and_alone(job, origin, make_origin, fault):
    bad, others = origin.url(fault.path), neighbours(make_origin)
    timeout = TIMEOUT if fault.kind == "timeout" else PATIENCE

    result = job.run(
        job.list([bad, *others]), "--timeout", f"{timeout}s", "--retries", "0", "--max-bytes", "12MiB"
    )

    assert result.kind(bad) in fault.kind.split(), result.of(bad)
    assert result.of(bad)["attempts"] == 1
    assert result.of(bad)["seconds"] < timeout + SLACK
    assert_served(result, others)
    assert (result.code, result.failures, result.summary["stored"]) == (1, {result.kind(bad): 1}, NEIGHBOURS)
    assert len(job.stored()) == NEIGHBOURS


def test_all_faults_at_once_leave_the_neighbours_alone(job, origin, make_origin):
    bad = {origin.url(fault.path): fault.kind.split() for fault in FAULTS}
    others = neighbours(make_origin)

    result = job.run(
        job.list([*bad, *others]), "--timeout", "20s", "--retries", "0", "--max-bytes", "12MiB"
    )

    wrong = {url: result.kind(url) for url, kinds in bad.items() if result.kind(url) not in kinds}
    assert wrong == {}
    assert_served(result, others)


def test_hanging_up_without_an_answer_is_a_failure_that_may_be_retried(job, origin, make_origin):
    bad, others = origin.url("hang-up/x.png"), neighbours(make_origin)

    result = job.run(job.list([bad, *others]), "--retries", "1", "--timeout", "5s")

    assert result.kind(bad) in ("connect", "truncated", "server_error")
    assert result.of(bad)["attempts"] == 2
    assert_served(result, others)


def test_a_body_longer_than_its_header_is_read_to_the_header_and_spoils_nothing(job, origin):
    bad, good = origin.url("too-long/1000/x.png"), [
        origin.url(f"image/2000/{number}.png") for number in range(5)
    ]

    result = job.run(job.list([bad, *good]), "--per-host", "1", "--retries", "2")

    # What is left on the connection may spoil the next answer, which is then asked for again.
    if result.kind(bad) == "stored":
        assert result.of(bad)["size"] == 900
    else:
        assert result.kind(bad) == "truncated"
    assert_served(result, good)
    for url in good:
        assert job.stored()[result.of(url)["key"]] == origin.image(urllib.parse.urlsplit(url).path)


def test_a_connection_that_the_server_has_closed_while_idle_is_no_failure(job, origin):
    urls = [origin.url(f"closes-idle/2000/{number}.png") for number in range(60)]

    result = job.run(job.list(urls), "--per-host", "3", "--retries", "0")

    assert (result.code, result.summary["stored"]) == (0, 60), result.stderr


def test_connections_are_used_again(job, origin):
    urls = [origin.url(f"image/2000/{number}.png") for number in range(100)]

    assert job.run(job.list(urls), "--per-host", "4", "--threads", "1").code == 0
    assert origin.accepted_connections <= 8


# Bodies that are unusual, and right.


@pytest.mark.parametrize(
    "path",
    ["image/20971520/x.png", "chunked/20971520/x.png", "chunked/900/x.png", "until-close/20971520/x.png"],
)
def test_an_image_of_any_length_known_or_not_arrives_whole(job, origin, path):
    url = origin.url(path)

    result = job.run(job.list([url]))

    assert result.code == 0, result.stderr
    assert list(job.stored().values()) == [origin.image(path)]
    assert result.of(url)["size"] == len(origin.image(path))


def test_a_compressed_answer_is_decoded(job, origin):
    result = job.run(job.list([origin.url("gzipped/x.svg")]))

    assert result.code == 0, result.stderr
    assert list(job.stored().values()) == [images.SVG]


def test_five_redirects_are_followed(job, origin):
    url = origin.url("redirect/5/900/x.png")

    assert job.run(job.list([url])).kind(url) == "stored"


def test_a_redirect_leads_to_another_host_without_the_secret_headers(job, origin, make_origin):
    other = make_origin()
    url = origin.url(f"redirect-to/{quoted(other.url('image/900/x.png'))}/x.png")

    result = job.run(job.list([url]), "--header", "Authorization: Bearer key", "--header", "X-Other: yes")

    assert result.code == 0, result.stderr
    assert origin.requests[0].header("authorization") == "Bearer key"
    assert other.requests[0].header("authorization") is None
    assert other.requests[0].header("x-other") == "yes"


def test_the_program_names_itself_and_where_to_read_about_it(job, origin):
    job.run(job.list([origin.url("image/900/x.png")]))

    agent = origin.requests[0].header("user-agent")
    assert "creel" in agent and "http" in agent


# What is accepted.


def test_only_accepted_types_are_stored(job, origin):
    gif, png = origin.url("file/gif/x.gif"), origin.url("image/900/x.png")

    result = job.run(job.list([gif, png]), "--accept", "image/png")

    assert (result.kind(gif), result.kind(png)) == ("not_an_image", "stored")


def test_max_bytes_bounds_the_bytes_and_not_only_the_header(job, origin):
    small, large = origin.url("chunked/10000/x.png"), origin.url("chunked/10001/x.png")

    result = job.run(job.list([small, large]), "--max-bytes", "10000")

    assert (result.kind(small), result.kind(large)) == ("stored", "too_large")


# Opt-outs.

OPTED_OUT = [
    "noai",
    "noimageai",
    "noindex",
    "noimageindex",
    "NoAI",
    "nofollow, noai",
    "creel: noindex",
    "Creel: nofollow, noimageai",
]
NOT_OPTED_OUT = ["nofollow", "all", "otherbot: noindex", "noarchive, nosnippet", "max-image-preview: large"]


def tagged(origin, value: str) -> str:
    return origin.url(f"headers/X-Robots-Tag/{quoted(value)}/900/{quoted(value)}.png")


def test_who_has_opted_out_is_left_alone(job, origin):
    urls = [tagged(origin, value) for value in OPTED_OUT]

    result = job.run(job.list(urls))

    assert {url: result.kind(url) for url in urls} == {url: "opted_out" for url in urls}
    assert job.stored() == {}


def test_other_robots_tags_do_not_matter(job, origin):
    urls = [tagged(origin, value) for value in NOT_OPTED_OUT]

    result = job.run(job.list(urls))

    assert {url: result.kind(url) for url in urls} == {url: "stored" for url in urls}


def test_opt_outs_can_be_ignored(job, origin):
    urls = [tagged(origin, value) for value in OPTED_OUT]

    assert job.run(job.list(urls), "--ignore-opt-out").summary["stored"] == len(urls)


def test_an_opt_out_ends_the_transfer_after_the_headers(job, origin):
    url = origin.url("opt-out-and-stall/x.png")

    result = job.run(job.list([url]), "--timeout", "20s")

    assert result.kind(url) == "opted_out"
    assert result.of(url)["seconds"] < 15


# Addresses.

NOT_PUBLIC = [
    "127.0.0.1",
    "localhost",
    "[::1]",
    "0.0.0.0",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "169.254.169.254",
    "224.0.0.1",
    "255.255.255.255",
    "[fe80::1]",
    "[fd00:ec2::254]",
    "[ff02::1]",
    "[::ffff:127.0.0.1]",
    "[::127.0.0.1]",
    "[2002:7f00:1::]",
    "[64:ff9b::7f00:1]",
    "[2001:0:0:0:0:0:80ff:fffe]",
    "2130706433",
    "0x7f.1",
    "0177.0.0.1",
]


def test_addresses_that_are_not_public_are_refused(job):
    urls = [f"http://{address}/{number}.png" for number, address in enumerate(NOT_PUBLIC)]

    result = job.run(job.list(urls), private=False)

    allowed = [
        line
        for line in result.report
        if line["status"] != "failed" or line["error"]["type"] != "blocked_address"
    ]
    assert allowed == []
    assert result.failures == {"blocked_address": len(urls)}


def test_a_loopback_server_hears_nothing_unless_private_addresses_are_allowed(job, origin):
    url = origin.url("image/900/x.png")
    hidden = f"http://[::ffff:{origin.host}]:{origin.port}/image/900/y.png"

    result = job.run(job.list([url, hidden]), private=False)

    assert (result.kind(url), result.kind(hidden)) == ("blocked_address", "blocked_address")
    assert origin.accepted_connections == 0


def test_the_metadata_service_stays_closed_even_if_private_addresses_are_allowed(job):
    urls = [
        "http://169.254.169.254/latest/",
        "http://[fd00:ec2::254]/x.png",
        "http://[::ffff:a9fe:a9fe]/x.png",
    ]

    result = job.run(job.list(urls))

    assert {url: result.kind(url) for url in urls} == {url: "blocked_address" for url in urls}


def test_a_url_with_a_user_name_is_refused(job, origin):
    url = f"http://user:secret@{origin.address}/image/900/x.png"

    result = job.run(job.list([url]))

    assert result.failures == {"bad_url": 1}
    assert origin.requests == []


# Hosts that cannot be reached.


def test_a_port_that_nobody_listens_on_is_a_failure_to_connect(job, make_origin):
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        bad, others = f"http://127.0.0.1:{reserved.getsockname()[1]}/x.png", neighbours(make_origin)
        result = job.run(job.list([bad, *others]), "--retries", "0")

    assert result.kind(bad) == "connect"
    assert_served(result, others)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may say which name server is asked")
def test_a_name_that_does_not_exist_is_a_dns_failure(job, make_origin, tmp_path):
    bad, others = "http://no-such-host.test/x.png", neighbours(make_origin)

    with NameServer("127.0.0.93", "some-host.test", "127.0.0.1") as names:
        own = tmp_path / "resolv.conf"
        own.write_text(f"nameserver {names.address}\n")
        job.through = ("unshare", "-m", "sh", "-c", 'mount --bind "$0" /etc/resolv.conf && exec "$@"', own)
        result = job.run(job.list([bad, *others]), "--retries", "0")

    assert result.kind(bad) == "dns"
    assert "no-such-host.test" in names.asked
    assert_served(result, others)


def test_a_certificate_that_nobody_vouches_for_is_a_tls_failure(job, make_origin, tmp_path):
    server = make_origin(tls=self_signed(tmp_path))
    bad, others = server.url("image/900/x.png"), neighbours(make_origin)

    result = job.run(job.list([bad, *others]), "--retries", "0")

    assert result.kind(bad) == "tls"
    assert_served(result, others)
    assert server.requests == []


def test_a_server_that_does_not_speak_tls_is_a_tls_failure(job, origin, make_origin):
    bad, others = origin.url("image/900/x.png").replace("http:", "https:"), neighbours(make_origin)

    result = job.run(job.list([bad, *others]), "--retries", "0", "--timeout", "5s")

    assert result.kind(bad) == "tls"
    assert_served(result, others)
