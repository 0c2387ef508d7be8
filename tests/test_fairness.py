"""Many hosts at once: nobody gets more than their share, and nobody waits for somebody else."""

import socket

MIB = 1 << 20


def test_no_host_gets_more_connections_than_per_host(job, make_origin):
    origins = [make_origin() for _ in range(3)]
    urls = [origin.url(f"held/go/900/{number}.png") for origin in origins for number in range(40)]

    process = job.start(job.list(urls), "--per-host", "5")
    for origin in origins:
        process.wait_for(lambda origin=origin: origin.now_answering == 5)
    for origin in origins:
        origin.open("go")

    assert process.finish().summary["stored"] == 120
    assert [origin.peak_connections for origin in origins] == [5, 5, 5]


def test_one_event_loop_or_many_the_limit_of_a_host_is_one(job, origin):
    urls = [origin.url(f"held/go/900/{number}.png") for number in range(60)]

    process = job.start(job.list(urls), "--per-host", "6", "--threads", "4")
    process.wait_for(lambda: origin.now_answering == 6)
    origin.open("go")

    assert process.finish().summary["stored"] == 60
    assert origin.peak_answering == 6
    assert origin.peak_connections <= 6


def test_concurrency_bounds_what_is_under_way(job, origin):
    urls = [origin.url(f"held/go/900/{number}.png") for number in range(40)]

    process = job.start(job.list(urls), "--concurrency", "6", "--per-host", "100")
    process.wait_for(lambda: origin.now_answering == 6)
    origin.open("go")

    assert process.finish().summary["stored"] == 40
    assert origin.peak_answering == 6


def test_a_slow_host_in_front_does_not_hold_up_the_others(job, make_origin):
    slow, quick = make_origin(), make_origin()
    urls = [slow.url(f"held/go/900/{number}.png") for number in range(500)]
    urls += [quick.url(f"image/900/{number}.png") for number in range(100)]

    process = job.start(job.list(urls), "--concurrency", "64", "--per-host", "16")
    process.wait_for(lambda: quick.images_sent == 100)
    assert slow.images_sent == 0
    slow.open("go")

    assert process.finish().summary["stored"] == 600


def test_a_dead_host_in_front_is_given_up_and_does_not_hold_up_the_others(job, make_origin):
    quick = make_origin()
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        dead = f"http://127.0.0.1:{reserved.getsockname()[1]}"
        urls = [f"{dead}/{number}.png" for number in range(500)]
        urls += [quick.url(f"image/900/{number}.png") for number in range(100)]
        result = job.run(job.list(urls), "--concurrency", "64", "--per-host", "16", "--retries", "1")

    assert (result.code, result.summary["stored"], result.failures) == (
        1,
        100,
        {"connect": 500},
    ), result.stderr


def test_a_host_that_takes_no_connection_does_not_hold_up_the_others(job, make_origin):
    quick = make_origin()
    with socket.socket() as full, socket.socket() as first, socket.socket() as second:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        # With nobody to accept them, these two fill the queue, and the kernel drops all further attempts.
        for waiting in (first, second):
            waiting.setblocking(False)
            waiting.connect_ex(full.getsockname())
        urls = [f"http://127.0.0.1:{full.getsockname()[1]}/{number}.png" for number in range(20)]
        urls += [quick.url(f"image/900/{number}.png") for number in range(100)]

        process = job.start(job.list(urls), "--timeout", "4s", "--retries", "0", "--per-host", "16")
        process.wait_for(lambda: quick.images_sent == 100)
        result = process.finish()

    assert result.summary["stored"] == 100
    assert result.failures.keys() <= {"connect", "timeout"}
    assert sum(result.failures.values()) == 20


def test_waiting_hosts_leave_the_connections_to_the_others(job, make_origin):
    slow = [make_origin() for _ in range(3)]
    quick = make_origin()
    urls = [origin.url(f"stall-after-headers/5000/{number}.png") for origin in slow for number in range(8)]
    urls += [quick.url(f"image/900/{number}.png") for number in range(50)]

    process = job.start(
        job.list(urls), "--timeout", "4s", "--retries", "0", "--per-host", "4", "--concurrency", "16"
    )
    process.wait_for(lambda: quick.images_sent == 50)
    assert process.running
    result = process.finish()

    assert (result.summary["stored"], result.failures) == (50, {"timeout": 24})


def test_memory_stays_within_its_budget_however_much_is_on_its_way(job, origin):
    urls = [origin.url(f"held-body/go/{4 * MIB}/{number}.png") for number in range(64)]

    process = job.start(job.list(urls), "--memory", "32MiB", "--per-host", "64", "--timeout", "100s")
    process.wait_for(lambda: origin.now_answering >= 8)
    origin.open("go")
    result = process.finish()

    assert (result.code, result.summary["stored"]) == (0, 64), result.stderr
    assert result.peak_bytes < 96 * MIB


def test_large_images_of_unknown_length_flow_through_the_budget(job, origin):
    urls = [origin.url(f"chunked/{20 * MIB}/{number}.png") for number in range(8)]

    result = job.run(job.list(urls), "--memory", "32MiB", "--timeout", "100s")

    assert (result.code, result.summary["stored"]) == (0, 8), result.stderr
    assert {len(body) for body in job.stored().values()} == {20 * MIB}
    assert result.peak_bytes < 96 * MIB


def test_bodies_that_stall_do_not_keep_the_budget_from_the_others(job, make_origin):
    slow, quick = make_origin(), make_origin()
    urls = [slow.url(f"stall-in-body/{8 * MIB}/{number}.png") for number in range(8)]
    urls += [quick.url(f"image/{MIB}/{number}.png") for number in range(40)]

    result = job.run(job.list(urls), "--memory", "32MiB", "--timeout", "4s", "--retries", "0")

    assert (result.summary["stored"], result.failures) == (40, {"timeout": 8})
