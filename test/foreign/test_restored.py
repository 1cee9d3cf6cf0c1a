"""EC2, RDS and DynamoDB: what restores made, images, and locks of snapshots."""

import uuid

import pytest
from botocore.exceptions import WaiterError
from rig import ACCOUNT, BACKUP_ROLE, backed_up, eventually, refused

REGION = "eu-central-1"
VAULT = "nightly"
QUICK = {"Delay": 1, "MaxAttempts": 30}


@pytest.fixture(scope="module")
def backup(client):
    return client("backup", region=REGION)


@pytest.fixture(scope="module")
def ec2(client):
    return client("ec2", region=REGION)


@pytest.fixture(scope="module")
def rds(client):
    return client("rds", region=REGION)


@pytest.fixture(scope="module")
def dynamodb(client):
    return client("dynamodb", region=REGION)


def restored(backup, point, **target):
    """The ARN of what a restore made of a recovery point."""
    kept = backup.get_recovery_point_restore_metadata(BackupVaultName=VAULT, RecoveryPointArn=point)["RestoreMetadata"]
    job = backup.start_restore_job(RecoveryPointArn=point, Metadata={**kept, **target}, IamRoleArn=BACKUP_ROLE)["RestoreJobId"]
    done = eventually(lambda: (found := backup.describe_restore_job(RestoreJobId=job))["Status"] == "COMPLETED" and found)
    return done["CreatedResourceArn"]


def name():
    return f"restored-{uuid.uuid4().hex[:12]}"


@pytest.fixture(scope="module")
def snapshot(backup):
    """The recovery point of a volume."""
    return backed_up(backup, VAULT, f"arn:aws:ec2:{REGION}:{ACCOUNT}:volume/vol-{uuid.uuid4().hex[:17]}")


def test_restores_a_volume_and_deletes_it(backup, ec2, snapshot):
    volume = restored(backup, snapshot, availabilityZone="eu-central-1b").split("/")[-1]
    ec2.get_waiter("volume_available").wait(VolumeIds=[volume], WaiterConfig=QUICK)
    found = ec2.describe_volumes(Filters=[{"Name": "snapshot-id", "Values": [snapshot.split("/")[-1]]}])["Volumes"]
    assert [(one["VolumeId"], one["AvailabilityZone"], one["State"]) for one in found] == [(volume, "eu-central-1b", "available")]
    ec2.delete_volume(VolumeId=volume)
    ec2.get_waiter("volume_deleted").wait(VolumeIds=[volume], WaiterConfig=QUICK)
    with refused("InvalidVolume.NotFound"):
        ec2.delete_volume(VolumeId=volume)


def test_pages_volumes_and_refuses_filters_nobody_has(backup, ec2, snapshot):
    made = {restored(backup, snapshot).split("/")[-1] for _ in range(2)}
    pages = ec2.get_paginator("describe_volumes").paginate(PaginationConfig={"PageSize": 5})
    assert made <= {one["VolumeId"] for page in pages for one in page["Volumes"]}
    with refused("InvalidParameterValue"):
        ec2.describe_volumes(Filters=[{"Name": "colour", "Values": ["red"]}])
    with refused("InvalidVolumeID.Malformed"):
        ec2.describe_volumes(VolumeIds=["volume-1"])


def test_locks_snapshots(ec2, snapshot):
    snapshot = snapshot.split("/")[-1]
    assert ec2.describe_locked_snapshots(SnapshotIds=[snapshot])["Snapshots"] == []
    locked = ec2.lock_snapshot(SnapshotId=snapshot, LockMode="compliance", CoolOffPeriod=24, LockDuration=30)
    assert locked["LockState"] == "compliance-cooloff"
    shown = ec2.describe_locked_snapshots(SnapshotIds=[snapshot])["Snapshots"][0]
    assert (shown["LockDuration"], shown["OwnerId"]) == (30, ACCOUNT)
    with refused("InvalidSnapshotID.Malformed"):
        ec2.describe_locked_snapshots(SnapshotIds=["snapshot-1"])
    with refused("InvalidSnapshot.NotFound"):
        ec2.lock_snapshot(SnapshotId="snap-0123456789abcdef0", LockMode="governance", LockDuration=1)
    with refused("InvalidParameterCombination"):
        ec2.lock_snapshot(SnapshotId=snapshot, LockMode="governance")


