"""WorkSpaces: DescribeWorkspaces, snapshots, connection states."""

import datetime

from rig import refused

UNKNOWN = "ws-0nosuch0001"


def test_describes_workspaces_page_by_page(workspaces, sandbox):
    pages = list(workspaces.get_paginator("describe_workspaces").paginate())
    ids = [one["WorkspaceId"] for page in pages for one in page["Workspaces"]]
    assert [len(page["Workspaces"]) for page in pages] == [25, 25, 10]
    assert len(set(ids)) == 60 and set(sandbox.plain) < set(ids)


def test_shows_a_workspace_as_botocore_models_it(workspaces, sandbox):
    (one,) = workspaces.describe_workspaces(WorkspaceIds=[sandbox.plain[0]])["Workspaces"]
    assert one["State"] == "AVAILABLE" and one["BundleId"] == sandbox.bundleId
    assert one["WorkspaceProperties"]["RunningMode"] == "ALWAYS_ON"
    assert {"IpAddress", "ComputerName", "SubnetId", "DirectoryId", "UserName"} <= set(one)
    assert "VolumeEncryptionKey" not in one and one["ModificationStates"] == []


def test_shows_encryption_errors_and_standby_pairs(workspaces, sandbox):
    special = sandbox.special

    def show(kind):
        return workspaces.describe_workspaces(WorkspaceIds=special[kind])["Workspaces"][0]

    assert show("encrypted")["VolumeEncryptionKey"] == sandbox.volumeKeyArns[0]
    assert show("encrypted")["RootVolumeEncryptionEnabled"] is True
    assert (show("inError")["State"], show("inError")["ErrorCode"]) == ("ERROR", "UnhealthyWorkspace")
    assert show("standby")["RelatedWorkspaces"][0]["Type"] == "PRIMARY"
    assert show("hasStandby")["StandbyWorkspacesProperties"][0]["DataReplication"] == "NO_REPLICATION"


def test_leaves_unknown_ids_out_without_a_word(workspaces, sandbox):
    reply = workspaces.describe_workspaces(WorkspaceIds=[UNKNOWN, sandbox.plain[0]])
    assert [one["WorkspaceId"] for one in reply["Workspaces"]] == [sandbox.plain[0]]


def test_finds_workspaces_by_directory_and_user_whatever_the_case(workspaces, sandbox):
    user = workspaces.describe_workspaces(WorkspaceIds=[sandbox.plain[0]])["Workspaces"][0]["UserName"]
    found = workspaces.describe_workspaces(DirectoryId=sandbox.directoryId, UserName=user.upper())
    assert [one["UserName"] for one in found["Workspaces"]] == [user]
    assert workspaces.describe_workspaces(BundleId=sandbox.otherBundleId)["Workspaces"] == []


def test_refuses_filters_that_exclude_each_other(workspaces, sandbox):
    with refused("InvalidParameterValuesException") as caught:
        workspaces.describe_workspaces(WorkspaceIds=sandbox.plain[:1], DirectoryId=sandbox.directoryId)
    assert isinstance(caught.value, workspaces.exceptions.InvalidParameterValuesException)
    with refused("InvalidParameterValuesException"):
        workspaces.describe_workspaces(UserName="ada.adler")


def test_refuses_a_token_it_never_gave_or_gave_for_something_else(workspaces, sandbox):
    with refused("InvalidParameterValuesException"):
        workspaces.describe_workspaces(NextToken="bm9uc2Vuc2U=")
    token = workspaces.describe_workspaces(Limit=5)["NextToken"]
    assert len(workspaces.describe_workspaces(Limit=5, NextToken=token)["Workspaces"]) == 5
    with refused("InvalidParameterValuesException"):
        workspaces.describe_workspaces(Limit=5, BundleId=sandbox.bundleId, NextToken=token)


def test_checks_lengths_ranges_and_patterns_as_the_model_says(unchecked):
    with refused("ValidationException") as caught:
        unchecked.describe_workspaces(Limit=26)
    assert "'limit' failed to satisfy constraint: Member must have value less than or equal to 25" in str(caught.value)
    with refused("ValidationException") as caught:
        unchecked.describe_workspaces(WorkspaceIds=["i-0123456789"])
    assert "^ws-[0-9a-z]{8,63}$" in str(caught.value)
    with refused("ValidationException"):
        unchecked.describe_workspaces(WorkspaceIds=[f"ws-{n:010}" for n in range(26)])


def test_lists_snapshots_as_times_and_nothing_else(workspaces, sandbox):
    reply = workspaces.describe_workspace_snapshots(WorkspaceId=sandbox.plain[0])
    for name in ("RebuildSnapshots", "RestoreSnapshots"):
        assert [set(snapshot) for snapshot in reply[name]] == [{"SnapshotTime"}]
    at = reply["RebuildSnapshots"][0]["SnapshotTime"]
    assert isinstance(at, datetime.datetime) and at.microsecond == 0 and "NextToken" not in reply


def test_lists_no_snapshots_where_there_are_none(workspaces, sandbox):
    reply = workspaces.describe_workspace_snapshots(WorkspaceId=sandbox.special["noSnapshotEver"][0])
    assert reply["RebuildSnapshots"] == reply["RestoreSnapshots"] == []


def test_refuses_the_snapshots_of_an_unknown_workspace(workspaces, unchecked):
    with refused("ResourceNotFoundException") as caught:
        workspaces.describe_workspace_snapshots(WorkspaceId=UNKNOWN)
    assert isinstance(caught.value, workspaces.exceptions.ResourceNotFoundException)
    assert caught.value.response["ResourceId"] == UNKNOWN
    with refused("ValidationException") as caught:
        unchecked.describe_workspace_snapshots()
    assert "'workspaceId' failed to satisfy constraint: Member must not be null" in str(caught.value)


def test_tells_who_is_connected(workspaces, sandbox):
    special = sandbox.special
    ids = [special[kind][0] for kind in ("connected", "neverConnected")] + [special["stopped"][1]]
    reply = workspaces.describe_workspaces_connection_status(WorkspaceIds=ids)
    connected, never, stopped = (
        next(one for one in reply["WorkspacesConnectionStatus"] if one["WorkspaceId"] == each) for each in ids
    )
    assert connected["ConnectionState"] == "CONNECTED"
    assert connected["LastKnownUserConnectionTimestamp"] <= connected["ConnectionStateCheckTimestamp"]
    assert never["ConnectionState"] == "DISCONNECTED" and "LastKnownUserConnectionTimestamp" not in never
    assert stopped["ConnectionState"] == "UNKNOWN"


def test_pages_through_connection_states(workspaces):
    pages = workspaces.get_paginator("describe_workspaces_connection_status").paginate()
    sizes = [len(page["WorkspacesConnectionStatus"]) for page in pages]
    assert sizes == [25, 25, 10]


def test_refuses_connection_states_of_ids_that_are_none(workspaces, unchecked):
    assert workspaces.describe_workspaces_connection_status(WorkspaceIds=[UNKNOWN])["WorkspacesConnectionStatus"] == []
    with refused("ValidationException"):
        unchecked.describe_workspaces_connection_status(WorkspaceIds=["nobody"])
