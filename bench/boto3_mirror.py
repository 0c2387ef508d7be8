"""What many people write first: requests to get, boto3 to put, in a pool of threads."""

import concurrent.futures
import sys
import threading

import boto3
import botocore.config
import requests

urls_file, endpoint, bucket, threads = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
local = threading.local()
s3 = boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1", verify=False if endpoint.startswith("https") else None,
                  config=botocore.config.Config(max_pool_connections=threads, s3={"addressing_style": "path"},
                                                 # Else the body goes out in chunks that only S3 itself takes apart.
                                                 request_checksum_calculation="when_required"))


def mirror(url: str) -> None:
    if not hasattr(local, "session"):
        local.session = requests.Session()
    answer = local.session.get(url, timeout=60)
    answer.raise_for_status()
    s3.put_object(Bucket=bucket, Key="boto3/" + url.split("/", 3)[3], Body=answer.content,
                  ContentType=answer.headers["Content-Type"])


with open(urls_file) as lines:
    urls = [line.strip() for line in lines]
with concurrent.futures.ThreadPoolExecutor(threads) as pool:
    for _ in pool.map(mirror, urls):
        pass