def test_shows_the_image_of_an_instance_and_its_snapshots(backup, ec2):
    point = backed_up(backup, VAULT, f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/i-0123456789abcdef0")
    image = point.split("/")[-1]
    pages = ec2.get_paginator("describe_images").paginate(ImageIds=[image])
    (shown,) = [one for page in pages for one in page["Images"]]
    assert (shown["State"], shown["OwnerId"]) == ("available", ACCOUNT)
    snapshots = [one["Ebs"]["SnapshotId"] for one in shown["BlockDeviceMappings"]]
    locked = ec2.lock_snapshot(SnapshotId=snapshots[0], LockMode="governance", LockDuration=1)
    assert locked["LockState"] == "governance"
    with refused("InvalidAMIID.Malformed"):
        ec2.describe_images(ImageIds=["image-1"])
    with refused("InvalidAMIID.NotFound"):
        ec2.describe_images(ImageIds=["ami-0123456789abcdef0"])


def test_restores_an_instance_and_deletes_it(backup, rds):
    instance = name()
    point = backed_up(backup, VAULT, f"arn:aws:rds:{REGION}:{ACCOUNT}:db:orders")
    arn = restored(backup, point, DBInstanceIdentifier=instance)
    rds.get_waiter("db_instance_available").wait(DBInstanceIdentifier=instance, WaiterConfig=QUICK)
    pages = rds.get_paginator("describe_db_instances").paginate()
    shown = {one["DBInstanceIdentifier"]: one for page in pages for one in page["DBInstances"]}[instance]
    assert (shown["DBInstanceArn"], shown["PubliclyAccessible"]) == (arn, False)
    assert rds.list_tags_for_resource(ResourceName=arn)["TagList"] == []
    with refused("InvalidParameterCombination"):
        rds.delete_db_instance(DBInstanceIdentifier=instance)
    rds.delete_db_instance(DBInstanceIdentifier=instance, SkipFinalSnapshot=True)
    rds.get_waiter("db_instance_deleted").wait(DBInstanceIdentifier=instance, WaiterConfig=QUICK)
    for refuse in (
        lambda: rds.describe_db_instances(DBInstanceIdentifier=instance),
        lambda: rds.list_tags_for_resource(ResourceName=arn),
    ):
        with refused("DBInstanceNotFound", 404) as caught:
            refuse()
        assert isinstance(caught.value, rds.exceptions.DBInstanceNotFoundFault)


def test_restores_a_table_and_deletes_it(backup, dynamodb):
    table = name()
    point = backed_up(backup, VAULT, f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/orders")
    restored(backup, point, targetTableName=table)
    dynamodb.get_waiter("table_exists").wait(TableName=table, WaiterConfig=QUICK)
    assert table in dynamodb.list_tables()["TableNames"]
    pages = dynamodb.get_paginator("scan").paginate(TableName=table, PaginationConfig={"PageSize": 500})
    assert sum(page["Count"] for page in pages) > 0
    dynamodb.delete_table(TableName=table)
    dynamodb.get_waiter("table_not_exists").wait(TableName=table, WaiterConfig=QUICK)
    for refuse in (dynamodb.describe_table, dynamodb.delete_table, dynamodb.scan):
        with refused("ResourceNotFoundException"):
            refuse(TableName=table)


def test_waits_in_vain_for_what_nobody_restored(dynamodb):
    with pytest.raises(WaiterError):
        dynamodb.get_waiter("table_exists").wait(TableName=name(), WaiterConfig={"Delay": 1, "MaxAttempts": 1})


def test_refuses_more_tables_than_a_page_has(client):
    with refused("ValidationException"):
        client("dynamodb", region=REGION, parameter_validation=False).list_tables(Limit=101)
