"""S3: multipart uploads, by hand and by boto3's transfers."""

import base64
import hashlib
import os

import pytest
from boto3.s3.transfer import TransferConfig
from rig import refused

MIB = 1024 * 1024
PART = 5 * MIB
FIRST, LAST = os.urandom(PART), os.urandom(MIB)
IN_PARTS = TransferConfig(multipart_threshold=PART, multipart_chunksize=PART, max_concurrency=4)


@pytest.fixture
def start(s3, bucket):
    """Starts an upload of `key`; gives what names it in every later call."""

    def create(key="big", **given):
        upload = s3.create_multipart_upload(Bucket=bucket, Key=key, **given)
        return {"Bucket": bucket, "Key": key, "UploadId": upload["UploadId"]}

    return create


@pytest.fixture
def send(s3):
    """Uploads parts; gives them as CompleteMultipartUpload wants them."""

    def parts(upload, *bodies, **given):
        sent = [s3.upload_part(**upload, PartNumber=n, Body=body, **given) for n, body in enumerate(bodies, 1)]
        return [{"PartNumber": n, **digests(one)} for n, one in enumerate(sent, 1)]

    return parts


def digests(reply):
    return {name: value for name, value in reply.items() if name == "ETag" or name.startswith("Checksum")}


def complete(s3, upload, parts, **given):
    return s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts}, **given)


def etag_of(*bodies):
    joined = b"".join(hashlib.md5(body).digest() for body in bodies)
    return f'"{hashlib.md5(joined).hexdigest()}-{len(bodies)}"'


def test_joins_the_parts(s3, bucket, start, send):
    upload = start(ContentType="text/csv", Metadata={"run": "42"})
    done = complete(s3, upload, send(upload, FIRST, LAST))
    assert done["ETag"] == etag_of(FIRST, LAST) and done["Bucket"] == bucket
    got = s3.get_object(Bucket=bucket, Key="big")
    assert got["Body"].read() == FIRST + LAST and (got["ContentType"], got["Metadata"]) == ("text/csv", {"run": "42"})


def test_takes_a_part_again_and_leaves_out_what_is_not_listed(s3, bucket, start, send):
    upload = start()
    send(upload, LAST, LAST)
    (again,) = send(upload, FIRST)
    complete(s3, upload, [again], MpuObjectSize=PART)
    assert s3.get_object(Bucket=bucket, Key="big")["Body"].read() == FIRST


def test_lists_uploads_and_parts_page_by_page(s3, bucket, start, send):
    uploads = [start("a/1"), start("a/1"), start("b&<>")]
    parts = send(uploads[0], LAST, LAST, LAST)
    pages = s3.get_paginator("list_multipart_uploads").paginate(Bucket=bucket, PaginationConfig={"PageSize": 1})
    listed = [(one["Key"], one["UploadId"]) for page in pages for one in page.get("Uploads", [])]
    assert listed == [(upload["Key"], upload["UploadId"]) for upload in uploads]
    pages = s3.get_paginator("list_parts").paginate(**uploads[0], PaginationConfig={"PageSize": 2})
    found = [one for page in pages for one in page.get("Parts", [])]
    assert [(one["PartNumber"], one["ETag"], one["Size"]) for one in found] == [
        (part["PartNumber"], part["ETag"], MIB) for part in parts
    ]


def test_aborts_an_upload_for_good(s3, bucket, start, send):
    upload = start()
    parts = send(upload, LAST)
    assert s3.abort_multipart_upload(**upload)["ResponseMetadata"]["HTTPStatusCode"] == 204
    for call in (
        lambda: send(upload, LAST),
        lambda: s3.list_parts(**upload),
        lambda: complete(s3, upload, parts),
        lambda: s3.abort_multipart_upload(**upload),
    ):
        with refused("NoSuchUpload", 404) as caught:
            call()
        assert caught.type.__name__ == "NoSuchUpload"
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=bucket)


def test_completes_once_only(s3, start, send):
    upload = start()
    parts = send(upload, LAST)
    complete(s3, upload, parts)
    with refused("NoSuchUpload", 404):
        complete(s3, upload, parts)


def test_refuses_lists_of_parts_that_do_not_fit(s3, start, send):
    upload = start()
    one, two = send(upload, LAST, LAST)
    with refused("EntityTooSmall"):
        complete(s3, upload, [one, two])
    with refused("InvalidPartOrder"):
        complete(s3, upload, [two, one])
    with refused("InvalidPart"):
        complete(s3, upload, [{**one, "ETag": '"00000000000000000000000000000000"'}])
    with refused("InvalidPart"):
        complete(s3, upload, [one, {**two, "PartNumber": 3}])
    with refused("MalformedXML"):
        complete(s3, upload, [])
    with refused("InvalidRequest"):
        complete(s3, upload, [one], MpuObjectSize=1)
    with refused("InvalidArgument"):
        s3.upload_part(**upload, PartNumber=10_001, Body=LAST)
    assert complete(s3, upload, [one])["ETag"] == etag_of(LAST)


