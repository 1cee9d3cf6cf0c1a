"""WorkSpaces: start, stop, reboot and rebuild. What they refuse comes at HTTP 200, in FailedRequests."""

import pytest
from botocore.exceptions import ConnectionClosedError
from rig import eventually, refused

UNKNOWN = "ws-0nosuch0001"


def requests_for(*ids):
    return [{"WorkspaceId": each} for each in ids]


@pytest.fixture
def show(workspaces):
    return lambda each: workspaces.describe_workspaces(WorkspaceIds=[each])["Workspaces"][0]


@pytest.fixture
def until(show):
    """Waits until a WorkSpace is in that state."""
    return lambda each, state: eventually(lambda: (one := show(each))["State"] == state and one)


def failed(reply, each):
    """The code with which one WorkSpace was refused in an answer of HTTP 200."""
    assert reply["ResponseMetadata"]["HTTPStatusCode"] == 200
    (one,) = (one for one in reply["FailedRequests"] if one["WorkspaceId"] == each)
    assert one["ErrorMessage"]
    return one["ErrorCode"]


def test_starts_and_stops_a_workspace_that_stops_by_itself(workspaces, sandbox, until):
    one = sandbox.special["stopped"][0]
    assert workspaces.start_workspaces(StartWorkspaceRequests=requests_for(one))["FailedRequests"] == []
    until(one, "AVAILABLE")
    assert workspaces.stop_workspaces(StopWorkspaceRequests=requests_for(one))["FailedRequests"] == []
    until(one, "STOPPED")


def test_shows_what_is_on_its_way(workspaces, sandbox, show, control):
    one, rebooted = sandbox.special["stopped"][1], sandbox.plain[10]
    control.fault("stuck", operation="StartWorkspaces", resource=one)
    control.fault("stuck", operation="RebootWorkspaces", resource=rebooted)
    workspaces.start_workspaces(StartWorkspaceRequests=requests_for(one))
    workspaces.reboot_workspaces(RebootWorkspaceRequests=requests_for(rebooted))
    assert (show(one)["State"], show(rebooted)["State"]) == ("STARTING", "REBOOTING")


def test_refuses_single_workspaces_at_http_200(workspaces, sandbox, until):
    always_on, unknown = sandbox.plain[1], UNKNOWN
    reply = workspaces.start_workspaces(StartWorkspaceRequests=requests_for(always_on, unknown))
    assert failed(reply, always_on).startswith("OperationNotSupported.")
    assert failed(reply, unknown).startswith("ResourceNotFound.")
    assert failed(workspaces.stop_workspaces(StopWorkspaceRequests=requests_for(always_on)), always_on)
    in_error = sandbox.special["inError"][0]
    reply = workspaces.reboot_workspaces(RebootWorkspaceRequests=requests_for(in_error, always_on))
    assert failed(reply, in_error).startswith("InvalidResourceState.") and len(reply["FailedRequests"]) == 1
    until(always_on, "AVAILABLE")


def test_accepts_calls_under_maintenance_and_does_nothing(workspaces, sandbox, show):
    one = sandbox.special["adminMaintenance"][0]
    assert workspaces.rebuild_workspaces(RebuildWorkspaceRequests=requests_for(one))["FailedRequests"] == []
    assert workspaces.reboot_workspaces(RebootWorkspaceRequests=requests_for(one))["FailedRequests"] == []
    assert show(one)["State"] == "ADMIN_MAINTENANCE"


def test_rebuilds_to_a_new_address(workspaces, sandbox, show, until):
    one = sandbox.plain[2]
    before = show(one)["IpAddress"]
    assert workspaces.rebuild_workspaces(RebuildWorkspaceRequests=requests_for(one))["FailedRequests"] == []
    until(one, "REBUILDING")
    assert until(one, "AVAILABLE")["IpAddress"] != before


def test_takes_new_snapshots_after_a_rebuild_only(workspaces, sandbox, until):
    one = sandbox.plain[3]
    workspaces.rebuild_workspaces(RebuildWorkspaceRequests=requests_for(one))
    until(one, "REBUILDING")
    before = workspaces.describe_workspace_snapshots(WorkspaceId=one)["RebuildSnapshots"]
    until(one, "AVAILABLE")
    assert eventually(lambda: workspaces.describe_workspace_snapshots(WorkspaceId=one)["RebuildSnapshots"] != before)


def test_ends_a_failed_rebuild_in_error(workspaces, sandbox, until):
    one = sandbox.special["rebuildFails"][0]
    assert workspaces.rebuild_workspaces(RebuildWorkspaceRequests=requests_for(one))["FailedRequests"] == []
    assert until(one, "ERROR")["ErrorCode"]


def test_refuses_a_rebuild_without_a_snapshot_or_of_a_standby(workspaces, sandbox):
    for kind, code in (("noSnapshotEver", "ResourceUnavailable."), ("standby", "OperationNotSupported.")):
        (one,) = sandbox.special[kind]
        reply = workspaces.rebuild_workspaces(RebuildWorkspaceRequests=requests_for(one))
        assert failed(reply, one).startswith(code)
    reply = workspaces.rebuild_workspaces(RebuildWorkspaceRequests=requests_for(UNKNOWN))
    assert failed(reply, UNKNOWN).startswith("ResourceNotFound.")


def test_takes_one_workspace_a_rebuild_and_25_of_the_others(unchecked, sandbox):
    one, two = sandbox.plain[4:6]
    many = [f"ws-{n:010}" for n in range(26)]
    for call in (
        lambda: unchecked.rebuild_workspaces(RebuildWorkspaceRequests=requests_for(one, two)),
        lambda: unchecked.rebuild_workspaces(RebuildWorkspaceRequests=[]),
        lambda: unchecked.start_workspaces(StartWorkspaceRequests=requests_for(*many)),
        lambda: unchecked.stop_workspaces(StopWorkspaceRequests=requests_for(*many)),
        lambda: unchecked.reboot_workspaces(RebootWorkspaceRequests=requests_for(*many)),
    ):
        with refused("ValidationException"):
            call()


def test_loses_a_reply_after_the_effect_when_told_to(workspaces, sandbox, control, until):
    one = sandbox.plain[6]
    control.fault("resetAfter", operation="RebuildWorkspaces", resource=one, count=1)
    with pytest.raises(ConnectionClosedError):
        workspaces.rebuild_workspaces(RebuildWorkspaceRequests=requests_for(one))
    until(one, "REBUILDING")


def test_shows_the_past_to_a_stale_read(workspaces, sandbox, control, show, until):
    one = sandbox.plain[7]
    workspaces.rebuild_workspaces(RebuildWorkspaceRequests=requests_for(one))
    until(one, "REBUILDING")
    control.fault("stale", operation="DescribeWorkspaces", seconds=600, count=1)
    assert show(one)["State"] == "AVAILABLE"
    assert show(one)["State"] == "REBUILDING"
