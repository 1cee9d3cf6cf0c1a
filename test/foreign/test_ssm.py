"""Systems Manager: managed instances and Run Command."""

import pytest
from botocore.exceptions import WaiterError
from rig import eventually, refused

SCRIPT = {"commands": ["msg * /time:60 'Your desktop is rebuilt in an hour.'"]}


@pytest.fixture(scope="module")
def agents(ssm, workspaces, sandbox):
    """The registrations of a WorkSpace, by its id: Systems Manager knows the computer's name only."""

    def of(each):
        name = workspaces.describe_workspaces(WorkspaceIds=[each])["Workspaces"][0]["ComputerName"]
        pages = ssm.get_paginator("describe_instance_information").paginate()
        found = [one for page in pages for one in page["InstanceInformationList"]]
        return [one for one in found if one["ComputerName"].split(".")[0] == name]

    return of


@pytest.fixture
def online(agents, sandbox):
    """The id of an instance that takes commands."""
    (one,) = agents(sandbox.plain[11])
    assert one["PingStatus"] == "Online"
    return one["InstanceId"]


@pytest.fixture
def send(ssm, online):
    def command(**changes):
        given = {"InstanceIds": [online], "DocumentName": "AWS-RunPowerShellScript", "Parameters": SCRIPT, **changes}
        return ssm.send_command(**given)["Command"]["CommandId"]

    return command


def wait_for(ssm, command, instance):
    config = {"Delay": 1, "MaxAttempts": 20}
    ssm.get_waiter("command_executed").wait(CommandId=command, InstanceId=instance, WaiterConfig=config)


def test_describes_instances_page_by_page(ssm):
    pages = list(ssm.get_paginator("describe_instance_information").paginate(PaginationConfig={"PageSize": 50}))
    found = [one for page in pages for one in page["InstanceInformationList"]]
    assert [len(page["InstanceInformationList"]) for page in pages] == [50, 11]
    assert {one["ResourceType"] for one in found} == {"ManagedInstance"}
    assert all(one["InstanceId"].startswith("mi-") and "." in one["ComputerName"] for one in found)


def test_keeps_old_registrations_beside_new_ones(agents, sandbox):
    new, old = sorted(agents(sandbox.special["twoRegistrations"][0]), key=lambda one: one["PingStatus"], reverse=True)
    assert (new["PingStatus"], old["PingStatus"]) == ("Online", "ConnectionLost")
    assert new["RegistrationDate"] > old["RegistrationDate"]


def test_finds_instances_by_id_and_state(ssm, online):
    filters = [{"Key": "InstanceIds", "Values": [online]}, {"Key": "PingStatus", "Values": ["Online"]}]
    (one,) = ssm.describe_instance_information(Filters=filters)["InstanceInformationList"]
    assert one["InstanceId"] == online
    old = [{"key": "PingStatus", "valueSet": ["Inactive"]}]
    assert ssm.describe_instance_information(InstanceInformationFilterList=old)["InstanceInformationList"] == []


def test_refuses_wrong_filters_ids_and_tokens(ssm, client):
    with refused("InvalidFilterKey") as caught:
        ssm.describe_instance_information(Filters=[{"Key": "ComputerName", "Values": ["x"]}])
    assert isinstance(caught.value, ssm.exceptions.InvalidFilterKey)
    with refused("InvalidInstanceId"):
        ssm.describe_instance_information(Filters=[{"Key": "InstanceIds", "Values": ["ws-012345678"]}])
    with refused("InvalidNextToken") as caught:
        ssm.describe_instance_information(NextToken="nonsense")
    assert isinstance(caught.value, ssm.exceptions.InvalidNextToken)
    with refused("ValidationException"):
        client("ssm", parameter_validation=False).describe_instance_information(MaxResults=4)


def test_runs_a_script_to_its_end(ssm, send, online):
    command = send(Comment="notice", TimeoutSeconds=60)
    wait_for(ssm, command, online)
    ended = ssm.get_command_invocation(CommandId=command, InstanceId=online, PluginName="aws:runPowerShellScript")
    assert (ended["Status"], ended["StatusDetails"], ended["ResponseCode"]) == ("Success", "Success", 0)
    assert ended["ExecutionEndDateTime"] >= ended["ExecutionStartDateTime"] > ""
    (listed,) = ssm.list_commands(CommandId=command)["Commands"]
    assert (listed["Status"], listed["Comment"], listed["CompletedCount"]) == ("Success", "notice", 1)
    assert listed["Parameters"] == SCRIPT


