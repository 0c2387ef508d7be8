"""Images that go through Lambda: the tests of the work in this process once more, and what is different there."""

import json
import os
import pathlib

import pytest

from support.creel import ROOT, S3_ENVIRONMENT, Job
from support.emulator import Emulator
from support.s3 import refuses

# What the in-process executor does with the web, with names and when it is run again, Lambda does too.
from test_faults import (  # noqa: F401
    bomb_in_stock,
    test_a_compressed_answer_is_decoded,
    test_a_connection_that_the_server_has_closed_while_idle_is_no_failure,
    test_a_fault_ends_in_its_kind_within_its_deadline_and_alone,
    test_a_loopback_server_hears_nothing_unless_private_addresses_are_allowed,
    test_a_port_that_nobody_listens_on_is_a_failure_to_connect,
    test_a_redirect_leads_to_another_host_without_the_secret_headers,
    test_a_server_that_does_not_speak_tls_is_a_tls_failure,
    test_a_url_with_a_user_name_is_refused,
    test_addresses_that_are_not_public_are_refused,
    test_all_faults_at_once_leave_the_neighbours_alone,
    test_an_image_of_any_length_known_or_not_arrives_whole,
    test_five_redirects_are_followed,
    test_hanging_up_without_an_answer_is_a_failure_that_may_be_retried,
    test_max_bytes_bounds_the_bytes_and_not_only_the_header,
    test_only_accepted_types_are_stored,
    test_opt_outs_can_be_ignored,
    test_other_robots_tags_do_not_matter,
    test_the_metadata_service_stays_closed_even_if_private_addresses_are_allowed,
    test_the_program_names_itself_and_where_to_read_about_it,
    test_who_has_opted_out_is_left_alone,
)
from test_inputs import (  # noqa: F401
    test_a_bad_line_is_named_and_counted_and_does_not_stop_the_job,
    test_a_url_that_is_listed_twice_is_fetched_once,
    test_headers_of_a_line_go_to_its_server_and_to_no_other_line,
)
from test_keys import (  # noqa: F401
    test_a_clean_file_name_stays_as_it_is,
    test_a_cleaned_file_name_carries_a_hash,
    test_a_query_string_tells_two_urls_apart,
    test_host_and_path_of_the_url_are_folders_and_file_name,
    test_in_content_mode_the_key_is_the_hash_and_equal_bytes_are_stored_once,
    test_names_that_clean_to_the_same_do_not_fall_together,
    test_the_extension_follows_the_bytes,
    test_the_folder_of_the_job_is_for_lines_that_name_none,
)
from test_rerun import (  # noqa: F401
    test_a_list_that_has_grown_brings_only_what_is_new,
    test_failures_of_one_kind_are_tried_again_on_demand,
    test_failures_that_may_pass_are_tried_in_the_next_run,
    test_permanent_failures_are_tried_again_on_demand,
    test_permanent_failures_stay_failed_without_being_asked_for_again,
    test_the_report_names_what_was_there_already,
    test_what_is_stored_is_not_fetched_again,
)
from test_retries import (  # noqa: F401
    test_a_host_that_asks_for_more_patience_than_there_is_does_not_hang_the_job,
    test_a_server_that_fails_for_a_while_is_asked_again,
    test_retries_are_as_many_as_asked_for,
    test_retry_after_holds_the_whole_host_and_no_other,
    test_what_may_pass_is_tried_again,
    test_what_will_not_pass_is_tried_once,
)

ZIP = pathlib.Path(os.environ.get("CREEL_FUNCTION_ZIP", ROOT / "build/release/creel-function.zip"))
NAME = "fetch-store-image"
PREFIX = "mirror/"

# Dies of the URLs that have "poison" in them, and answers for the others that they are stored.
FRAIL = """
import os
def handle(event, call):
    if any("poison" in request["image-url"] for request in event["requests"]):
        os._exit(3)
    results = [{"ok": True, "result": {
        "bucket-name": request["bucket-name"], "key": request["key-prefix"] + "/" + request["image-url"].rsplit("/", 1)[1],
        "etag": "e", "version-id": None, "size": 1, "content-type": "image/png", "sha256": "", "width": None, "height": None,
        "final-url": request["image-url"]}} for request in event["requests"]]
    return {"statusCode": 200, "headers": {}, "body": {"ok": True, "results": results}}
"""


