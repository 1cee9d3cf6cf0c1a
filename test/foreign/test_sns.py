"""SNS: topics, and what is published to them."""

import pytest
from rig import OTHER_ACCOUNT, refused


@pytest.fixture(scope="module")
def sns(client):
    return client("sns")


@pytest.fixture(scope="module")
def unchecked_sns(client):
    return client("sns", parameter_validation=False)


def test_publishes_to_a_topic(sns, sandbox):
    replies = [sns.publish(TopicArn=sandbox.topicArn, Subject="held", Message="Größe < 5 & mehr\n") for _ in range(2)]
    assert len({reply["MessageId"] for reply in replies}) == 2


def test_makes_a_topic_once_and_shows_it(sns, sandbox):
    made = sns.create_topic(Name="night-shift", Attributes={"DisplayName": "Night"})["TopicArn"]
    assert sns.create_topic(Name="night-shift")["TopicArn"] == made
    attributes = sns.get_topic_attributes(TopicArn=made)["Attributes"]
    assert (attributes["TopicArn"], attributes["DisplayName"]) == (made, "Night")
    assert sns.get_topic_attributes(TopicArn=sandbox.topicArn)["Attributes"]["SubscriptionsConfirmed"] == "1"


def test_lists_topics(sns, sandbox):
    for n in range(100):
        sns.create_topic(Name=f"many-{n}")
    pages = list(sns.get_paginator("list_topics").paginate())
    arns = [topic["TopicArn"] for page in pages for topic in page["Topics"]]
    assert len(pages) == 2 and len(set(arns)) == len(arns) and sandbox.topicArn in arns


def test_refuses_topics_that_are_not_there_or_not_its_own(sns, client, sandbox):
    with refused("NotFound", status=404) as caught:
        sns.publish(TopicArn=f"{sandbox.topicArn}-none", Message="x")
    assert isinstance(caught.value, sns.exceptions.NotFoundException)
    with refused("NotFound", status=404):
        sns.get_topic_attributes(TopicArn=f"{sandbox.topicArn}-none")
    with refused("AuthorizationError", status=403):
        client("sns", account=OTHER_ACCOUNT).publish(TopicArn=sandbox.topicArn, Message="x")
    with refused("InvalidParameter"):
        client("sns", region="us-east-1").publish(TopicArn=sandbox.topicArn, Message="x")


def test_refuses_what_is_outside_the_model(sns, unchecked_sns, sandbox):
    for given in (
        {"Message": ""},
        {"Message": "x" * (256 * 1024 + 1)},
        {"Message": "x", "Subject": "two\nlines"},
        {"Message": "x", "Subject": "x" * 100},
    ):
        with refused("InvalidParameter"):
            sns.publish(TopicArn=sandbox.topicArn, **given)
    with refused("InvalidParameter"):
        sns.create_topic(Name="no spaces")
    with refused("InvalidParameter"):
        sns.list_topics(NextToken="never given")
    with refused("ValidationError"):
        unchecked_sns.publish(TopicArn=sandbox.topicArn)
    with refused("ValidationError"):
        unchecked_sns.create_topic()
