"""Organizations, and KMS keys across accounts."""

import json

import pytest
from rig import ACCOUNT, OTHER_ACCOUNT, refused

MANAGEMENT_ACCOUNT = "999900001111"
NOBODY = "123412341234"
REGION = "eu-central-1"


@pytest.fixture(scope="module")
def manager(client):
    return client("organizations", account=MANAGEMENT_ACCOUNT)


def kms(client, account=ACCOUNT):
    return client("kms", account=account, region=REGION)


def test_tells_each_member_of_its_organization(client):
    for account in (ACCOUNT, OTHER_ACCOUNT, MANAGEMENT_ACCOUNT):
        organization = client("organizations", account=account).describe_organization()["Organization"]
        assert (organization["Id"], organization["MasterAccountId"]) == ("o-holdfast01", MANAGEMENT_ACCOUNT)
    with refused("AWSOrganizationsNotInUseException"):
        client("organizations", account=NOBODY).describe_organization()


def test_lets_the_management_account_list_members(manager, client):
    pages = manager.get_paginator("list_accounts").paginate(PaginationConfig={"PageSize": 2})
    listed = [account["Id"] for page in pages for account in page["Accounts"]]
    assert set(listed) >= {ACCOUNT, OTHER_ACCOUNT, MANAGEMENT_ACCOUNT}
    assert manager.describe_account(AccountId=OTHER_ACCOUNT)["Account"]["Status"] == "ACTIVE"
    with refused("AccessDeniedException"):
        client("organizations").list_accounts()
    with refused("AccountNotFoundException"):
        manager.describe_account(AccountId=NOBODY)
    with refused("InvalidInputException"):
        manager.list_accounts(NextToken="never given")


def test_shows_a_shared_key_to_who_may_use_it_only(client):
    key = kms(client).describe_key(KeyId="alias/holdfast-source")["KeyMetadata"]
    assert kms(client, OTHER_ACCOUNT).describe_key(KeyId=key["Arn"])["KeyMetadata"]["Arn"] == key["Arn"]
    with refused("AccessDeniedException"):
        kms(client, NOBODY).describe_key(KeyId=key["Arn"])
    managed = kms(client).describe_key(KeyId="alias/aws/ebs")["KeyMetadata"]
    assert managed["KeyManager"] == "AWS"
    with refused("AccessDeniedException"):
        kms(client, OTHER_ACCOUNT).describe_key(KeyId=managed["Arn"])


def test_shows_policies_of_own_keys_only(client):
    key = kms(client).describe_key(KeyId="alias/holdfast-source")["KeyMetadata"]
    policy = json.loads(kms(client).get_key_policy(KeyId=key["KeyId"])["Policy"])
    assert any(OTHER_ACCOUNT in json.dumps(statement) for statement in policy["Statement"])
    with refused("AccessDeniedException"):
        kms(client, OTHER_ACCOUNT).get_key_policy(KeyId=key["Arn"])
    with refused("NotFoundException"):
        kms(client).get_key_policy(KeyId="alias/nobody")
