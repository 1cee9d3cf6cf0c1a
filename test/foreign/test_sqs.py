"""SQS: queues, messages, visibility, batches, dead letters; and the events of AWS Backup that come to a queue."""

import json
import uuid

import pytest
from rig import ACCOUNT, BACKUP_ROLE, OTHER_ACCOUNT, eventually, refused

REGION = "eu-central-1"


@pytest.fixture(scope="module")
def sqs(client):
    return client("sqs", region=REGION)


@pytest.fixture
def queue(sqs):
    """A new queue's address."""
    return sqs.create_queue(QueueName=f"foreign-{uuid.uuid4().hex[:12]}", Attributes={"VisibilityTimeout": "600"})["QueueUrl"]


def received(sqs, queue, **options):
    return sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, **options).get("Messages", [])


def test_makes_finds_lists_and_sets_up_queues(sqs):
    name = f"known-{uuid.uuid4().hex[:8]}"
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    assert url.endswith(f"/{ACCOUNT}/{name}")
    assert sqs.create_queue(QueueName=name)["QueueUrl"] == sqs.get_queue_url(QueueName=name)["QueueUrl"] == url
    assert sqs.list_queues(QueueNamePrefix=name)["QueueUrls"] == [url]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"DelaySeconds": "5"})
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert attributes["QueueArn"] == f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"
    assert (attributes["DelaySeconds"], attributes["VisibilityTimeout"]) == ("5", "30")


def test_lists_queues_page_by_page(sqs):
    prefix = f"page-{uuid.uuid4().hex[:8]}"
    for number in range(3):
        sqs.create_queue(QueueName=f"{prefix}-{number}")
    pages = list(sqs.get_paginator("list_queues").paginate(QueueNamePrefix=prefix, PaginationConfig={"PageSize": 2}))
    assert [len(page["QueueUrls"]) for page in pages] == [2, 1]


def test_hides_what_was_received_until_it_is_deleted_or_shown_again(sqs, queue):
    sent = sqs.send_message(QueueUrl=queue, MessageBody="Größe < 5 & mehr")
    first = received(sqs, queue, MessageSystemAttributeNames=["All"], WaitTimeSeconds=5)[0]
    assert (first["MessageId"], first["Body"]) == (sent["MessageId"], "Größe < 5 & mehr")
    assert first["Attributes"]["ApproximateReceiveCount"] == "1"
    assert received(sqs, queue) == []
    sqs.change_message_visibility(QueueUrl=queue, ReceiptHandle=first["ReceiptHandle"], VisibilityTimeout=0)
    again = received(sqs, queue)[0]
    sqs.delete_message(QueueUrl=queue, ReceiptHandle=again["ReceiptHandle"])
    with refused("InvalidParameterValue"):
        sqs.change_message_visibility(QueueUrl=queue, ReceiptHandle=again["ReceiptHandle"], VisibilityTimeout=0)


def test_keeps_attributes_of_messages(sqs, queue):
    attributes = {"reason": {"DataType": "String", "StringValue": "no JSON"}, "raw": {"DataType": "Binary", "BinaryValue": b"\x00\xff"}}
    sqs.send_message(QueueUrl=queue, MessageBody="job", MessageAttributes=attributes)
    assert received(sqs, queue, MessageAttributeNames=["All"])[0]["MessageAttributes"] == attributes


def test_works_in_batches(sqs, queue):
    entries = [{"Id": str(number), "MessageBody": f"job {number}"} for number in range(3)]
    assert len(sqs.send_message_batch(QueueUrl=queue, Entries=entries)["Successful"]) == 3
    handles = [message["ReceiptHandle"] for message in received(sqs, queue)]
    hidden = [{"Id": str(n), "ReceiptHandle": handle, "VisibilityTimeout": 900} for n, handle in enumerate(handles)]
    assert len(sqs.change_message_visibility_batch(QueueUrl=queue, Entries=hidden)["Successful"]) == 3
    gone = [{"Id": str(n), "ReceiptHandle": handle} for n, handle in enumerate([*handles, "never given"])]
    ended = sqs.delete_message_batch(QueueUrl=queue, Entries=gone)
    assert len(ended["Successful"]) == 3
    assert [(one["Id"], one["Code"]) for one in ended["Failed"]] == [("3", "ReceiptHandleIsInvalid")]


