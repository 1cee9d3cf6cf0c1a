"""Tags: WorkSpaces' own operations and the Resource Groups Tagging API see the same ones."""

import pytest
from rig import ACCOUNT, eventually, refused

UNKNOWN = "ws-0nosuch0001"


@pytest.fixture(scope="module")
def tagging(client):
    return client("resourcegroupstaggingapi", parameter_validation=False)


def arn_of(sandbox, each, kind="workspace"):
    return f"arn:aws:workspaces:{sandbox.region}:{ACCOUNT}:{kind}/{each}"


def tags_of(workspaces, each):
    return {tag["Key"]: tag["Value"] for tag in workspaces.describe_tags(ResourceId=each)["TagList"]}


def test_creates_replaces_and_deletes_tags(workspaces, sandbox):
    one = sandbox.plain[8]
    workspaces.create_tags(ResourceId=one, Tags=[{"Key": "Team", "Value": "blue"}, {"Key": "Empty"}])
    workspaces.create_tags(ResourceId=one, Tags=[{"Key": "Team", "Value": "red"}])
    assert {"Team": "red", "Empty": "", "Env": "Prod"}.items() <= tags_of(workspaces, one).items()
    workspaces.delete_tags(ResourceId=one, TagKeys=["Team", "Empty", "NeverThere"])
    assert not {"Team", "Empty"} & set(tags_of(workspaces, one))


def test_tags_bundles_images_and_directories_too(workspaces, sandbox, tagging):
    for kind, each in (
        ("workspacebundle", sandbox.bundleId),
        ("workspaceimage", sandbox.newImageId),
        ("directory", sandbox.directoryId),
    ):
        workspaces.create_tags(ResourceId=each, Tags=[{"Key": "Kind", "Value": kind}])
        filters = [{"Key": "Kind", "Values": [kind]}]
        (found,) = tagging.get_resources(TagFilters=filters)["ResourceTagMappingList"]
        assert found["ResourceARN"] == arn_of(sandbox, each, kind)


def test_refuses_tags_of_what_is_not_there(workspaces):
    for call in (
        lambda: workspaces.describe_tags(ResourceId=UNKNOWN),
        lambda: workspaces.create_tags(ResourceId=UNKNOWN, Tags=[{"Key": "a", "Value": "b"}]),
        lambda: workspaces.delete_tags(ResourceId=UNKNOWN, TagKeys=["a"]),
    ):
        with refused("ResourceNotFoundException") as caught:
            call()
        assert isinstance(caught.value, workspaces.exceptions.ResourceNotFoundException)


def test_refuses_reserved_keys_long_ones_and_more_than_50(workspaces, unchecked, sandbox):
    one = sandbox.plain[9]
    with refused("InvalidParameterValuesException"):
        workspaces.create_tags(ResourceId=one, Tags=[{"Key": "aws:mine", "Value": "no"}])
    with refused("ResourceLimitExceededException") as caught:
        workspaces.create_tags(ResourceId=one, Tags=[{"Key": f"k{n}", "Value": ""} for n in range(50)])
    assert isinstance(caught.value, workspaces.exceptions.ResourceLimitExceededException)
    with refused("ValidationException"):
        unchecked.create_tags(ResourceId=one, Tags=[{"Key": "k" * 128, "Value": ""}])
    with refused("ValidationException"):
        unchecked.create_tags(ResourceId=one, Tags=[{"Key": "k", "Value": "v" * 256}])


def test_finds_resources_by_tag_page_by_page(tagging, sandbox):
    pages = list(
        tagging.get_paginator("get_resources").paginate(
            TagFilters=[{"Key": "Env", "Values": ["Prod", "Test"]}],
            ResourceTypeFilters=["workspaces:workspace"],
            ResourcesPerPage=25,
        )
    )
    found = [one["ResourceARN"] for page in pages for one in page["ResourceTagMappingList"]]
    assert [len(page["ResourceTagMappingList"]) for page in pages] == [25, 25, 10]
    assert len(set(found)) == 60 and arn_of(sandbox, sandbox.plain[0]) in found
    assert pages[-1]["PaginationToken"] == ""


def test_wants_every_filter_and_one_value_of_each(tagging, sandbox):
    both = [{"Key": "Env", "Values": ["Prod"]}, {"Key": "Env", "Values": ["Test"]}]
    assert tagging.get_resources(TagFilters=both)["ResourceTagMappingList"] == []
    arns = [arn_of(sandbox, sandbox.plain[0]), arn_of(sandbox, UNKNOWN)]
    (found,) = tagging.get_resources(ResourceARNList=arns)["ResourceTagMappingList"]
    assert {"Key": "Env", "Value": "Prod"} in found["Tags"]


def test_refuses_wrong_tokens_and_inputs(tagging, sandbox):
    invalid = tagging.exceptions.InvalidParameterException
    for given in (
        {"PaginationToken": "nonsense"},
        {"ResourcesPerPage": 101},
        {"ResourceARNList": [arn_of(sandbox, UNKNOWN)], "ResourcesPerPage": 5},
        {"TagFilters": [{"Key": ""}]},
        {"TagFilters": [{"Key": f"k{n}"} for n in range(51)]},
    ):
        with refused("InvalidParameterException") as caught:
            tagging.get_resources(**given)
        assert isinstance(caught.value, invalid)


def test_refuses_a_token_that_is_15_minutes_old(tagging):
    token = tagging.get_resources(ResourcesPerPage=5)["PaginationToken"]

    def expired():
        try:
            tagging.get_resources(ResourcesPerPage=5, PaginationToken=token)
        except tagging.exceptions.PaginationTokenExpiredException:
            return True

    assert eventually(expired)
