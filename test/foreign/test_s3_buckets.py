"""S3: buckets, their owners and Regions, listings."""

import socket
import urllib.request

import pytest
from rig import ACCOUNT, OTHER_ACCOUNT, refused


@pytest.fixture
def filled(s3, bucket):
    """A bucket with seven objects."""
    for key in ("a b+c.txt", "top.txt", "run/1/part-1", "run/1/part-2", "run/2/part-1", "ü/é.txt", "z&<>.txt"):
        s3.put_object(Bucket=bucket, Key=key, Body=key.encode())
    return bucket


def test_creates_and_deletes_buckets(s3, bucket, sandbox):
    s3.get_waiter("bucket_exists").wait(Bucket=bucket)
    assert s3.head_bucket(Bucket=bucket)["BucketRegion"] == sandbox.region
    assert s3.get_bucket_location(Bucket=bucket)["LocationConstraint"] == sandbox.region
    assert "Status" not in s3.get_bucket_versioning(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="one")
    with refused("BucketNotEmpty", 409):
        s3.delete_bucket(Bucket=bucket)
    s3.delete_object(Bucket=bucket, Key="one")
    assert s3.delete_bucket(Bucket=bucket)["ResponseMetadata"]["HTTPStatusCode"] == 204
    s3.get_waiter("bucket_not_exists").wait(Bucket=bucket)


def test_lists_own_buckets_page_by_page(s3, client, bucket):
    pages = list(s3.get_paginator("list_buckets").paginate(PaginationConfig={"PageSize": 1}))
    names = [one["Name"] for page in pages for one in page["Buckets"]]
    assert bucket in names and names == sorted(names) and len(pages) == len(names) > 1
    assert client("s3", account=OTHER_ACCOUNT).list_buckets(Prefix=bucket)["Buckets"] == []
    with refused("InvalidArgument"):
        s3.list_buckets(ContinuationToken="nonsense")


def test_refuses_bucket_names_that_are_taken(s3, client, bucket, sandbox):
    here = {"LocationConstraint": sandbox.region}
    with refused("BucketAlreadyOwnedByYou", 409) as caught:
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration=here)
    assert isinstance(caught.value, s3.exceptions.BucketAlreadyOwnedByYou)
    with refused("BucketAlreadyExists", 409) as caught:
        client("s3", account=OTHER_ACCOUNT).create_bucket(Bucket=bucket, CreateBucketConfiguration=here)
    assert caught.type.__name__ == "BucketAlreadyExists"


