"""Into a bucket: against moto, which others wrote, and against a scripted S3 for what a real one does seldom."""


import boto3
import pytest
from moto.core import set_initial_no_auth_action_count
from moto.server import ThreadedMotoServer

from support.creel import S3_ENVIRONMENT, Job
from support.s3 import refuses

MIB = 1 << 20


def urls_of(origin, count, size=900):
    return [origin.url(f"image/{size}/{number}.png") for number in range(count)]


# moto


@pytest.fixture(scope="module")
def moto_server():
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    yield "http://{}:{}".format(*server.get_host_and_port())
    server.stop()


@pytest.fixture
def bucket(moto_server):
    """An empty bucket named `pictures` on moto, for boto3."""
    bucket = boto3.resource(
        "s3",
        endpoint_url=moto_server,
        region_name="us-east-1",
        aws_access_key_id=S3_ENVIRONMENT["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=S3_ENVIRONMENT["AWS_SECRET_ACCESS_KEY"],
    ).Bucket("pictures")
    bucket.create()
    yield bucket
    # moto may still be at work on what a job had sent before it was stopped.
    while True:
        bucket.objects.delete()
        try:
            bucket.delete()
            return
        except bucket.meta.client.exceptions.ClientError as error:
            if error.response["Error"]["Code"] != "BucketNotEmpty":
                raise


@pytest.fixture
def moto_job(tmp_path, moto_server):
    job = Job(tmp_path, to="s3://pictures/mirror", environment=S3_ENVIRONMENT)
    job.store = ["--endpoint-url", moto_server, "--region", "us-east-1"]
    return job


def test_moto_takes_what_is_sent(moto_job, bucket, origin):
    urls = urls_of(origin, 20)

    result = moto_job.run(moto_job.list(urls))

    assert (result.code, result.summary["stored"]) == (0, 20), result.stderr
    objects = {item.key: item for item in bucket.objects.all()}
    assert set(objects) == {f"mirror/{line['key']}" for line in result.report}
    for url in urls:
        key = next(key for key in objects if key.endswith(url.split("/", 3)[3]))
        found = objects[key].get()
        assert found["Body"].read() == origin.image(url.split("/", 3)[3])
        assert found["ContentType"] == "image/png"


def test_moto_takes_odd_keys_and_metadata(moto_job, bucket, origin):
    path = moto_job.folder / "list.csv"
    row = f"{origin.url('image/900/x.png')},a b_c-d.1.png,one two/three,Ä =&+% ~"
    path.write_text(f"url,file_name,folder,title\n{row}\n")

    assert moto_job.run(path).code == 0
    found = bucket.Object("mirror/one two/three/a b_c-d.1.png").get()
    assert found["Body"].read() == origin.image("image/900/x.png")
    assert found["Metadata"]["title"].startswith("%C3%84")


@pytest.mark.parametrize("behaviour", ["image", "chunked"])
def test_moto_takes_large_images_in_parts(moto_job, bucket, origin, behaviour):
    path = f"{behaviour}/{20 * MIB}/x.png"

    result = moto_job.run(moto_job.list([origin.url(path)]))

    assert result.code == 0, result.stderr
    (item,) = bucket.objects.all()
    assert item.get()["Body"].read() == origin.image(path)
    assert "-" in item.e_tag, "it came in one piece"
    assert list(bucket.multipart_uploads.all()) == []


def test_moto_keeps_no_upload_of_a_large_image_that_breaks_off(moto_job, bucket, origin):
    result = moto_job.run(moto_job.list([origin.url(f"truncated/{40 * MIB}/x.png")]), "--retries", "0")

    assert result.failures == {"truncated": 1}
    assert list(bucket.objects.all()) == []
    assert list(bucket.multipart_uploads.all()) == []


def test_moto_stores_equal_bytes_once_in_content_mode(moto_job, bucket, origin):
    urls = [origin.url(f"same/900/x/{number}.png") for number in range(10)]

    result = moto_job.run(moto_job.list(urls), "--key-mode", "content")

    assert result.code == 0, result.stderr
    assert len(list(bucket.objects.all())) == 1


def test_what_is_in_the_bucket_is_kept_on_demand(moto_job, bucket, origin):
    url = origin.url("image/900/x.png")
    moto_job.run(moto_job.list([url]))
    (item,) = bucket.objects.all()
    item.put(Body=b"mine")
    moto_job.state = moto_job.folder / "fresh.db"

    result = moto_job.run(moto_job.list([url]), "--if-exists", "skip")

    assert (result.code, result.summary["already"]) == (0, 1), result.stderr
    assert item.get()["Body"].read() == b"mine"


def test_a_run_again_puts_nothing(moto_job, bucket, origin):
    urls = moto_job.list(urls_of(origin, 5))
    moto_job.run(urls)

    assert moto_job.run(urls).summary["already"] == 5
    assert len(origin.requests) == 5


def stopped_with_one_message(result, origin, count):
    """A store that takes nothing stops the job: one message, and not a failure an image."""
    assert result.code in (1, 2)
    assert 1 <= len(result.stderr.splitlines()) <= 2, result.stderr
    assert len(origin.requests) < count, "it went on fetching"
    assert len(result.report) < count


def test_a_bucket_that_is_missing_stops_the_job_with_one_message(moto_job, bucket, origin):
    moto_job.to = "s3://no-such-bucket/mirror"

    result = moto_job.run(moto_job.list(urls_of(origin, 1000)))

    stopped_with_one_message(result, origin, 1000)
    assert "no-such-bucket" in result.stderr


def test_a_bucket_that_was_missing_can_be_made_and_the_job_run_again(moto_job, bucket, origin):
    urls = moto_job.list(urls_of(origin, 50))
    moto_job.to = "s3://not-yet/mirror"
    assert moto_job.run(urls).code != 0

    client = bucket.meta.client
    client.create_bucket(Bucket="not-yet")
    result = moto_job.run(urls)

    assert (result.code, result.summary["failed"]) == (0, 0), result.stderr
    assert len(client.list_objects_v2(Bucket="not-yet")["Contents"]) == 50


def test_a_user_that_moto_does_not_know_stops_the_job_with_one_message(moto_job, bucket, origin):
    @set_initial_no_auth_action_count(0)
    def run_with_moto_looking():
        return moto_job.run(moto_job.list(urls_of(origin, 1000)))

    result = run_with_moto_looking()

    stopped_with_one_message(result, origin, 1000)
    assert S3_ENVIRONMENT["AWS_SECRET_ACCESS_KEY"] not in result.stderr


# The scripted S3


def test_every_request_is_signed_and_whole(s3_job, s3, origin):
    result = s3_job.run(s3_job.list(urls_of(origin, 30)))

    assert (result.code, result.summary["stored"]) == (0, 30), result.stderr
    assert s3.puts == {key: 1 for key in s3.objects}
    assert len(s3.objects) == 30


def test_slow_down_is_answered_with_patience(s3_job, s3, origin):
    s3.faults.append(refuses("PUT", 503, "SlowDown", times=12))

    result = s3_job.run(s3_job.list(urls_of(origin, 60)))

    assert (result.code, result.summary["stored"]) == (0, 60), result.stderr
    assert set(s3.puts.values()) == {1}
    assert len(origin.requests) == 60, "an image was fetched again although its bytes were held"


@pytest.mark.parametrize(
    "status, code",
    [(500, "InternalError"), (200, "InternalError"), (200, "SlowDown"), (400, "RequestTimeout")],
)
def test_an_error_of_the_moment_is_tried_again_even_in_an_answer_that_says_ok(
    s3_job, s3, origin, status, code
):
    s3.faults.append(refuses("PUT", status, code, times=2))

    result = s3_job.run(s3_job.list(urls_of(origin, 5)))

    assert (result.code, result.summary["stored"]) == (0, 5), result.stderr
    assert len(s3.objects) == 5


def test_an_error_in_the_answer_that_completes_an_upload_is_tried_again(s3_job, s3, origin):
    def fails_once(request):
        if request.method == "POST" and "uploadId" in request.query and request.ordinal == 1:
            refuses("POST", 200, "InternalError", times=1)(request)

    s3.faults.append(fails_once)

    result = s3_job.run(s3_job.list([origin.url(f"image/{20 * MIB}/x.png")]))

    assert (result.code, result.summary["stored"]) == (0, 1), result.stderr
    assert [len(stored.body) for stored in s3.objects.values()] == [20 * MIB]
    assert s3.uploads == {}


def test_a_store_that_throttles_for_ever_fails_the_image_in_its_kind(s3_job, s3, origin):
    s3.faults.append(refuses("PUT", 503, "SlowDown", times=10**6))

    result = s3_job.run(s3_job.list(urls_of(origin, 2)), "--retries", "0")

    assert (result.code, result.failures) == (1, {"store_throttled": 2}), result.stderr
    assert s3.objects == {}


def test_a_store_that_fails_for_ever_fails_the_image_in_its_kind(s3_job, s3, origin):
    s3.faults.append(refuses("PUT", 500, "InternalError", times=10**6))

    result = s3_job.run(s3_job.list(urls_of(origin, 2)), "--retries", "0")

    assert (result.code, result.failures) == (1, {"store_error": 2}), result.stderr


def test_a_store_that_has_recovered_gets_what_was_left(s3_job, s3, origin):
    urls = s3_job.list(urls_of(origin, 5))
    s3.faults.append(refuses("PUT", 500, "InternalError", times=10**6))
    assert s3_job.run(urls, "--retries", "0").code == 1
    s3.faults.clear()

    result = s3_job.run(urls)

    assert (result.code, result.summary["failed"]) == (0, 0), result.stderr
    assert len(s3.objects) == 5 and set(s3.puts.values()) == {1}


@pytest.mark.parametrize(
    "status, code", [(403, "AccessDenied"), (404, "NoSuchBucket"), (403, "InvalidAccessKeyId")]
)
def test_a_store_that_denies_stops_the_job_with_one_message(s3_job, s3, origin, status, code):
    s3.faults.append(refuses("PUT", status, code, times=10**6))

    result = s3_job.run(s3_job.list(urls_of(origin, 1000)))

    stopped_with_one_message(result, origin, 1000)


def test_wrong_secrets_stop_the_job_and_are_not_shown(s3_job, s3, origin):
    s3_job.environment["AWS_SECRET_ACCESS_KEY"] = "not-the-right-one"

    result = s3_job.run(s3_job.list(urls_of(origin, 1000)), "--log-level", "trace")

    assert result.code in (1, 2)
    assert "not-the-right-one" not in result.stderr
    assert len(origin.requests) < 1000
    assert s3.objects == {}


def test_missing_credentials_are_said_before_anything_is_fetched(s3_job, origin):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        del s3_job.environment[name]

    result = s3_job.run(s3_job.list(urls_of(origin, 100)))

    assert result.code in (1, 2)
    assert "credentials" in result.stderr.lower()
    assert len(result.report) < 100


@pytest.mark.parametrize("skew", [3600, -3600], ids=["ahead", "behind"])
def test_a_clock_that_is_wrong_is_corrected(s3_job, s3, origin, skew):
    s3.clock_skew = skew

    result = s3_job.run(s3_job.list(urls_of(origin, 40)))

    assert (result.code, result.summary["stored"]) == (0, 40), result.stderr
    assert len(s3.objects) == 40


def test_a_profile_names_the_credentials(s3_job, s3, origin):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION"):
        del s3_job.environment[name]
    folder = s3_job.folder / ".aws"
    folder.mkdir()
    (folder / "credentials").write_text(
        "[default]\naws_access_key_id = WRONG\naws_secret_access_key = WRONG\n\n[pictures]\n"
        f"aws_access_key_id = {S3_ENVIRONMENT['AWS_ACCESS_KEY_ID']}\n"
        f"aws_secret_access_key = {S3_ENVIRONMENT['AWS_SECRET_ACCESS_KEY']}\n"
    )

    result = s3_job.run(s3_job.list(urls_of(origin, 3)), "--profile", "pictures")

    assert (result.code, result.summary["stored"]) == (0, 3), result.stderr


def test_existing_objects_are_kept_without_a_race(s3_job, s3, origin):
    urls = s3_job.list(urls_of(origin, 3))
    s3_job.run(urls)
    s3_job.state = s3_job.folder / "fresh.db"

    result = s3_job.run(urls, "--if-exists", "skip")

    assert (result.code, result.summary["already"], result.summary["stored"]) == (0, 3, 0), result.stderr
    assert set(s3.puts.values()) == {1}


def test_a_false_image_never_reaches_the_store(s3_job, s3, origin):
    urls = [origin.url(path) for path in ("truncated/900/x.png", "html/x.png", f"truncated/{20 * MIB}/y.png")]

    s3_job.run(s3_job.list(urls), "--retries", "0")

    assert s3.objects == {} and s3.uploads == {}


def test_store_and_web_do_not_share_the_address_rule(s3_job, s3, origin):
    # The store is on loopback because the user says so; images from there still need --allow-private-network.
    result = s3_job.run(s3_job.list(urls_of(origin, 1)), private=False)

    assert result.failures == {"blocked_address": 1}, result.stderr
