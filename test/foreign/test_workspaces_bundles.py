"""WorkSpaces: bundles, images, directories, pools."""

from rig import refused


def test_describes_own_bundles_and_those_of_aws(workspaces, sandbox):
    own = {one["BundleId"]: one for one in workspaces.describe_workspace_bundles()["Bundles"]}
    assert set(own) == {sandbox.bundleId, sandbox.otherBundleId, "wsb-0pending01"}
    assert own[sandbox.bundleId]["State"] == "AVAILABLE"
    # Sizes are strings here, in gibibytes.
    assert own[sandbox.bundleId]["UserStorage"] == {"Capacity": "50"}
    amazons = workspaces.describe_workspace_bundles(Owner="AMAZON")["Bundles"]
    assert [one["BundleId"] for one in amazons] == ["wsb-0amazon001"]


def test_describes_bundles_by_id_and_leaves_unknown_ones_out(workspaces, sandbox):
    pages = workspaces.get_paginator("describe_workspace_bundles").paginate(
        BundleIds=[sandbox.bundleId, "wsb-0nosuch01"]
    )
    assert [one["BundleId"] for page in pages for one in page["Bundles"]] == [sandbox.bundleId]


def test_refuses_bundles_by_id_and_owner(workspaces, sandbox):
    with refused("InvalidParameterValuesException"):
        workspaces.describe_workspace_bundles(BundleIds=[sandbox.bundleId], Owner="AMAZON")
    with refused("InvalidParameterValuesException"):
        workspaces.describe_workspace_bundles(NextToken="nonsense")


def test_gives_a_bundle_another_image(workspaces, sandbox):
    workspaces.update_workspace_bundle(BundleId=sandbox.otherBundleId, ImageId=sandbox.newImageId)
    (bundle,) = workspaces.describe_workspace_bundles(BundleIds=[sandbox.otherBundleId])["Bundles"]
    assert bundle["ImageId"] == sandbox.newImageId and bundle["LastUpdatedTime"] > bundle["CreationTime"]


def test_refuses_images_that_a_bundle_cannot_carry(workspaces, sandbox, unchecked):
    def update(image, bundle=sandbox.bundleId):
        workspaces.update_workspace_bundle(BundleId=bundle, ImageId=image)

    with refused("ResourceNotFoundException") as caught:
        update("wsi-0nosuch0001")
    assert isinstance(caught.value, workspaces.exceptions.ResourceNotFoundException)
    with refused("ResourceNotFoundException"):
        update(sandbox.newImageId, bundle="wsb-0nosuch01")
    with refused("ResourceUnavailableException") as caught:
        update("wsi-0pending01")
    assert isinstance(caught.value, workspaces.exceptions.ResourceUnavailableException)
    with refused("InvalidParameterValuesException"):
        update("wsi-0linux0001")
    with refused("InvalidParameterValuesException"):
        update("wsi-0large0001")
    with refused("OperationNotSupportedException"):
        update(sandbox.newImageId, bundle="wsb-0amazon001")
    with refused("ValidationException"):
        unchecked.update_workspace_bundle(BundleId="bundle", ImageId="image")
    (bundle,) = workspaces.describe_workspace_bundles(BundleIds=[sandbox.bundleId])["Bundles"]
    assert bundle["ImageId"] == sandbox.oldImageId


def test_describes_images(workspaces, sandbox):
    pages = list(workspaces.get_paginator("describe_workspace_images").paginate(MaxResults=2))
    found = {one["ImageId"]: one for page in pages for one in page["Images"]}
    assert len(pages) == 4 and len(found) == 7
    assert found[sandbox.newImageId]["OperatingSystem"] == {"Type": "WINDOWS"}
    assert found["wsi-0pending01"]["State"] == "PENDING"
    assert found["wsi-0shared001"]["OwnerAccountId"] == "444455556666"


def test_describes_owned_and_shared_images_apart(workspaces):
    def ids(kind):
        return {one["ImageId"] for one in workspaces.describe_workspace_images(ImageType=kind)["Images"]}

    assert ids("SHARED") == {"wsi-0shared001"} and "wsi-0large0001" in ids("OWNED")
    assert workspaces.describe_workspace_images(ImageIds=["wsi-0nosuch0001"])["Images"] == []


def test_refuses_images_outside_the_model(unchecked, workspaces):
    with refused("ValidationException") as caught:
        unchecked.describe_workspace_images(ImageType="BORROWED")
    assert "Member must satisfy enum value set" in str(caught.value)
    with refused("InvalidParameterValuesException"):
        workspaces.describe_workspace_images(NextToken="nonsense")


def test_describes_directories_and_what_their_users_may_do(workspaces, sandbox):
    pages = workspaces.get_paginator("describe_workspace_directories").paginate()
    (directory,) = (one for page in pages for one in page["Directories"])
    assert (directory["DirectoryId"], directory["State"]) == (sandbox.directoryId, "REGISTERED")
    assert directory["SelfservicePermissions"]["RebuildWorkspace"] == "DISABLED"
    assert workspaces.describe_workspace_directories(DirectoryIds=["d-0123456789"])["Directories"] == []


def test_refuses_directories_outside_the_model(unchecked, workspaces):
    with refused("ValidationException"):
        unchecked.describe_workspace_directories(DirectoryIds=["directory"])
    with refused("InvalidParameterValuesException"):
        workspaces.describe_workspace_directories(NextToken="nonsense")


def test_describes_pools_and_filters_them(workspaces, sandbox):
    first = workspaces.describe_workspaces_pools(Limit=2)
    rest = workspaces.describe_workspaces_pools(Limit=2, NextToken=first["NextToken"])
    names = [one["PoolName"] for one in first["WorkspacesPools"] + rest["WorkspacesPools"]]
    assert sorted(names) == ["kiosk", "lab", "office"] and "NextToken" not in rest
    by_name = {"Name": "PoolName", "Operator": "EQUALS", "Values": ["lab"]}
    (lab,) = workspaces.describe_workspaces_pools(Filters=[by_name])["WorkspacesPools"]
    assert (lab["State"], lab["BundleId"]) == ("RUNNING", sandbox.otherBundleId)


def test_refuses_pools_that_are_not_there(workspaces, unchecked):
    with refused("ResourceNotFoundException") as caught:
        workspaces.describe_workspaces_pools(PoolIds=["wspool-0nosuch00"])
    assert isinstance(caught.value, workspaces.exceptions.ResourceNotFoundException)
    with refused("ValidationException"):
        unchecked.describe_workspaces_pools(PoolIds=["pool"])