def test_completes_under_conditions(s3, bucket, start, send):
    s3.put_object(Bucket=bucket, Key="big", Body=b"already there")
    upload = start()
    parts = send(upload, LAST)
    with refused("PreconditionFailed", 412):
        complete(s3, upload, parts, IfNoneMatch="*")
    assert s3.get_object(Bucket=bucket, Key="big")["Body"].read() == b"already there"


def test_has_a_sha256_of_the_parts_sha256(s3, bucket, start, send):
    upload = start(ChecksumAlgorithm="SHA256")
    parts = send(upload, FIRST, LAST, ChecksumAlgorithm="SHA256")
    done = complete(s3, upload, parts)
    joined = hashlib.sha256(hashlib.sha256(FIRST).digest() + hashlib.sha256(LAST).digest()).digest()
    assert done["ChecksumSHA256"] == f"{base64.b64encode(joined).decode()}-2" and done["ChecksumType"] == "COMPOSITE"
    head = s3.head_object(Bucket=bucket, Key="big", ChecksumMode="ENABLED")
    assert head["ChecksumSHA256"] == done["ChecksumSHA256"]


def test_has_a_crc_of_the_whole_where_asked(s3, bucket, start, send):
    upload = start(ChecksumAlgorithm="CRC64NVME", ChecksumType="FULL_OBJECT")
    done = complete(s3, upload, send(upload, FIRST, LAST, ChecksumAlgorithm="CRC64NVME"))
    whole = s3.put_object(Bucket=bucket, Key="whole", Body=FIRST + LAST, ChecksumAlgorithm="CRC64NVME")
    assert (done["ChecksumCRC64NVME"], done["ChecksumType"]) == (whole["ChecksumCRC64NVME"], "FULL_OBJECT")


def test_refuses_checksums_that_do_not_go_together(s3, start, send):
    with refused("InvalidRequest"):
        start(ChecksumAlgorithm="SHA256", ChecksumType="FULL_OBJECT")
    upload = start(ChecksumAlgorithm="SHA256")
    with refused("InvalidRequest"):
        send(upload, LAST, ChecksumAlgorithm="CRC32")
    with refused("BadDigest"):
        s3.upload_part(**upload, PartNumber=1, Body=LAST, ChecksumSHA256=base64.b64encode(bytes(32)).decode())
    (part,) = send(upload, LAST, ChecksumAlgorithm="SHA256")
    with refused("InvalidRequest"):
        complete(s3, upload, [{"PartNumber": 1, "ETag": part["ETag"]}])


def test_encrypts_as_the_upload_was_started(s3, bucket, start, send, sandbox):
    upload = start(ServerSideEncryption="aws:kms", SSEKMSKeyId=sandbox.reportKeyArn)
    done = complete(s3, upload, send(upload, LAST))
    assert (done["ServerSideEncryption"], done["SSEKMSKeyId"]) == ("aws:kms", sandbox.reportKeyArn)
    assert s3.head_object(Bucket=bucket, Key="big")["SSEKMSKeyId"] == sandbox.reportKeyArn
    with refused("KMS.DisabledException"):
        start(ServerSideEncryption="aws:kms", SSEKMSKeyId=sandbox.volumeKeyArns[1])


def test_can_fail_in_a_reply_of_http_200(s3, start, send, control):
    upload = start()
    parts = send(upload, LAST)
    control.fault("error", operation="CompleteMultipartUpload", code="SlowDown", status=200, count=1)
    # botocore looks into the body and takes it for a 500.
    with refused("SlowDown", 500):
        complete(s3, upload, parts)
    assert complete(s3, upload, parts)["ETag"] == etag_of(LAST)


@pytest.mark.parametrize("given", [{}, {"ChecksumAlgorithm": "SHA256"}, {"ServerSideEncryption": "aws:kms"}])
def test_takes_and_gives_files_in_parts_at_once(s3, bucket, tmp_path, given):
    there, back = tmp_path / "there", tmp_path / "back"
    there.write_bytes(FIRST + FIRST + LAST)
    s3.upload_file(str(there), bucket, "file", ExtraArgs=given, Config=IN_PARTS)
    assert s3.head_object(Bucket=bucket, Key="file")["ETag"].endswith('-3"')
    s3.download_file(bucket, "file", str(back), Config=IN_PARTS)
    assert back.read_bytes() == there.read_bytes()


def test_sends_a_part_again_whose_reply_was_lost(client, bucket, tmp_path, control):
    there = tmp_path / "there"
    there.write_bytes(FIRST + LAST)
    control.fault("resetAfter", operation="UploadPart", count=1)
    s3 = client("s3", attempts=3)
    s3.upload_file(str(there), bucket, "file", Config=IN_PARTS)
    assert s3.get_object(Bucket=bucket, Key="file")["Body"].read() == FIRST + LAST
