"""STS, KMS and CloudFormation."""

import datetime

import pytest
from botocore.exceptions import WaiterError
from rig import ACCOUNT, OTHER_ACCOUNT, eventually, refused

ROLE = f"arn:aws:iam::{OTHER_ACCOUNT}:role/backup/holdfast-target"


@pytest.fixture(scope="module")
def sts(client):
    return client("sts")


@pytest.fixture(scope="module")
def kms(client):
    return client("kms")


@pytest.fixture(scope="module")
def cloudformation(client):
    return client("cloudformation")


def test_says_who_calls(sts, client):
    assert sts.get_caller_identity()["Account"] == ACCOUNT
    assert client("sts", account=OTHER_ACCOUNT).get_caller_identity()["Account"] == OTHER_ACCOUNT


def test_hands_out_keys_of_the_roles_account(sts, client):
    assumed = sts.assume_role(RoleArn=ROLE, RoleSessionName="foreign", DurationSeconds=900)
    given = assumed["Credentials"]
    left = given["Expiration"] - datetime.datetime.now(datetime.timezone.utc)
    assert datetime.timedelta(minutes=14) < left <= datetime.timedelta(minutes=15)
    key = {
        "aws_access_key_id": given["AccessKeyId"],
        "aws_secret_access_key": given["SecretAccessKey"],
        "aws_session_token": given["SessionToken"],
    }
    who = client("sts", key=key).get_caller_identity()
    # A session's ARN has no path of its role.
    assert who["Arn"] == f"arn:aws:sts::{OTHER_ACCOUNT}:assumed-role/holdfast-target/foreign"
    assert who["UserId"] == assumed["AssumedRoleUser"]["AssumedRoleId"]
    assert client("workspaces", key=key).describe_workspaces()["Workspaces"] == []


def test_refuses_roles_and_durations_outside_the_model(client):
    sts = client("sts", parameter_validation=False)
    for given in (
        {"RoleArn": ROLE, "RoleSessionName": "foreign", "DurationSeconds": 899},
        {"RoleArn": ROLE, "RoleSessionName": "not allowed!"},
        {"RoleArn": f"arn:aws:iam::{OTHER_ACCOUNT}:user/somebody", "RoleSessionName": "foreign"},
        {"RoleSessionName": "foreign"},
    ):
        with refused("ValidationError"):
            sts.assume_role(**given)


def test_fails_as_told_in_the_query_protocol_too(sts, control):
    control.fault("throttle", operation="GetCallerIdentity", count=1)
    with refused("Throttling"):
        sts.get_caller_identity()
    control.fault("error", operation="AssumeRole", code="ServiceUnavailable", status=503, count=1)
    with refused("ServiceUnavailable", status=503):
        sts.assume_role(RoleArn=ROLE, RoleSessionName="foreign")


def test_describes_a_key_by_each_of_its_names(kms, sandbox):
    names = [sandbox.reportKeyId, sandbox.reportKeyArn, "alias/holdfast-reports"]
    names.append(f"arn:aws:kms:{sandbox.region}:{ACCOUNT}:alias/holdfast-reports")
    found = [kms.describe_key(KeyId=name)["KeyMetadata"] for name in names]
    assert {key["Arn"] for key in found} == {sandbox.reportKeyArn}
    assert (found[0]["KeyState"], found[0]["Enabled"], found[0]["KeyManager"]) == ("Enabled", True, "CUSTOMER")


def test_describes_keys_that_cannot_be_used_and_those_of_aws(kms, sandbox):
    disabled = kms.describe_key(KeyId=sandbox.volumeKeyArns[1])["KeyMetadata"]
    assert (disabled["KeyState"], disabled["Enabled"]) == ("Disabled", False)
    doomed = kms.describe_key(KeyId="eeee1111-2222-4333-8444-555566667777")["KeyMetadata"]
    assert doomed["KeyState"] == "PendingDeletion"
    assert kms.describe_key(KeyId="alias/aws/s3")["KeyMetadata"]["KeyManager"] == "AWS"


def test_refuses_keys_that_are_not_there(kms, client, sandbox):
    elsewhere = sandbox.reportKeyArn.replace(sandbox.region, "eu-west-1")
    for name in ("00000000-0000-4000-8000-000000000000", "alias/nobody", elsewhere):
        with refused("NotFoundException") as caught:
            kms.describe_key(KeyId=name)
        assert isinstance(caught.value, kms.exceptions.NotFoundException)
    with refused("ValidationException"):
        client("kms", parameter_validation=False).describe_key(KeyId="")


def test_describes_stacks(cloudformation, sandbox):
    pages = cloudformation.get_paginator("describe_stacks").paginate()
    stacks = {one["StackName"]: one for page in pages for one in page["Stacks"]}
    assert {"protected", "stubborn"} <= set(stacks)
    assert stacks["protected"]["EnableTerminationProtection"] is True
    assert stacks["protected"]["StackStatus"] == "CREATE_COMPLETE"
    cloudformation.get_waiter("stack_exists").wait(StackName="protected")


def test_deletes_a_stack_until_only_its_arn_finds_it(cloudformation, sandbox):
    name = sandbox.stackName
    arn = cloudformation.describe_stacks(StackName=name)["Stacks"][0]["StackId"]
    assert cloudformation.delete_stack(StackName=name)["ResponseMetadata"]["HTTPStatusCode"] == 200
    config = {"Delay": 1, "MaxAttempts": 20}
    cloudformation.get_waiter("stack_delete_complete").wait(StackName=name, WaiterConfig=config)
    with refused("ValidationError") as caught:
        cloudformation.describe_stacks(StackName=name)
    assert f"Stack with id {name} does not exist" in str(caught.value)
    assert cloudformation.describe_stacks(StackName=arn)["Stacks"][0]["StackStatus"] == "DELETE_COMPLETE"


def test_takes_the_deletion_of_no_stack_for_done(cloudformation):
    assert cloudformation.delete_stack(StackName="nobody")["ResponseMetadata"]["HTTPStatusCode"] == 200


def test_does_not_delete_a_protected_stack(cloudformation):
    with refused("ValidationError") as caught:
        cloudformation.delete_stack(StackName="protected")
    assert "TerminationProtection is enabled" in str(caught.value)
    assert cloudformation.describe_stacks(StackName="protected")["Stacks"][0]["StackStatus"] == "CREATE_COMPLETE"


def test_ends_a_failed_deletion_in_delete_failed(cloudformation, control):
    control.fault("fail", operation="DeleteStack", message="a bucket is not empty", count=1)
    cloudformation.delete_stack(StackName="stubborn")

    def show():
        return cloudformation.describe_stacks(StackName="stubborn")["Stacks"][0]

    with pytest.raises(WaiterError):
        waiter = cloudformation.get_waiter("stack_delete_complete")
        waiter.wait(StackName="stubborn", WaiterConfig={"Delay": 1, "MaxAttempts": 20})
    assert eventually(lambda: show()["StackStatus"] == "DELETE_FAILED")
    assert show()["StackStatusReason"] == "a bucket is not empty"
