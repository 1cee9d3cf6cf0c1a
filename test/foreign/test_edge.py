"""The edge: signatures, operations and services that are not there, rates, time."""

import datetime
import email.utils
import json
import urllib.error
import urllib.request

import pytest
from botocore import UNSIGNED
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from rig import ACCOUNT, refused


@pytest.fixture
def post(sandbox):
    """Sends a request that no client of botocore would, signed by botocore's signer."""

    def send(service, body, headers):
        request = AWSRequest("POST", f"{sandbox.endpoint}/", data=body, headers=headers)
        SigV4Auth(Credentials(f"AKIA{ACCOUNT}", "secret"), service, sandbox.region).add_auth(request)
        sent = urllib.request.Request(request.url, body, dict(request.headers), method="POST")
        try:
            with urllib.request.urlopen(sent) as reply:
                return reply.status, reply.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    return send


@pytest.mark.parametrize(
    "service, protocol",
    [
        ("workspaces", "json"),
        ("resourcegroupstaggingapi", "json"),
        ("ssm", "json"),
        ("kms", "json"),
        ("sts", "query"),
        ("cloudformation", "query"),
        ("s3", "rest-xml"),
    ],
)
def test_is_spoken_to_in_a_protocol_it_has(client, service, protocol):
    # WorkSpaces and tagging know rpc-v2-cbor as well, which the sandbox does not speak.
    assert client(service).meta.service_model.resolved_protocol == protocol


def test_answers_with_a_request_id_in_every_protocol(client, workspaces, s3):
    for reply in (workspaces.describe_workspaces_pools(), client("sts").get_caller_identity(), s3.list_buckets()):
        assert len(reply["ResponseMetadata"]["RequestId"]) == 36


def test_dates_its_answers_by_its_own_clock(workspaces, control):
    def dated():
        headers = workspaces.describe_workspaces_pools()["ResponseMetadata"]["HTTPHeaders"]
        return email.utils.parsedate_to_datetime(headers["date"])

    def now():
        return datetime.datetime.fromisoformat(control.ask("GET", "status")["now"].replace("Z", "+00:00"))

    before = now()
    # A Date has whole seconds.
    assert before - datetime.timedelta(seconds=1) <= dated() <= now()


@pytest.mark.parametrize(
    "service, call, code, status",
    [
        ("workspaces", "describe_workspaces", "MissingAuthenticationTokenException", 400),
        ("cloudformation", "describe_stacks", "MissingAuthenticationToken", 403),
        ("s3", "list_buckets", "AccessDenied", 403),
    ],
)
def test_refuses_requests_without_a_signature(client, service, call, code, status):
    with refused(code, status):
        getattr(client(service, signature_version=UNSIGNED), call)()


def test_refuses_operations_it_does_not_have(client, workspaces, s3, bucket):
    with refused("UnknownOperationException"):
        workspaces.create_ip_group(GroupName="office")
    with refused("InvalidAction"):
        client("cloudformation").list_stacks()
    with refused("NotImplemented", 501):
        s3.get_bucket_acl(Bucket=bucket)


def test_refuses_operations_nobody_has(post):
    json11 = {"content-type": "application/x-amz-json-1.1"}
    status, body = post("workspaces", b"{}", {**json11, "x-amz-target": "WorkspacesService.MakeCoffee"})
    assert (status, json.loads(body)["__type"]) == (400, "UnknownOperationException")
    status, body = post("workspaces", b"{", {**json11, "x-amz-target": "WorkspacesService.DescribeWorkspaces"})
    assert (status, json.loads(body)["__type"]) == (400, "SerializationException")
    form = {"content-type": "application/x-www-form-urlencoded"}
    status, body = post("sts", b"Action=MakeCoffee&Version=2011-06-15", form)
    assert status == 400 and b"<Code>InvalidAction</Code>" in body


def test_says_which_services_it_has(client):
    with refused("SandboxHasNoSuchService", 501) as caught:
        client("glue").get_databases()
    assert "it has workspaces, tagging, ssm" in str(caught.value)


def test_keeps_accounts_and_regions_apart(client, workspaces):
    assert workspaces.describe_workspaces()["Workspaces"] != []
    for caller in ({"account": "999988887777"}, {"region": "eu-west-1"}):
        assert client("workspaces", **caller).describe_workspaces()["Workspaces"] == []


def test_throttles_and_fails_as_told(workspaces, control):
    control.fault("throttle", service="workspaces", operation="DescribeWorkspaces", count=1)
    with refused("ThrottlingException") as caught:
        workspaces.describe_workspaces()
    assert "Rate exceeded" in str(caught.value)
    control.fault("error", service="workspaces", count=1)
    with refused("InternalFailure", 500):
        workspaces.describe_workspaces()
    assert workspaces.describe_workspaces()["Workspaces"]
