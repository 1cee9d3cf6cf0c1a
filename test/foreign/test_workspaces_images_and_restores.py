"""WorkSpaces: images, bundles, new WorkSpaces, restores, modifications, and quotas; in a Region of their own."""

import pytest
from rig import eventually, refused

UNKNOWN = "ws-0nosuch0001"
UNKNOWN_IMAGE = "wsi-0nosuch0001"
OTHER_ACCOUNT = "444455556666"


@pytest.fixture(scope="module")
def region(sandbox):
    return sandbox.restores["region"]


@pytest.fixture(scope="module")
def ids(sandbox):
    return sandbox.restores["ids"]


@pytest.fixture(scope="module")
def workspaces(client, region):
    return client("workspaces", region=region)


@pytest.fixture(scope="module")
def unchecked(client, region):
    return client("workspaces", region=region, parameter_validation=False)


@pytest.fixture(scope="module")
def quotas(client, region):
    return client("service-quotas", region=region)


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


@pytest.fixture
def image_of(workspaces):
    def look(each):
        return workspaces.describe_workspace_images(ImageIds=[each])["Images"][0]

    return look


def image_request(each, name):
    return {"WorkspaceId": each, "Name": name, "Description": "Nightly backup"}


def bundle_request(image, name):
    compute, storage = {"Name": "STANDARD"}, {"Capacity": "50"}
    request = {"BundleName": name, "BundleDescription": "For a restore", "ImageId": image}
    return {**request, "ComputeType": compute, "UserStorage": storage}


def test_makes_an_image_while_the_workspace_is_suspended(client, region, workspaces, ids, until, image_of):
    tags = [{"Key": "AutomatedBackup", "Value": "true"}]
    made = workspaces.create_workspace_image(**image_request(ids[0], "backup-0"), Tags=tags)
    assert (made["State"], made["OperatingSystem"]) == ("PENDING", {"Type": "WINDOWS"})
    until(ids[0], "SUSPENDED")
    tagging = client("resourcegroupstaggingapi", region=region)
    (found,) = tagging.get_resources(ResourceTypeFilters=["workspaces:workspaceimage"])["ResourceTagMappingList"]
    assert found["ResourceARN"].endswith(f":workspaceimage/{made['ImageId']}") and found["Tags"] == tags
    until(ids[0], "AVAILABLE")
    assert image_of(made["ImageId"])["State"] == "AVAILABLE"


def test_refuses_images_as_aws_does(workspaces, unchecked, sandbox, ids):
    for each, code in (
        (ids[6], "InvalidResourceStateException"),
        (ids[7], "OperationNotSupportedException"),
        (UNKNOWN, "ResourceNotFoundException"),
    ):
        with refused(code) as caught:
            workspaces.create_workspace_image(**image_request(each, "refused"))
        assert isinstance(caught.value, getattr(workspaces.exceptions, code))
    taken = workspaces.describe_workspace_images(ImageIds=[sandbox.oldImageId])["Images"][0]["Name"]
    with refused("ResourceAlreadyExistsException"):
        workspaces.create_workspace_image(**image_request(ids[1], taken))
    with refused("ValidationException"):
        unchecked.create_workspace_image(**image_request(ids[1], "not a name"))


def test_shows_why_an_image_failed(workspaces, control, ids, image_of):
    control.fault("fail", operation="CreateWorkspaceImage", code="PendingReboot")
    made = workspaces.create_workspace_image(**image_request(ids[1], "failing"))["ImageId"]
    failed = eventually(lambda: (one := image_of(made))["State"] == "ERROR" and one)
    assert [one["ErrorCode"] for one in failed["ErrorDetails"]] == ["PendingReboot"]
    workspaces.delete_workspace_image(ImageId=made)
    assert workspaces.describe_workspace_images(ImageIds=[made])["Images"] == []


def test_shares_an_image_and_deletes_it_when_nobody_has_it(workspaces, sandbox):
    image, other = sandbox.newImageId, {"SharedAccountId": OTHER_ACCOUNT}
    with refused("InvalidParameterValuesException"):
        workspaces.update_workspace_image_permission(ImageId=image, AllowCopyImage=False, **other)
    workspaces.update_workspace_image_permission(ImageId=image, AllowCopyImage=True, **other)
    shared = workspaces.describe_workspace_image_permissions(ImageId=image)
    assert shared["ImagePermissions"] == [other]
    with refused("ResourceAssociatedException") as caught:
        workspaces.delete_workspace_image(ImageId=image)
    assert isinstance(caught.value, workspaces.exceptions.ResourceAssociatedException)
    workspaces.update_workspace_image_permission(ImageId=image, AllowCopyImage=False, **other)
    with refused("ResourceNotFoundException"):
        workspaces.describe_workspace_image_permissions(ImageId=UNKNOWN_IMAGE)