class LambdaJob(Job):
    """`creel mirror` through emulators of the function: one that may reach loopback, and one that may not."""

    def __init__(self, folder: pathlib.Path, s3, emulators):
        super().__init__(folder, to=f"s3://pictures/{PREFIX}")
        self._s3, self._emulators = s3, emulators
        self._started: dict[bool, Emulator] = {}
        self.name = NAME

    def emulator(self, private: bool = True) -> Emulator:
        if private not in self._started:
            variables = {**S3_ENVIRONMENT, "AWS_ENDPOINT_URL_S3": f"http://{self._s3.address}"}
            if private:
                variables["CREEL_ALLOW_PRIVATE_NETWORK"] = "1"
            flags = [part for name, value in variables.items() for part in ("--env", f"{name}={value}")]
            self._started[private] = self._emulators.start(
                ZIP, "--name", NAME, "--handler", NAME, *flags
            )
        return self._started[private]

    def start(self, *arguments, private: bool = True, given: bytes | None = None):
        self.store = ["--via", f"lambda:{self.name}", "--lambda-endpoint-url", self.emulator(private).url]
        return super().start(*arguments, private=private, given=given)

    def stored(self) -> dict[str, bytes]:
        return {key.removeprefix(PREFIX): stored.body for key, stored in self._s3.objects.items()}


@pytest.fixture
def job(tmp_path, s3, emulators):
    assert ZIP.exists(), f"{ZIP} is not there: run scripts/build first, or set CREEL_FUNCTION_ZIP"
    return LambdaJob(tmp_path, s3, emulators)


@pytest.fixture
def frail_job(tmp_path, emulators):
    """A job through a function that does not survive every image, at one invocation a time."""

    def make(*flags):
        emulator = emulators.start(*flags, handler=FRAIL)
        job = Job(tmp_path, to="s3://pictures/mirror")
        job.store = ["--via", "lambda:function", "--lambda-endpoint-url", emulator.url]
        return job

    return make


def urls(count: int, bad: int | None = None) -> list[str]:
    return [f"https://a.example/{'poison' if number == bad else 'good'}-{number}.png" for number in range(count)]


def test_images_go_in_batches(job, origin):
    result = job.run(job.list([origin.url(f"image/900/{number}.png") for number in range(64)]), "--per-host", "64")

    assert (result.code, result.summary["stored"]) == (0, 64), result.stderr
    assert len(job.stored()) == 64
    assert job.emulator().log.count("END RequestId") < 10


def test_what_is_reported_is_what_is_stored(job, s3, origin):
    url = origin.url("image/900/x.png")

    line = job.run(job.list([url])).of(url)

    assert line["size"] == len(origin.image("image/900/x.png"))
    assert s3.objects[PREFIX + line["key"]].body == origin.image("image/900/x.png")
    assert (line["status"], line["content_type"], line["attempts"]) == ("stored", "image/png", 1)
    assert line["width"] and line["height"] and len(line["sha256"]) == 64


def test_names_that_are_no_utf8_are_the_same_either_way(job, s3_job, s3, origin):
    rows = b"url,file_name,title\n" + origin.url("image/900/x.png").encode() + b",gr\xfc\xdf.png,\xfcber\n"
    path = job.folder / "list.csv"
    path.write_bytes(rows)
    assert job.run(path).code == 0
    through_lambda = {key: stored.headers for key, stored in s3.objects.items()}
    s3.objects.clear()
    s3_job.state = s3_job.folder / "another.db"

    assert s3_job.run(path).code == 0

    assert {key: stored.headers for key, stored in s3.objects.items()} == through_lambda


