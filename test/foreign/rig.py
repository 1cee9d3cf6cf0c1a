"""What the tests share besides their clients."""

import contextlib
import json
import time
import urllib.request

import pytest
from botocore.exceptions import ClientError

ACCOUNT = "111122223333"
OTHER_ACCOUNT = "444455556666"
BACKUP_ROLE = f"arn:aws:iam::{ACCOUNT}:role/service-role/AWSBackupDefaultServiceRole"


class Control:
    """The sandbox's own interface, beside AWS's."""

    def __init__(self, endpoint):
        self.endpoint = endpoint

    def ask(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.endpoint}/_holdfast/{path}", data, method=method)
        with urllib.request.urlopen(request) as reply:
            return json.load(reply)

    def fault(self, kind, **rule):
        self.ask("POST", "faults", {"kind": kind, **rule})


@contextlib.contextmanager
def refused(code, status=400):
    """The block ends in an error that botocore parsed to this code and HTTP status; gives the `ExceptionInfo`."""
    with pytest.raises(ClientError) as caught:
        yield caught
    response = caught.value.response
    found = (response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"])
    assert found == (code, status), response


def eventually(look, seconds=20):
    """What `look` gives as soon as it is true."""
    deadline = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.05)
    return found


def backed_up(backup, vault, resource, **options):
    """The ARN of a new recovery point."""
    job = backup.start_backup_job(BackupVaultName=vault, ResourceArn=resource, IamRoleArn=BACKUP_ROLE, **options)["BackupJobId"]
    done = eventually(lambda: (found := backup.describe_backup_job(BackupJobId=job))["State"] == "COMPLETED" and found)
    return done["RecoveryPointArn"]
