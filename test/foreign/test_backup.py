"""AWS Backup: vaults, recovery points, copies between Regions, holds, settings."""

import json
import uuid
from datetime import datetime, timedelta, timezone

import pytest
from rig import ACCOUNT, BACKUP_ROLE, OTHER_ACCOUNT, backed_up, eventually, refused

REGION, ABROAD = "eu-south-1", "eu-south-2"
MANAGEMENT_ACCOUNT = "999900001111"
FILES = f"arn:aws:elasticfilesystem:{REGION}:{ACCOUNT}:file-system/fs-0123456789abcdef0"
VOLUME = f"arn:aws:ec2:{REGION}:{ACCOUNT}:volume/vol-0123456789abcdef0"
NO_POINT = f"arn:aws:backup:{REGION}:{ACCOUNT}:recovery-point:{uuid.UUID(int=0)}"


@pytest.fixture(scope="module")
def backup(client):
    return client("backup", region=REGION)


@pytest.fixture(scope="module")
def abroad(client):
    return client("backup", region=ABROAD)


@pytest.fixture(scope="module")
def vaults(backup, abroad):
    """A vault of the same name in both Regions."""
    name = f"foreign-{uuid.uuid4().hex[:8]}"
    backup.create_backup_vault(BackupVaultName=name, BackupVaultTags={"of": "the foreign client"})
    abroad.create_backup_vault(BackupVaultName=name)
    return name


def arn_of(region, name):
    return f"arn:aws:backup:{region}:{ACCOUNT}:backup-vault:{name}"


def shown(backup, vault, arn):
    return backup.describe_recovery_point(BackupVaultName=vault, RecoveryPointArn=arn)


def test_makes_shows_lists_and_deletes_vaults(backup):
    name = f"short-{uuid.uuid4().hex[:8]}"
    made = backup.create_backup_vault(BackupVaultName=name, CreatorRequestId="once")
    assert made["BackupVaultArn"] == arn_of(REGION, name)
    with refused("AlreadyExistsException"):
        backup.create_backup_vault(BackupVaultName=name)
    assert backup.describe_backup_vault(BackupVaultName=name)["NumberOfRecoveryPoints"] == 0
    pages = backup.get_paginator("list_backup_vaults").paginate(PaginationConfig={"PageSize": 1})
    assert name in [vault["BackupVaultName"] for page in pages for vault in page["BackupVaultList"]]
    with refused("InvalidParameterValueException"):
        backup.list_backup_vaults(NextToken="never given")
    backup.delete_backup_vault(BackupVaultName=name)
    with refused("ResourceNotFoundException"):
        backup.delete_backup_vault(BackupVaultName=name)
    with refused("ResourceNotFoundException") as caught:
        backup.describe_backup_vault(BackupVaultName=name)
    assert isinstance(caught.value, backup.exceptions.ResourceNotFoundException)


def test_lists_backup_plans(backup):
    assert backup.list_backup_plans(MaxResults=1)["BackupPlansList"] == []
    with refused("InvalidParameterValueException"):
        backup.list_backup_plans(NextToken="never given")


def test_keeps_a_vaults_policy(backup, vaults):
    with refused("ResourceNotFoundException"):
        backup.get_backup_vault_access_policy(BackupVaultName=vaults)
    policy = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "backup:CopyIntoBackupVault", "Resource": "*"}],
    }
    backup.put_backup_vault_access_policy(BackupVaultName=vaults, Policy=json.dumps(policy))
    assert json.loads(backup.get_backup_vault_access_policy(BackupVaultName=vaults)["Policy"]) == policy
    with refused("InvalidParameterValueException"):
        backup.put_backup_vault_access_policy(BackupVaultName=vaults, Policy="no policy")
    backup.delete_backup_vault_access_policy(BackupVaultName=vaults)
    with refused("ResourceNotFoundException"):
        backup.delete_backup_vault_access_policy(BackupVaultName="not-there")


def test_locks_a_vault(backup):
    name = f"locked-{uuid.uuid4().hex[:8]}"
    backup.create_backup_vault(BackupVaultName=name)
    with refused("InvalidParameterValueException"):
        backup.put_backup_vault_lock_configuration(BackupVaultName=name, ChangeableForDays=2)
    backup.put_backup_vault_lock_configuration(BackupVaultName=name, MinRetentionDays=1, MaxRetentionDays=30)
    locked = backup.describe_backup_vault(BackupVaultName=name)
    assert (locked["Locked"], locked["MinRetentionDays"], locked["MaxRetentionDays"]) == (True, 1, 30)
    backup.delete_backup_vault_lock_configuration(BackupVaultName=name)
    with refused("ResourceNotFoundException"):
        backup.delete_backup_vault_lock_configuration(BackupVaultName="not-there")