def test_wants_the_region_named_outside_us_east_1(s3, client, bucket):
    with refused("IllegalLocationConstraintException"):
        s3.create_bucket(Bucket=f"{bucket}-x")
    with refused("IllegalLocationConstraintException"):
        s3.create_bucket(Bucket=f"{bucket}-x", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    with refused("InvalidBucketName"):
        s3.create_bucket(Bucket="Upper_Case", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    virginia = client("s3", region="us-east-1")
    virginia.create_bucket(Bucket=f"{bucket}-us")
    virginia.create_bucket(Bucket=f"{bucket}-us")
    assert virginia.get_bucket_location(Bucket=f"{bucket}-us")["LocationConstraint"] is None


def test_sends_a_client_of_another_region_to_the_right_one(client, bucket, s3):
    s3.put_object(Bucket=bucket, Key="one", Body=b"here")
    # botocore follows S3's redirect by the Region it names.
    assert client("s3", region="eu-west-1").get_object(Bucket=bucket, Key="one")["Body"].read() == b"here"


def test_answers_403_to_strangers_and_to_a_wrong_expected_owner(s3, client, bucket):
    stranger = client("s3", account=OTHER_ACCOUNT)
    with refused("AccessDenied", 403):
        stranger.put_object(Bucket=bucket, Key="one", Body=b"1")
    with refused("403", 403):
        stranger.head_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="one", Body=b"1", ExpectedBucketOwner=ACCOUNT)
    upload = s3.create_multipart_upload(Bucket=bucket, Key="two", ExpectedBucketOwner=ACCOUNT)["UploadId"]
    wrong = {"Bucket": bucket, "ExpectedBucketOwner": OTHER_ACCOUNT}
    of_upload = {**wrong, "Key": "two", "UploadId": upload}
    for call in (
        lambda: s3.put_object(**wrong, Key="one"),
        lambda: s3.get_object(**wrong, Key="one"),
        lambda: s3.delete_object(**wrong, Key="one"),
        lambda: s3.delete_objects(**wrong, Delete={"Objects": [{"Key": "one"}]}),
        lambda: s3.list_objects_v2(**wrong),
        lambda: s3.get_bucket_location(**wrong),
        lambda: s3.get_bucket_versioning(**wrong),
        lambda: s3.list_multipart_uploads(**wrong),
        lambda: s3.create_multipart_upload(**wrong, Key="three"),
        lambda: s3.upload_part(**of_upload, PartNumber=1, Body=b"1"),
        lambda: s3.list_parts(**of_upload),
        lambda: s3.complete_multipart_upload(**of_upload, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": "x"}]}),
        lambda: s3.abort_multipart_upload(**of_upload),
    ):
        with refused("AccessDenied", 403):
            call()
    with refused("403", 403):
        s3.head_object(**wrong, Key="one")


def test_answers_404_where_there_is_no_bucket(s3):
    with refused("NoSuchBucket", 404) as caught:
        s3.list_objects_v2(Bucket="nobody-has-this-bucket")
    assert isinstance(caught.value, s3.exceptions.NoSuchBucket)
    with refused("404", 404):
        s3.head_bucket(Bucket="nobody-has-this-bucket")


def test_lists_objects_in_order_with_awkward_names(s3, filled):
    listed = s3.list_objects_v2(Bucket=filled)
    keys = [one["Key"] for one in listed["Contents"]]
    assert keys == sorted(keys, key=str.encode) and {"a b+c.txt", "ü/é.txt", "z&<>.txt"} <= set(keys)
    assert listed["KeyCount"] == 7 and listed["IsTruncated"] is False
    assert {"ETag", "LastModified", "Size", "StorageClass"} <= set(listed["Contents"][0])


def test_lists_page_by_page_and_folder_by_folder(s3, filled):
    pages = list(s3.get_paginator("list_objects_v2").paginate(Bucket=filled, PaginationConfig={"PageSize": 3}))
    assert [page["KeyCount"] for page in pages] == [3, 3, 1]
    listed = s3.list_objects_v2(Bucket=filled, Prefix="run/", Delimiter="/")
    assert [one["Prefix"] for one in listed["CommonPrefixes"]] == ["run/1/", "run/2/"] and "Contents" not in listed
    after = s3.list_objects_v2(Bucket=filled, Prefix="run/", StartAfter="run/1/part-2", FetchOwner=True)["Contents"]
    assert [one["Key"] for one in after] == ["run/2/part-1"] and after[0]["Owner"]["ID"]


def test_refuses_listings_it_cannot_go_on_with(s3, filled):
    with refused("InvalidArgument"):
        s3.list_objects_v2(Bucket=filled, ContinuationToken="nonsense")
    with refused("InvalidArgument"):
        s3.list_objects_v2(Bucket=filled, MaxKeys=-1)


def test_takes_the_bucket_in_the_host_as_well(client, sandbox, filled, monkeypatch):
    port = sandbox.endpoint.rsplit(":", 1)[1]
    resolve = socket.getaddrinfo

    def loopback(host, *rest, **named):
        is_ours = isinstance(host, str) and host.endswith(".localhost")
        return resolve("127.0.0.1" if is_ours else host, *rest, **named)

    monkeypatch.setattr(socket, "getaddrinfo", loopback)
    virtual = client("s3", endpoint=f"http://s3.localhost:{port}", s3={"addressing_style": "virtual"})
    assert virtual.get_object(Bucket=filled, Key="run/1/part-1")["Body"].read() == b"run/1/part-1"
    assert virtual.list_objects_v2(Bucket=filled, Prefix="run/")["KeyCount"] == 3
    url = virtual.generate_presigned_url("get_object", {"Bucket": filled, "Key": "top.txt"})
    assert url.startswith(f"http://{filled}.s3.localhost:") and urllib.request.urlopen(url).read() == b"top.txt"
