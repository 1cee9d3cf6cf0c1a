"""WorkSpaces: MigrateWorkspace and ModifyWorkspaceState. What they refuse is an error of the whole call."""

import pytest
from rig import eventually, refused

UNKNOWN = "ws-0nosuch0001"


@pytest.fixture
def show(workspaces):
    def look(each):
        found = workspaces.describe_workspaces(WorkspaceIds=[each])["Workspaces"]
        return found[0] if found else {"State": None}

    return look


@pytest.fixture
def until(show):
    """Waits until a WorkSpace is in that state; None: until it is not shown."""
    return lambda each, state: eventually(lambda: (one := show(each))["State"] == state and one)


def test_migrates_to_another_bundle(workspaces, sandbox, show, until):
    one = sandbox.plain[20]
    before = show(one)
    reply = workspaces.migrate_workspace(SourceWorkspaceId=one, BundleId=sandbox.otherBundleId)
    assert reply["SourceWorkspaceId"] == one
    target = reply["TargetWorkspaceId"]
    pending = until(target, "PENDING")
    assert "ComputerName" not in pending and show(one)["State"] == "AVAILABLE"
    moved = until(target, "AVAILABLE")
    assert (moved["BundleId"], moved["UserName"]) == (sandbox.otherBundleId, before["UserName"])
    assert moved["ComputerName"] != before["ComputerName"] and moved["IpAddress"] != before["IpAddress"]
    assert workspaces.describe_tags(ResourceId=target)["TagList"]
    until(one, None)


def test_fails_a_migration_without_a_word(workspaces, sandbox, show, until):
    (one,) = sandbox.special["migrateFails"]
    before = show(one)
    target = workspaces.migrate_workspace(SourceWorkspaceId=one, BundleId=sandbox.otherBundleId)["TargetWorkspaceId"]
    until(target, "PENDING")
    until(target, None)
    assert show(one) == before


def test_refuses_migrations(workspaces, unchecked, sandbox):
    one = sandbox.plain[21]
    for source, bundle, code in (
        (UNKNOWN, sandbox.otherBundleId, "ResourceNotFoundException"),
        (one, "wsb-0nosuch0001", "ResourceNotFoundException"),
        (one, sandbox.bundleId, "InvalidParameterValuesException"),
        (one, "wsb-0pending01", "ResourceUnavailableException"),
        (sandbox.special["hasStandby"][0], sandbox.otherBundleId, "OperationNotSupportedException"),
        (sandbox.special["adminMaintenance"][0], sandbox.otherBundleId, "OperationNotSupportedException"),
    ):
        with refused(code) as caught:
            workspaces.migrate_workspace(SourceWorkspaceId=source, BundleId=bundle)
        assert isinstance(caught.value, getattr(workspaces.exceptions, code))
    with refused("ValidationException"):
        unchecked.migrate_workspace(SourceWorkspaceId="somebody", BundleId=sandbox.otherBundleId)


def test_puts_a_workspace_under_maintenance_and_back(workspaces, sandbox, show):
    one = sandbox.plain[22]
    workspaces.modify_workspace_state(WorkspaceId=one, WorkspaceState="ADMIN_MAINTENANCE")
    assert show(one)["State"] == "ADMIN_MAINTENANCE"
    assert workspaces.rebuild_workspaces(RebuildWorkspaceRequests=[{"WorkspaceId": one}])["FailedRequests"] == []
    workspaces.modify_workspace_state(WorkspaceId=one, WorkspaceState="AVAILABLE")
    assert show(one)["State"] == "AVAILABLE"


def test_refuses_states_that_nobody_can_set(workspaces, unchecked, sandbox):
    with refused("InvalidResourceStateException") as caught:
        workspaces.modify_workspace_state(
            WorkspaceId=sandbox.special["inError"][0], WorkspaceState="ADMIN_MAINTENANCE"
        )
    assert isinstance(caught.value, workspaces.exceptions.InvalidResourceStateException)
    with refused("ResourceNotFoundException"):
        workspaces.modify_workspace_state(WorkspaceId=UNKNOWN, WorkspaceState="AVAILABLE")
    with refused("ValidationException"):
        unchecked.modify_workspace_state(WorkspaceId=sandbox.plain[22], WorkspaceState="STOPPED")
