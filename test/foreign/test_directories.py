"""Directory Service: the stage of the directories that WorkSpaces are registered with."""

import pytest
from rig import refused


@pytest.fixture(scope="module")
def directories(client):
    return client("ds")


def test_shows_the_stage_of_each_directory(directories, sandbox):
    found = directories.describe_directories(DirectoryIds=[sandbox.directoryId])["DirectoryDescriptions"]
    assert [(each["DirectoryId"], each["Stage"]) for each in found] == [(sandbox.directoryId, "Active")]


def test_pages_through_them(directories, sandbox):
    pages = directories.get_paginator("describe_directories").paginate(PaginationConfig={"PageSize": 1})
    ids = [each["DirectoryId"] for page in pages for each in page["DirectoryDescriptions"]]
    assert sandbox.directoryId in ids
    assert len(set(ids)) == len(ids)


def test_refuses_unknown_directories_and_tokens(directories):
    with refused("EntityDoesNotExistException"):
        directories.describe_directories(DirectoryIds=["d-0123456789"])
    with refused("InvalidNextTokenException"):
        directories.describe_directories(NextToken="nonsense")
