"""What a job through Lambda is said to cost."""

import json

import pytest

from support.creel import run_creel

JOB = ["estimate", "--images", "1000000", "--region", "us-east-1"]


def estimate(*arguments) -> dict:
    result = run_creel(*JOB, "--json", *arguments)
    assert result.code == 0, result.stderr
    return json.loads(result.stdout)


def test_a_batch_costs_less_than_its_images_one_by_one():
    job = estimate("--batch", "32")

    assert (job["single"]["invocations"], job["batched"]["invocations"]) == (1_000_000, 31_250)
    assert job["batched"]["gb_seconds"] < job["single"]["gb_seconds"] / 4
    assert job["batched"]["price"] < job["single"]["price"]


def test_the_slower_the_origins_the_more_a_batch_saves():
    def saved(latency):
        job = estimate("--latency", latency)
        return job["single"]["gb_seconds"] - job["batched"]["gb_seconds"]

    assert saved("2s") > saved("500ms") > saved("50ms")


def test_prices_have_a_region_and_a_date():
    result = run_creel(*JOB)

    assert result.code == 0
    assert "us-east-1" in result.stdout and "2025" in result.stdout
    assert "31,250" in result.stdout


@pytest.mark.parametrize(
    "arguments", [["--region", "mars-north-1"], ["--memory", "64MiB"], ["--batch", "0"], ["--images", "0"], ["--latency", "x"]]
)
def test_what_is_wrong_is_wrong_usage(arguments):
    assert run_creel(*JOB, *arguments).code == 2


def test_the_number_of_images_is_needed():
    assert run_creel("estimate").code == 2