def test_backs_up_shows_and_lists(backup, vaults):
    arn = backed_up(backup, vaults, VOLUME, RecoveryPointTags={"env": "prod"}, Lifecycle={"DeleteAfterDays": 30})
    point = shown(backup, vaults, arn)
    assert (point["Status"], point["StorageClass"], point["ResourceType"]) == ("COMPLETED", "WARM", "EBS")
    assert point["CalculatedLifecycle"]["DeleteAt"] - point["CreationDate"] == timedelta(days=30)
    listed = backup.list_recovery_points_by_backup_vault(BackupVaultName=vaults, ByResourceArn=VOLUME)["RecoveryPoints"]
    assert arn in [point["RecoveryPointArn"] for point in listed]
    yesterday = datetime.now(timezone.utc) - timedelta(days=1)
    assert not backup.list_recovery_points_by_backup_vault(BackupVaultName=vaults, ByCreatedBefore=yesterday)["RecoveryPoints"]
    assert backup.list_recovery_points_by_resource(ResourceArn=VOLUME)["RecoveryPoints"][0]["RecoveryPointArn"] == arn
    assert VOLUME in [found["ResourceArn"] for found in backup.list_protected_resources()["Results"]]
    assert backup.list_backup_jobs(ByResourceArn=VOLUME, ByState="COMPLETED")["BackupJobs"]
    with refused("ResourceNotFoundException"):
        shown(backup, vaults, NO_POINT)
    with refused("ResourceNotFoundException"):
        backup.describe_backup_job(BackupJobId=str(uuid.UUID(int=0)))
    with refused("ResourceNotFoundException"):
        backup.list_recovery_points_by_backup_vault(BackupVaultName="not-there")
    for refusal in (
        lambda: backup.list_recovery_points_by_resource(ResourceArn=VOLUME, NextToken="never given"),
        lambda: backup.list_protected_resources(NextToken="never given"),
        lambda: backup.list_backup_jobs(NextToken="never given"),
        lambda: backup.start_backup_job(BackupVaultName=vaults, ResourceArn="arn:aws:iam::1:role/x", IamRoleArn=BACKUP_ROLE),
    ):
        with refused("InvalidParameterValueException"):
            refusal()


def test_tags_points_and_vaults(backup, vaults):
    assert backup.list_tags(ResourceArn=arn_of(REGION, vaults))["Tags"] == {"of": "the foreign client"}
    arn = backed_up(backup, vaults, resource=FILES)
    backup.tag_resource(ResourceArn=arn, Tags={"a": "1", "b/c": "ü"})
    backup.untag_resource(ResourceArn=arn, TagKeyList=["a"])
    assert backup.list_tags(ResourceArn=arn)["Tags"] == {"b/c": "ü"}
    for refusal in (
        lambda: backup.list_tags(ResourceArn=NO_POINT),
        lambda: backup.tag_resource(ResourceArn=NO_POINT, Tags={"a": "1"}),
        lambda: backup.untag_resource(ResourceArn=NO_POINT, TagKeyList=["a"]),
    ):
        with refused("ResourceNotFoundException"):
            refusal()


def test_copies_to_another_region(backup, abroad, vaults):
    arn = backed_up(backup, vaults, VOLUME, Lifecycle={"DeleteAfterDays": 30})
    order = {
        "RecoveryPointArn": arn,
        "SourceBackupVaultName": vaults,
        "DestinationBackupVaultArn": arn_of(ABROAD, vaults),
        "IamRoleArn": BACKUP_ROLE,
    }
    job = backup.start_copy_job(**order, IdempotencyToken="once", Lifecycle={"DeleteAfterDays": 365})
    assert backup.start_copy_job(**order, IdempotencyToken="once")["CopyJobId"] == job["CopyJobId"]

    def ended():
        found = backup.describe_copy_job(CopyJobId=job["CopyJobId"])["CopyJob"]
        return found["State"] == "COMPLETED" and found

    done = eventually(ended)
    copy = shown(abroad, vaults, done["DestinationRecoveryPointArn"])
    assert copy["CreationDate"] == shown(backup, vaults, arn)["CreationDate"]
    assert (copy["Lifecycle"], copy["SourceBackupVaultArn"]) == ({"DeleteAfterDays": 365}, arn_of(REGION, vaults))
    listed = backup.list_copy_jobs(BySourceRecoveryPointArn=arn, ByCompleteAfter=done["CreationDate"])["CopyJobs"]
    assert [found["CopyJobId"] for found in listed] == [job["CopyJobId"]]
    with refused("ResourceNotFoundException"):
        backup.start_copy_job(**{**order, "RecoveryPointArn": NO_POINT})
    with refused("ResourceNotFoundException"):
        backup.describe_copy_job(CopyJobId=str(uuid.UUID(int=0)))
    with refused("InvalidParameterValueException"):
        backup.list_copy_jobs(NextToken="never given")


