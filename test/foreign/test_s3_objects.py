"""S3: objects, conditions, ranges, checksums, encryption."""

import base64
import hashlib
import json
import urllib.error
import urllib.request

import pytest
from botocore.exceptions import ClientError
from rig import refused

BODY = b"holdfast\n" * 1000
ALGORITHMS = ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256", "SHA512"]


def put(s3, bucket, key="one", **given):
    return s3.put_object(Bucket=bucket, Key=key, **{"Body": BODY, **given})


def test_keeps_bytes_headers_and_metadata(s3, bucket):
    given = {"ContentType": "text/csv", "CacheControl": "no-store", "Metadata": {"run": "42"}}
    etag = put(s3, bucket, **given)["ETag"]
    got = s3.get_object(Bucket=bucket, Key="one")
    assert got["Body"].read() == BODY and got["ETag"] == etag == f'"{hashlib.md5(BODY).hexdigest()}"'
    head = s3.head_object(Bucket=bucket, Key="one")
    for reply in (got, head):
        assert {name: reply[name] for name in given} == given and reply["ContentLength"] == len(BODY)
    assert head["ServerSideEncryption"] == "AES256"


def test_keeps_an_empty_object_and_awkward_keys(s3, bucket):
    for key in ("empty", "a//b/../c", "ü b+c?&=#%.txt"):
        s3.put_object(Bucket=bucket, Key=key)
        assert s3.get_object(Bucket=bucket, Key=key)["Body"].read() == b""


def test_reads_ranges(s3, bucket):
    put(s3, bucket)

    def read(value):
        return s3.get_object(Bucket=bucket, Key="one", Range=value)

    part = read("bytes=2-5")
    assert (part["Body"].read(), part["ContentRange"]) == (BODY[2:6], f"bytes 2-5/{len(BODY)}")
    assert part["ResponseMetadata"]["HTTPStatusCode"] == 206
    assert read("bytes=-3")["Body"].read() == BODY[-3:]
    with refused("InvalidRange", 416):
        read(f"bytes={len(BODY)}-")


def test_says_what_is_not_there(s3, bucket):
    with refused("NoSuchKey", 404) as caught:
        s3.get_object(Bucket=bucket, Key="nobody")
    assert isinstance(caught.value, s3.exceptions.NoSuchKey)
    with refused("404", 404):
        s3.head_object(Bucket=bucket, Key="nobody")
    s3.get_waiter("object_not_exists").wait(Bucket=bucket, Key="nobody")
    put(s3, bucket)
    s3.get_waiter("object_exists").wait(Bucket=bucket, Key="one")


def test_deletes_one_or_many_whether_they_are_there_or_not(s3, bucket):
    for key in ("one", "two", "z&<>.txt"):
        put(s3, bucket, key)
    assert s3.delete_object(Bucket=bucket, Key="one")["ResponseMetadata"]["HTTPStatusCode"] == 204
    s3.delete_object(Bucket=bucket, Key="one")
    asked = [{"Key": key} for key in ("two", "z&<>.txt", "nobody")]
    assert s3.delete_objects(Bucket=bucket, Delete={"Objects": asked})["Deleted"] == asked
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0
    with refused("MalformedXML"):
        s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": str(n)} for n in range(1001)]})


def test_writes_under_conditions(s3, bucket):
    etag = put(s3, bucket, IfNoneMatch="*")["ETag"]
    with refused("PreconditionFailed", 412):
        put(s3, bucket, IfNoneMatch="*")
    put(s3, bucket, IfMatch=etag, Body=b"other")
    with refused("PreconditionFailed", 412):
        put(s3, bucket, IfMatch=etag)
    with refused("NoSuchKey", 404):
        put(s3, bucket, "nobody", IfMatch=etag)


def test_reads_under_conditions(s3, bucket):
    etag = put(s3, bucket)["ETag"]
    assert s3.get_object(Bucket=bucket, Key="one", IfMatch=etag)["ETag"] == etag
    with refused("PreconditionFailed", 412):
        s3.get_object(Bucket=bucket, Key="one", IfMatch='"0"')
    with refused("304", 304):
        s3.get_object(Bucket=bucket, Key="one", IfNoneMatch=etag)
    modified = s3.head_object(Bucket=bucket, Key="one")["LastModified"]
    with refused("304", 304):
        s3.head_object(Bucket=bucket, Key="one", IfModifiedSince=modified)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_agrees_with_botocore_on_each_checksum(s3, bucket, algorithm):
    member = f"Checksum{algorithm}"
    sent = put(s3, bucket, ChecksumAlgorithm=algorithm)
    # botocore computes the checksum again over what it reads and fails when it differs.
    got = s3.get_object(Bucket=bucket, Key="one", ChecksumMode="ENABLED")
    assert got["Body"].read() == BODY and got[member] == sent[member]
    assert got["ChecksumType"] == sent["ChecksumType"] == "FULL_OBJECT"