def test_moves_dead_letters(sqs, queue):
    dead = sqs.create_queue(QueueName=f"dead-{uuid.uuid4().hex[:8]}")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    redrive = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": "1"})
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"RedrivePolicy": redrive})
    sqs.send_message(QueueUrl=queue, MessageBody="poison")
    assert len(received(sqs, queue, VisibilityTimeout=0)) == 1
    assert received(sqs, queue) == []
    found = received(sqs, dead, AttributeNames=["All"])[0]
    assert found["Body"] == "poison" and found["Attributes"]["DeadLetterQueueSourceArn"].endswith(queue.split("/")[-1])


def test_empties_a_queue_once_a_minute(sqs, queue):
    sqs.send_message(QueueUrl=queue, MessageBody="job")
    sqs.purge_queue(QueueUrl=queue)
    assert received(sqs, queue) == []


def test_gets_the_events_of_a_backup(sqs, client):
    queue = sqs.get_queue_url(QueueName="holdfast-events")["QueueUrl"]
    backup = client("backup", region=REGION)
    volume = f"arn:aws:ec2:{REGION}:{ACCOUNT}:volume/vol-{uuid.uuid4().hex[:17]}"
    job = backup.start_backup_job(BackupVaultName="nightly", ResourceArn=volume, IamRoleArn=BACKUP_ROLE)["BackupJobId"]

    def completed():
        events = [json.loads(message["Body"]) for message in received(sqs, queue, WaitTimeSeconds=20)]
        return [each for each in events if each["detail"].get("backupJobId") == job and each["detail"]["state"] == "COMPLETED"]

    event = eventually(completed, 60)[0]
    assert (event["source"], event["detail-type"], event["account"]) == ("aws.backup", "Backup Job State Change", ACCOUNT)
    assert event["resources"][0].startswith(f"arn:aws:ec2:{REGION}::snapshot/")


def test_refuses_queues_that_are_not_there_or_not_its_own(sqs, client, queue):
    nowhere = queue.replace("foreign", "nowhere")
    with refused("AWS.SimpleQueueService.NonExistentQueue") as caught:
        sqs.receive_message(QueueUrl=nowhere)
    assert isinstance(caught.value, sqs.exceptions.QueueDoesNotExist)
    for refuse in (
        lambda: sqs.get_queue_url(QueueName="nowhere"),
        lambda: sqs.get_queue_attributes(QueueUrl=nowhere),
        lambda: sqs.purge_queue(QueueUrl=nowhere),
        lambda: sqs.delete_message(QueueUrl=nowhere, ReceiptHandle="x"),
    ):
        with refused("AWS.SimpleQueueService.NonExistentQueue"):
            refuse()
    with refused("AccessDenied", 403):
        client("sqs", account=OTHER_ACCOUNT, region=REGION).send_message(QueueUrl=queue, MessageBody="job")


def test_refuses_what_no_queue_can_have(sqs, queue):
    with refused("InvalidParameterValue"):
        sqs.create_queue(QueueName="no spaces")
    with refused("InvalidAttributeName"):
        sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Colour": "red"})
    with refused("InvalidAttributeValue"):
        sqs.set_queue_attributes(QueueUrl=queue, Attributes={"VisibilityTimeout": "soon"})
    with refused("InvalidParameterValue"):
        sqs.list_queues(NextToken="never given")
    with refused("InvalidParameterValue"):
        sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=11)
    for batch in (sqs.send_message_batch, sqs.delete_message_batch, sqs.change_message_visibility_batch):
        with refused("AWS.SimpleQueueService.EmptyBatchRequest"):
            batch(QueueUrl=queue, Entries=[])


def test_asks_for_what_is_missing(client, queue):
    unchecked = client("sqs", region=REGION, parameter_validation=False)
    with refused("MissingParameter"):
        unchecked.send_message(QueueUrl=queue)
