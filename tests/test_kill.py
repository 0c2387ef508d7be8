"""SIGKILL at any instant: whatever happens to be half done, the runs together store every image once and whole."""

import random

import pytest

from support import images

SEED = 20_240_229
CONCURRENCY = 48
FLAGS = ["--concurrency", CONCURRENCY, "--per-host", CONCURRENCY, "--threads", "2"]


def instants(kills: int, total: int) -> list[tuple[int, float]]:
    """For each run that will be killed: how many images its server sends before it makes its clients wait, and how
    long after that the kill comes. Many of them come early: while the catalog is opened, read, or written for the
    first time. In sum they leave work for the run that may go on to its end."""
    chance = random.Random(SEED)
    share = total * 3 // 2 // kills
    return [
        (
            chance.choice([0, 1, chance.randint(2, share)]) if run % 3 == 0 else chance.randint(1, share),
            chance.choice([0.0, chance.uniform(0, 0.02), chance.uniform(0, 0.1)]),
        )
        for run in range(kills)
    ]


def urls_of(origin, count: int) -> list[str]:
    """Sizes from a few hundred bytes to some hundred kilobytes, most of them small."""
    chance = random.Random(SEED)
    sizes = [max(images.SMALLEST_PNG, min(int(chance.lognormvariate(8, 1.2)), 400_000)) for _ in range(count)]
    return [origin.url(f"image/{size}/{number}.png") for number, size in enumerate(sizes)]


def path_of(url: str) -> str:
    """What follows the host, in a URL as in a key."""
    return url.split("/", 3)[3]


def kill_again_and_again(job, origin, urls, kills: int, after_kill) -> None:
    """Runs the job and kills it, `kills` times. At each kill the process is known to be at work: its server holds back
    what is left."""
    listed = job.list(urls)
    for quota, delay in instants(kills, len(urls)):
        origin.allow(quota)
        sent = origin.images_sent
        process = job.start(listed, *FLAGS)
        origin.wait_until(lambda: origin.images_sent - sent >= quota or not process.running)
        # The instant is chance; nothing that is asserted depends on it.
        assert not process.ends_within(delay), f"it ended by itself\n{process.stderr()}"
        process.kill()
        origin.wait_until_idle()
        after_kill()
    origin.allow(None)


def last_run(job, urls):
    result = job.run(job.list(urls), *FLAGS)
    assert result.code == 0, result.stderr
    summary = result.summary
    assert (summary["total"], summary["failed"], summary["failures"]) == (len(urls), 0, {})
    assert summary["stored"] + summary["already"] == len(urls)
    assert sorted(line["url"] for line in result.report) == sorted(urls)
    return result


def test_fifty_kills_of_a_job_into_a_folder(job, origin):
    print(f"seed {SEED}")
    urls = urls_of(origin, 3000)
    expected = {path_of(url): origin.image(path_of(url)) for url in urls}
    seen = {}

    def look():
        for path in job.to.rglob("*.png"):
            key = str(path.relative_to(job.to))
            if ".creel-unfinished" in key:
                continue
            status = path.stat()
            identity = (status.st_ino, status.st_mtime_ns)
            if key in seen:
                assert seen[key] == identity, f"{key} was stored twice"
                continue
            seen[key] = identity
            assert path.read_bytes() == expected[key.partition("/")[2]], f"{key} is not whole"

    kill_again_and_again(job, origin, urls, 50, look)
    assert 0 < len(seen) < len(urls), "the kills did not fall into the job"
    result = last_run(job, urls)
    look()

    stored = job.stored()
    assert {line["key"] for line in result.report} == set(stored)
    assert len(stored) == len(urls)
    for line in result.report:
        assert stored[line["key"]] == expected[path_of(line["url"])]
    # After this nothing is left to do.
    again = job.run(job.list(urls), *FLAGS)
    assert again.summary["already"] == len(urls)


@pytest.mark.parametrize("lost_answers", [False, True], ids=["", "answers-lost"])
def test_kills_of_a_job_into_a_bucket(s3_job, s3, origin, lost_answers):
    print(f"seed {SEED}")
    urls = urls_of(origin, 600)

    def look():
        # Whatever S3 has been sent is taken in, so that it is known what it has taken.
        s3.wait_until_idle()
        for key, stored in s3.objects.items():
            assert stored.body == origin.image(key.split("/", 2)[2]), f"{key} is not whole"

    s3.answers_lost = lost_answers
    kill_again_and_again(s3_job, origin, urls, 12, look)
    s3.answers_lost = False
    last_run(s3_job, urls)
    look()

    assert len(s3.objects) == len(urls)
    # Also what the store had taken when the kill came, and nobody had recorded, was not put again.
    assert {key: count for key, count in s3.puts.items() if count != 1} == {}
    assert s3.uploads == {}