def test_changes_and_deletes_points(backup, vaults):
    point = {"BackupVaultName": vaults, "RecoveryPointArn": backed_up(backup, vaults, resource=FILES)}
    with refused("InvalidParameterValueException"):
        backup.update_recovery_point_lifecycle(**point, Lifecycle={"MoveToColdStorageAfterDays": 30, "DeleteAfterDays": 100})
    lifecycle = {"MoveToColdStorageAfterDays": 30, "DeleteAfterDays": 120}
    assert backup.update_recovery_point_lifecycle(**point, Lifecycle=lifecycle)["Lifecycle"] == lifecycle
    backup.update_recovery_point_lifecycle(**point, Lifecycle={"DeleteAfterDays": 120})
    assert backup.describe_recovery_point(**point)["Lifecycle"] == {"DeleteAfterDays": 120}
    backup.delete_recovery_point(**point)
    eventually(lambda: point["RecoveryPointArn"] not in _arns(backup, vaults))
    with refused("ResourceNotFoundException"):
        backup.delete_recovery_point(**point)


def _arns(backup, vault):
    pages = backup.get_paginator("list_recovery_points_by_backup_vault").paginate(BackupVaultName=vault)
    return [point["RecoveryPointArn"] for page in pages for point in page["RecoveryPoints"]]


def test_restores(backup, vaults):
    arn = backed_up(backup, vaults, VOLUME)
    kept = backup.get_recovery_point_restore_metadata(BackupVaultName=vaults, RecoveryPointArn=arn)["RestoreMetadata"]
    with refused("InvalidParameterValueException"):
        backup.start_restore_job(RecoveryPointArn=arn, Metadata={}, IamRoleArn=BACKUP_ROLE)
    job = backup.start_restore_job(RecoveryPointArn=arn, Metadata=kept, IamRoleArn=BACKUP_ROLE)

    def ended():
        found = backup.describe_restore_job(RestoreJobId=job["RestoreJobId"])
        return found["Status"] == "COMPLETED" and found

    assert ":volume/vol-" in eventually(ended)["CreatedResourceArn"]
    listed = backup.list_restore_jobs(ByStatus="COMPLETED", ByResourceType="EBS")["RestoreJobs"]
    assert job["RestoreJobId"] in [found["RestoreJobId"] for found in listed]
    with refused("ResourceNotFoundException"):
        backup.describe_restore_job(RestoreJobId=str(uuid.UUID(int=0)))
    with refused("InvalidParameterValueException"):
        backup.list_restore_jobs(NextToken="never given")
    with refused("ResourceNotFoundException"):
        backup.get_recovery_point_restore_metadata(BackupVaultName=vaults, RecoveryPointArn=NO_POINT)


def test_holds_points(backup, vaults):
    arn = backed_up(backup, vaults, VOLUME)
    hold = backup.create_legal_hold(
        Title="case 7", Description="keep", RecoveryPointSelection={"VaultNames": [vaults]}
    )["LegalHoldId"]
    with refused("InvalidRequestException"):
        backup.delete_recovery_point(BackupVaultName=vaults, RecoveryPointArn=arn)
    held = backup.list_recovery_points_by_legal_hold(LegalHoldId=hold)["RecoveryPoints"]
    assert arn in [point["RecoveryPointArn"] for point in held]
    assert hold in [found["LegalHoldId"] for found in backup.list_legal_holds()["LegalHolds"]]
    eventually(lambda: backup.get_legal_hold(LegalHoldId=hold)["Status"] == "ACTIVE")
    backup.cancel_legal_hold(LegalHoldId=hold, CancelDescription="closed")
    with refused("InvalidResourceStateException"):
        backup.cancel_legal_hold(LegalHoldId=hold, CancelDescription="closed")
    with refused("ResourceNotFoundException"):
        backup.get_legal_hold(LegalHoldId="not-there")
    for refusal in (
        lambda: backup.list_legal_holds(NextToken="never given"),
        lambda: backup.list_recovery_points_by_legal_hold(LegalHoldId="not-there"),
        lambda: backup.create_legal_hold(
            Title="two", Description="kinds", RecoveryPointSelection={"VaultNames": ["a"], "ResourceIdentifiers": ["b"]}
        ),
    ):
        with refused("InvalidParameterValueException"):
            refusal()


def test_keeps_settings(backup, client, control):
    backup.update_region_settings(ResourceTypeOptInPreference={"Timestream": False})
    preferences = backup.describe_region_settings()["ResourceTypeOptInPreference"]
    assert (preferences["Timestream"], preferences["EBS"]) == (False, True)
    with refused("InvalidParameterValueException"):
        backup.update_region_settings(ResourceTypeOptInPreference={"Nothing": True})
    control.fault("throttle", service="backup", operation="DescribeRegionSettings", count=1)
    with refused("ThrottlingException", status=429):
        backup.describe_region_settings()
    with refused("InvalidRequestException"):
        backup.update_global_settings(GlobalSettings={"isCrossAccountBackupEnabled": "true"})
    with refused("InvalidRequestException"):
        client("backup", account="123412341234").describe_global_settings()
    management = client("backup", account=MANAGEMENT_ACCOUNT, region=REGION)
    management.update_global_settings(GlobalSettings={"isCrossAccountBackupEnabled": "true"})
    shared = client("backup", account=OTHER_ACCOUNT, region=REGION).describe_global_settings()
    assert shared["GlobalSettings"]["isCrossAccountBackupEnabled"] == "true"
