#!/usr/bin/env python3
"""Writes sandbox/models/<service>.json: the constraints on the inputs of the operations that the sandbox has.

The SDK's schemas hold shapes but no lengths, ranges, patterns and enums; botocore's models do. Run by hand when an
operation is added, with the wheel of the version pinned below:

    pip download --no-deps botocore==1.44.5
    python3 scripts/make-models.py botocore-1.44.5-py3-none-any.whl
"""

import gzip
import json
import pathlib
import sys
import zipfile

BOTOCORE = "1.44.5"

# signing name: (directory in botocore, API version, operations)
SERVICES = {
    "workspaces": (
        "workspaces",
        "2015-04-08",
        "CreateTags CreateWorkspaceBundle CreateWorkspaceImage CreateWorkspaces DeleteTags DeleteWorkspaceBundle"
        " DeleteWorkspaceImage DescribeTags DescribeWorkspaceBundles DescribeWorkspaceDirectories"
        " DescribeWorkspaceImagePermissions DescribeWorkspaceImages DescribeWorkspaceSnapshots DescribeWorkspaces"
        " DescribeWorkspacesConnectionStatus DescribeWorkspacesPools MigrateWorkspace ModifyWorkspaceProperties"
        " ModifyWorkspaceState RebootWorkspaces RebuildWorkspaces RestoreWorkspace StartWorkspaces StopWorkspaces"
        " TerminateWorkspaces UpdateWorkspaceBundle UpdateWorkspaceImagePermission",
    ),
    "servicequotas": ("service-quotas", "2019-06-24", "GetServiceQuota ListServiceQuotas"),
    "tagging": ("resourcegroupstaggingapi", "2017-01-26", "GetResources"),
    "ssm": ("ssm", "2014-11-06", "DescribeInstanceInformation GetCommandInvocation ListCommands SendCommand"),
    "sns": ("sns", "2010-03-31", "CreateTopic GetTopicAttributes ListTopics Publish"),
    "sts": ("sts", "2011-06-15", "AssumeRole GetCallerIdentity"),
    "cloudformation": ("cloudformation", "2010-05-15", "DeleteStack DescribeStacks"),
    "ds": ("ds", "2015-04-16", "DescribeDirectories"),
    "kms": ("kms", "2014-11-01", "DescribeKey GetKeyPolicy"),
    "sqs": (
        "sqs",
        "2012-11-05",
        "ChangeMessageVisibility ChangeMessageVisibilityBatch CreateQueue DeleteMessage DeleteMessageBatch"
        " GetQueueAttributes GetQueueUrl ListQueues PurgeQueue ReceiveMessage SendMessage SendMessageBatch"
        " SetQueueAttributes",
    ),
    "organizations": ("organizations", "2016-11-28", "DescribeAccount DescribeOrganization ListAccounts"),
    "ec2": ("ec2", "2016-11-15", "DeleteVolume DescribeImages DescribeLockedSnapshots DescribeVolumes LockSnapshot"),
    "rds": ("rds", "2014-10-31", "DeleteDBInstance DescribeDBInstances ListTagsForResource"),
    "dynamodb": ("dynamodb", "2012-08-10", "DeleteTable DescribeTable ListTables Scan"),
    "backup": (
        "backup",
        "2018-11-15",
        "CancelLegalHold CreateBackupVault CreateLegalHold DeleteBackupVault DeleteBackupVaultAccessPolicy"
        " DeleteBackupVaultLockConfiguration DeleteRecoveryPoint DescribeBackupJob DescribeBackupVault"
        " DescribeCopyJob DescribeGlobalSettings DescribeRecoveryPoint DescribeRegionSettings DescribeRestoreJob"
        " GetBackupVaultAccessPolicy GetLegalHold GetRecoveryPointRestoreMetadata ListBackupJobs ListBackupPlans"
        " ListBackupVaults ListCopyJobs ListLegalHolds ListProtectedResources ListRecoveryPointsByBackupVault"
        " ListRecoveryPointsByLegalHold ListRecoveryPointsByResource ListRestoreJobs ListTags"
        " PutBackupVaultAccessPolicy PutBackupVaultLockConfiguration StartBackupJob StartCopyJob StartRestoreJob"
        " TagResource UntagResource UpdateGlobalSettings UpdateRecoveryPointLifecycle UpdateRegionSettings",
    ),
    "s3": (
        "s3",
        "2006-03-01",
        "AbortMultipartUpload CompleteMultipartUpload CreateBucket CreateMultipartUpload DeleteBucket DeleteObject"
        " DeleteObjects GetBucketLocation GetBucketVersioning GetObject HeadBucket HeadObject ListBuckets"
        " ListMultipartUploads ListObjectsV2 ListParts PutObject UploadPart",
    ),
}


def main() -> None:
    if len(sys.argv) != 2 or f"botocore-{BOTOCORE}-" not in sys.argv[1]:
        sys.exit(__doc__)
    folder = pathlib.Path(__file__).parent.parent / "sandbox" / "models"
    with zipfile.ZipFile(sys.argv[1]) as wheel:
        for name, (directory, version, operations) in SERVICES.items():
            with wheel.open(f"botocore/data/{directory}/{version}/service-2.json.gz") as packed:
                model = json.loads(gzip.decompress(packed.read()))
            constraints = service_constraints(model, operations.split())
            constraints["source"] = f"botocore {BOTOCORE}, {directory} {version}"
            write(folder / f"{name}.json", constraints)


def service_constraints(model: dict, operations: list) -> dict:
    inputs, shapes = {}, {}
    for operation in operations:
        shape = model["operations"][operation].get("input", {}).get("shape")
        if shape is not None and collect(model["shapes"], shape, shapes):
            inputs[operation] = shape
    return {"operations": inputs, "shapes": {name: shape for name, shape in sorted(shapes.items()) if shape}}


def collect(model: dict, name: str, shapes: dict) -> bool:
    """Adds the constraints of a shape and of what it holds; False when there are none at all."""
    if name in shapes:
        return shapes[name] is not None
    shapes[name] = None
    source = model[name]
    shape = {key: source[key] for key in ("min", "max", "pattern", "enum", "required") if key in source}
    shape = {key: value for key, value in shape.items() if not allows_everything(key, value)}
    if "pattern" in shape:
        # Java lets any character be escaped, JavaScript only those that need it.
        shape["pattern"] = shape["pattern"].replace("\\_", "_")
    if source["type"] == "structure":
        members = {key: m["shape"] for key, m in source["members"].items() if collect(model, m["shape"], shapes)}
        if members:
            shape["members"] = members
    for part, key in (("member", "list"), ("key", "key"), ("value", "value")):
        if part in source and collect(model, source[part]["shape"], shapes):
            shape[key] = source[part]["shape"]
    if source.get("sensitive"):
        shape["sensitive"] = True
    if set(shape) <= {"sensitive"}:
        return False
    shapes[name] = shape
    return True


def allows_everything(key: str, value: object) -> bool:
    return value == [] or (key == "min" and value == 0) or (key == "pattern" and value == "[\\s\\S]*")


def write(file: pathlib.Path, constraints: dict) -> None:
    """One shape a line: short, and a change is one line of a diff."""
    lines = [f'  {json.dumps(name)}: {json.dumps(shape)}' for name, shape in constraints["shapes"].items()]
    text = "{\n"
    text += f'"source": {json.dumps(constraints["source"])},\n'
    text += f'"operations": {json.dumps(constraints["operations"])},\n'
    text += '"shapes": {\n' + ",\n".join(lines) + "\n}\n}\n"
    file.write_text(text)


main()