def test_computes_a_checksum_when_none_was_sent(s3, client, bucket):
    silent = put(client("s3", request_checksum_calculation="when_required"), bucket)
    assert silent["ChecksumCRC64NVME"] == put(s3, bucket, ChecksumAlgorithm="CRC64NVME")["ChecksumCRC64NVME"]


def test_refuses_bytes_that_are_not_those_of_the_digest(s3, bucket):
    other = base64.b64encode(hashlib.sha256(b"other").digest()).decode()
    with refused("BadDigest"):
        put(s3, bucket, ChecksumSHA256=other)
    with refused("BadDigest"):
        put(s3, bucket, ContentMD5=base64.b64encode(hashlib.md5(b"other").digest()).decode())
    with refused("InvalidDigest"):
        put(s3, bucket, ContentMD5="nonsense")
    with refused("InvalidRequest"):
        put(s3, bucket, ChecksumSHA256="nonsense")
    # Of the newer ones it says that it does not have them.
    with refused("NotImplemented", 501):
        put(s3, bucket, ChecksumAlgorithm="XXHASH3")
    with refused("404", 404):
        s3.head_object(Bucket=bucket, Key="one")


def test_encrypts_with_a_key_of_kms(s3, bucket, sandbox):
    context = base64.b64encode(json.dumps({"run": "42"}).encode()).decode()
    kms = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": "alias/holdfast-reports"}
    sent = put(s3, bucket, **kms, SSEKMSEncryptionContext=context, BucketKeyEnabled=True)
    head = s3.head_object(Bucket=bucket, Key="one")
    for reply in (sent, head):
        assert (reply["ServerSideEncryption"], reply["SSEKMSKeyId"]) == ("aws:kms", sandbox.reportKeyArn)
        assert reply["BucketKeyEnabled"] is True
    # Under KMS an ETag is not the MD5 of the bytes.
    assert head["ETag"] != f'"{hashlib.md5(BODY).hexdigest()}"'
    usual = put(s3, bucket, "usual", ServerSideEncryption="aws:kms")["SSEKMSKeyId"]
    assert usual != sandbox.reportKeyArn and ":key/" in usual


def test_hands_on_what_kms_refuses(s3, bucket, sandbox):
    def encrypted(key):
        return put(s3, bucket, ServerSideEncryption="aws:kms", SSEKMSKeyId=key)

    with refused("KMS.DisabledException"):
        encrypted(sandbox.volumeKeyArns[1])
    with refused("KMS.NotFoundException"):
        encrypted("alias/nobody")
    with refused("KMS.KMSInvalidStateException"):
        encrypted("eeee1111-2222-4333-8444-555566667777")
    with refused("InvalidArgument"):
        put(s3, bucket, ServerSideEncryption="AES256", SSEKMSKeyId=sandbox.reportKeyArn)


def test_refuses_what_it_does_not_do(s3, bucket):
    for given in ({"Tagging": "a=b"}, {"ObjectLockLegalHoldStatus": "ON"}, {"WebsiteRedirectLocation": "/x"}):
        with refused("NotImplemented", 501):
            put(s3, bucket, **given)
    with refused("AccessControlListNotSupported"):
        put(s3, bucket, ACL="public-read")
    with refused("InvalidStorageClass"):
        put(s3, bucket, StorageClass="BASEMENT")
    with refused("KeyTooLongError"):
        put(s3, bucket, "k" * 1025)


def test_answers_presigned_urls(s3, bucket):
    put_url = s3.generate_presigned_url("put_object", {"Bucket": bucket, "Key": "one"})
    urllib.request.urlopen(urllib.request.Request(put_url, BODY, method="PUT"))
    asked = {"Bucket": bucket, "Key": "one", "ResponseContentType": "text/plain"}
    with urllib.request.urlopen(s3.generate_presigned_url("get_object", asked)) as reply:
        assert reply.read() == BODY and reply.headers["Content-Type"] == "text/plain"
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(s3.generate_presigned_url("get_object", {"Bucket": bucket, "Key": "nobody"}))


def test_slows_down_and_fails_as_told(s3, bucket, control):
    control.fault("throttle", operation="PutObject", count=1)
    with refused("SlowDown", 503):
        put(s3, bucket)
    control.fault("error", operation="PutObject", code="ServiceUnavailable", status=503, count=1)
    with pytest.raises(ClientError, match="ServiceUnavailable"):
        put(s3, bucket)