def test_a_store_that_denies_ends_the_job_with_one_message(job, s3, origin):
    s3.faults.append(refuses("PUT", 403, "AccessDenied", 10_000))

    result = job.run(job.list([origin.url(f"image/900/{number}.png") for number in range(50)]))

    assert result.code == 2
    assert result.stderr.count("creel: ") == 1 and "AccessDenied" in result.stderr
    assert result.report == []


def test_the_one_image_that_kills_the_function_is_found(frail_job):
    job = frail_job()
    result = job.run(job.list(urls(100, bad=37)))

    assert (result.code, result.summary["stored"]) == (1, 99), result.stderr
    assert result.failures == {"function_error": 1}
    assert result.of("https://a.example/poison-37.png")["attempts"] == 1
    assert "Runtime" in result.of("https://a.example/poison-37.png")["error"]["message"]


def test_throttling_costs_patience_and_no_image(frail_job):
    job = frail_job("--fault", "throttle=2")
    result = job.run(job.list(urls(200)), "--batch", "8")

    assert (result.code, result.summary["stored"]) == (0, 200), result.stderr
    assert {line["attempts"] for line in result.report} == {1}


@pytest.mark.parametrize("fault", ["kill-response=3", "duplicate=2", "cold-start"])
def test_what_goes_wrong_in_lambda_costs_no_image(frail_job, fault):
    job = frail_job("--fault", fault)
    result = job.run(job.list(urls(100)), "--batch", "10")

    assert (result.code, result.summary["stored"]) == (0, 100), result.stderr


def test_a_function_that_is_not_there_ends_the_job_with_one_message(job, origin):
    job.name = "nobody"

    result = job.run(job.list([origin.url("image/900/x.png")]))

    assert result.code == 2
    assert "no function nobody" in result.stderr


def test_a_function_that_always_fails_ends_the_job_with_one_message(frail_job):
    job = frail_job()
    result = job.run(job.list([f"https://a.example/poison-{number}.png" for number in range(200)]), "--batch", "4")

    assert result.code != 0
    assert "fails whatever it is given" in result.stderr
    assert result.stderr.count("creel: ") == 1


def test_a_folder_is_no_place_for_the_function(tmp_path):
    job = Job(tmp_path)
    job.store = ["--via", "lambda:function", "--lambda-endpoint-url", "http://127.0.0.1:9"]

    result = job.run(job.list(["https://a.example/x.png"]))

    assert result.code == 2
    assert "s3://" in result.stderr


def test_a_service_that_is_not_there_is_said(tmp_path):
    job = Job(tmp_path, to="s3://pictures")
    job.store = ["--via", "lambda:function", "--lambda-endpoint-url", "http://127.0.0.1:9"]

    result = job.run(job.list(["https://a.example/x.png"]))

    assert result.code != 0
    assert "127.0.0.1:9" in result.stderr


def test_the_endpoint_of_the_bucket_is_not_passed_on_and_that_is_said(job, origin):
    result = job.run(job.list([origin.url("image/900/x.png")]), "--endpoint-url", "http://127.0.0.1:9")

    assert result.code == 0, result.stderr
    assert "AWS_ENDPOINT_URL_S3" in result.stderr


def test_objects_are_deleted_in_bulk(job, s3, origin, emulators):
    job.run(job.list([origin.url(f"image/900/{number}.png") for number in range(3)]))
    keys = sorted(s3.keys())
    variables = {**S3_ENVIRONMENT, "AWS_ENDPOINT_URL_S3": f"http://{s3.address}"}
    flags = [part for name, value in variables.items() for part in ("--env", f"{name}={value}")]
    deleting = emulators.start(ZIP, "--name", "delete", "--handler", "delete-images", *flags)

    answer = deleting.invoke("delete", {"bucket-name": "pictures", "keys": [*keys[:2], "never/there.png"]})["json"]

    assert (answer["statusCode"], answer["body"]["ok"]) == (200, True), json.dumps(answer)
    assert [result["result"]["key"] for result in answer["body"]["results"]] == [*keys[:2], "never/there.png"]
    assert s3.keys() == set(keys[2:])