def test_does_not_know_an_invocation_for_a_moment(ssm, send, online, control):
    control.fault("stale", operation="GetCommandInvocation", seconds=3600, count=1)
    command = send()
    with refused("InvocationDoesNotExist") as caught:
        ssm.get_command_invocation(CommandId=command, InstanceId=online)
    assert isinstance(caught.value, ssm.exceptions.InvocationDoesNotExist)
    # botocore's waiter goes on through it.
    control.fault("stale", operation="GetCommandInvocation", seconds=3600, count=1)
    wait_for(ssm, command, online)


def test_ends_a_failed_script_with_its_error(ssm, send, online, control):
    control.fault("fail", operation="SendCommand", message="no such session", count=1)
    command = send()
    with pytest.raises(WaiterError):
        wait_for(ssm, command, online)
    ended = ssm.get_command_invocation(CommandId=command, InstanceId=online)
    assert (ended["Status"], ended["ResponseCode"]) == ("Failed", 1)
    assert ended["StandardErrorContent"] == "no such session"


def test_refuses_instances_that_are_offline_or_unknown(ssm, send, agents, sandbox):
    (offline,) = agents(sandbox.special["agentOffline"][0])
    assert offline["PingStatus"] == "ConnectionLost"
    for instance in (offline["InstanceId"], "mi-00000000000000000"):
        with refused("InvalidInstanceId") as caught:
            send(InstanceIds=[instance])
        assert isinstance(caught.value, ssm.exceptions.InvalidInstanceId)


def test_refuses_commands_that_no_agent_could_run(ssm, send, online, client):
    for code, given in (
        ("InvalidDocument", {"DocumentName": "No-SuchDocument"}),
        ("UnsupportedPlatformType", {"DocumentName": "AWS-RunShellScript"}),
        ("InvalidParameters", {"Parameters": {"script": ["x"]}}),
        ("DuplicateInstanceId", {"InstanceIds": [online, online]}),
    ):
        with refused(code) as caught:
            send(**given)
        assert isinstance(caught.value, getattr(ssm.exceptions, code))
    unchecked = client("ssm", parameter_validation=False)
    for given in ({"TimeoutSeconds": 29}, {"Comment": "c" * 101}, {"InstanceIds": [online] * 51}):
        with refused("ValidationException"):
            unchecked.send_command(**{"DocumentName": "AWS-RunPowerShellScript", "Parameters": SCRIPT, **given})


def test_lists_commands_page_by_page_and_by_filter(ssm, send, online):
    sent = [send(Comment=f"page {n}") for n in range(3)]
    eventually(lambda: {one["CommandId"] for one in ssm.list_commands()["Commands"]} >= set(sent))
    pages = list(ssm.get_paginator("list_commands").paginate(InstanceId=online, PaginationConfig={"PageSize": 2}))
    listed = [one["CommandId"] for page in pages for one in page["Commands"]]
    assert len(pages) > 1 and set(sent) <= set(listed)
    # The newest first.
    assert listed.index(sent[2]) < listed.index(sent[0])
    filters = [{"key": "DocumentName", "value": "AWS-RunShellScript"}]
    assert ssm.list_commands(Filters=filters)["Commands"] == []


def test_refuses_unknown_commands_and_plugins(ssm, send, online):
    nobody = "00000000-0000-4000-8000-000000000000"
    with refused("InvalidCommandId") as caught:
        ssm.list_commands(CommandId=nobody)
    assert isinstance(caught.value, ssm.exceptions.InvalidCommandId)
    with refused("InvocationDoesNotExist"):
        ssm.get_command_invocation(CommandId=nobody, InstanceId=online)
    with refused("InvalidNextToken"):
        ssm.list_commands(NextToken="nonsense")
    command = send()
    wait_for(ssm, command, online)
    with refused("InvalidPluginName") as caught:
        ssm.get_command_invocation(CommandId=command, InstanceId=online, PluginName="aws:runShellScript")
    assert isinstance(caught.value, ssm.exceptions.InvalidPluginName)
