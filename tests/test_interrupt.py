"""Ctrl-C and SIGTERM: what is in flight may finish for a while, the summary comes, and the next run goes on."""

import signal
import time

import pytest

# What may be in flight has five seconds to finish.
GRACE = 5
SIGNALS = [signal.SIGINT, signal.SIGTERM]


def mixed(origin, held=4, waiting=50):
    done = [origin.url(f"image/900/done-{number}.png") for number in range(6)]
    stuck = [origin.url(f"held/go/900/{number}.png") for number in range(held + waiting)]
    return [*done, *stuck]


def until_held(process, origin, held=4):
    process.wait_for(lambda: origin.images_sent == 6 and origin.now_answering == held)


def signal_and_hear(process, number):
    """Sends a signal and waits until the program says that it has taken notice."""
    said = process.stderr()
    process.signal(number)
    process.wait_for(lambda: process.stderr() != said)


@pytest.mark.parametrize("number", SIGNALS)
def test_what_is_in_flight_is_finished_and_nothing_new_is_begun(job, origin, number):
    process = job.start(job.list(mixed(origin)), "--per-host", "4")
    until_held(process, origin)

    signal_and_hear(process, number)
    origin.open("go")
    result = process.finish()

    assert result.code == 1
    assert result.summary["stored"] == 10
    assert len(job.stored()) == 10
    assert len(origin.requests) == 10


@pytest.mark.parametrize("number", SIGNALS)
def test_what_does_not_finish_in_time_is_given_up(job, origin, number):
    process = job.start(job.list(mixed(origin)), "--per-host", "4")
    until_held(process, origin)

    signalled = time.monotonic()
    process.signal(number)
    result = process.finish()

    assert result.code == 1
    assert result.summary["stored"] == 6
    assert time.monotonic() - signalled < GRACE + 10


@pytest.mark.parametrize("number", SIGNALS)
def test_a_second_signal_ends_it_at_once(job, origin, number):
    process = job.start(job.list(mixed(origin)), "--per-host", "4")
    until_held(process, origin)
    signal_and_hear(process, number)

    signalled = time.monotonic()
    process.signal(number)
    process.finish()

    assert time.monotonic() - signalled < GRACE - 1


@pytest.mark.parametrize("signals", [1, 2])
def test_the_next_run_does_what_is_left(job, origin, signals):
    urls = job.list(mixed(origin))
    process = job.start(urls, "--per-host", "4")
    until_held(process, origin)
    if signals == 2:
        signal_and_hear(process, signal.SIGINT)
    process.signal(signal.SIGINT)
    process.finish()
    origin.open("go")

    result = job.run(urls)

    assert (result.code, result.summary["failed"]) == (0, 0), result.stderr
    assert result.summary["stored"] + result.summary["already"] == 60
    assert len(job.stored()) == 60


def test_images_that_were_cut_off_are_not_counted_as_failed_for_good(job, origin):
    urls = mixed(origin)
    process = job.start(job.list(urls), "--per-host", "4")
    until_held(process, origin)
    process.signal(signal.SIGINT)
    result = process.finish()

    assert set(result.failures) <= {"cancelled"}