def test_makes_a_workspace_of_a_new_bundle_and_terminates_it(workspaces, sandbox, until):
    made = workspaces.create_workspace_bundle(**bundle_request(sandbox.newImageId, "restore-1"))["WorkspaceBundle"]
    assert (made["State"], made["RootStorage"]) == ("PENDING", {"Capacity": "80"})
    bundle = made["BundleId"]
    describe = workspaces.describe_workspace_bundles
    eventually(lambda: describe(BundleIds=[bundle])["Bundles"][0]["State"] == "AVAILABLE")
    request = {"DirectoryId": sandbox.directoryId, "UserName": "new.user", "BundleId": bundle}
    properties = {"RunningMode": "AUTO_STOP", "RunningModeAutoStopTimeoutInMinutes": 120}
    (pending,) = workspaces.create_workspaces(Workspaces=[{**request, "WorkspaceProperties": properties}])[
        "PendingRequests"
    ]
    each = pending["WorkspaceId"]
    (failed,) = workspaces.create_workspaces(Workspaces=[request])["FailedRequests"]
    assert failed["ErrorCode"] == "ResourceExists.WorkSpace" and failed["WorkspaceRequest"]["UserName"] == "new.user"
    found = until(each, "AVAILABLE")
    assert properties.items() <= found["WorkspaceProperties"].items()
    with refused("ResourceAssociatedException"):
        workspaces.delete_workspace_bundle(BundleId=bundle)
    terminated = workspaces.terminate_workspaces(TerminateWorkspaceRequests=[{"WorkspaceId": each}])
    assert terminated["FailedRequests"] == []
    until(each, None)
    workspaces.delete_workspace_bundle(BundleId=bundle)
    assert describe(BundleIds=[bundle])["Bundles"] == []


def test_refuses_bundles_that_cannot_be(workspaces, sandbox):
    with refused("ResourceNotFoundException"):
        workspaces.create_workspace_bundle(**bundle_request(UNKNOWN_IMAGE, "refused"))
    with refused("ResourceAlreadyExistsException"):
        workspaces.create_workspace_bundle(**bundle_request(sandbox.newImageId, "office-desktop"))
    small = {**bundle_request(sandbox.newImageId, "small"), "RootStorage": {"Capacity": "60"}}
    with refused("InvalidParameterValuesException"):
        workspaces.create_workspace_bundle(**small)
    with refused("ResourceNotFoundException"):
        workspaces.delete_workspace_bundle(BundleId="wsb-0nosuch01")


def test_refuses_new_workspaces_and_terminations(workspaces, unchecked, sandbox, ids):
    request = {"DirectoryId": sandbox.directoryId, "UserName": "some.user", "BundleId": "wsb-0nosuch01"}
    (failed,) = workspaces.create_workspaces(Workspaces=[request])["FailedRequests"]
    assert failed["ErrorCode"].startswith("ResourceNotFound.")
    properties = {"RunningModeAutoStopTimeoutInMinutes": 90}
    with refused("InvalidParameterValuesException") as caught:
        workspaces.create_workspaces(Workspaces=[{**request, "WorkspaceProperties": properties}])
    assert isinstance(caught.value, workspaces.exceptions.InvalidParameterValuesException)
    with refused("ValidationException"):
        unchecked.create_workspaces(Workspaces=[])
    (failed,) = workspaces.terminate_workspaces(TerminateWorkspaceRequests=[{"WorkspaceId": UNKNOWN}])["FailedRequests"]
    assert failed["ErrorCode"].startswith("ResourceNotFound.")
    with refused("ValidationException"):
        unchecked.terminate_workspaces(TerminateWorkspaceRequests=[{"WorkspaceId": "somebody"}])


def test_restores_once_a_snapshot(workspaces, ids, show, until):
    before = show(ids[2])
    workspaces.restore_workspace(WorkspaceId=ids[2])
    with refused("OperationNotSupportedException") as caught:
        workspaces.restore_workspace(WorkspaceId=ids[2])
    assert isinstance(caught.value, workspaces.exceptions.OperationNotSupportedException)
    until(ids[2], "RESTORING")
    assert until(ids[2], "AVAILABLE") == before
    with refused("OperationNotSupportedException"):
        workspaces.restore_workspace(WorkspaceId=ids[2])
    snapshots = workspaces.describe_workspace_snapshots
    eventually(lambda: snapshots(WorkspaceId=ids[2])["RestoreSnapshots"])
    workspaces.restore_workspace(WorkspaceId=ids[2])
    with refused("ResourceNotFoundException"):
        workspaces.restore_workspace(WorkspaceId=UNKNOWN)


def test_modifies_the_running_mode_at_once_and_a_volume_in_minutes(workspaces, ids, show, until):
    def modify(**properties):
        workspaces.modify_workspace_properties(WorkspaceId=ids[3], WorkspaceProperties=properties)

    modify(RunningMode="AUTO_STOP", RunningModeAutoStopTimeoutInMinutes=600)
    assert show(ids[3])["WorkspaceProperties"]["RunningModeAutoStopTimeoutInMinutes"] == 600
    modify(UserVolumeSizeGib=100)
    (modification,) = until(ids[3], "UPDATING")["ModificationStates"]
    assert modification == {"Resource": "USER_VOLUME", "State": "UPDATE_IN_PROGRESS"}
    with refused("OperationInProgressException") as caught:
        modify(RunningMode="ALWAYS_ON")
    assert isinstance(caught.value, workspaces.exceptions.OperationInProgressException)
    after = until(ids[3], "AVAILABLE")
    assert (after["ModificationStates"], after["WorkspaceProperties"]["UserVolumeSizeGib"]) == ([], 100)
    with refused("InvalidParameterValuesException"):
        modify(UserVolumeSizeGib=50)


def test_tells_the_images_quota(quotas):
    by_name = {one["QuotaName"]: one for one in quotas.list_service_quotas(ServiceCode="workspaces")["Quotas"]}
    images = by_name["Images"]
    assert (images["Value"], images["Adjustable"]) == (40.0, True)
    again = quotas.get_service_quota(ServiceCode="workspaces", QuotaCode=images["QuotaCode"])["Quota"]
    assert again == images
    with refused("NoSuchResourceException") as caught:
        quotas.get_service_quota(ServiceCode="workspaces", QuotaCode="L-00000000")
    assert isinstance(caught.value, quotas.exceptions.NoSuchResourceException)
    with refused("NoSuchResourceException"):
        quotas.list_service_quotas(ServiceCode="nonsense")
