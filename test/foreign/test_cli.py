"""The AWS CLI, as its users run it: on `holdfast sandbox start`, with the variables that it prints."""

import json
import os
import pathlib
import signal
import subprocess
import sys
import types

import pytest
from rig import refused

ROOT = pathlib.Path(__file__).parent.parent.parent
NODE = ROOT / "node_modules" / ".bin" / "node"


@pytest.fixture(scope="module")
def started():
    """A sandbox of its own, at the speed of real time: WorkSpaces' rate is that of AWS."""
    command = [NODE, "client/holdfast.ts", "sandbox", "start", "--port", "0", "--fleet", "plain", "--json"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        text = ""
        while not text.rstrip().endswith("}") or not is_whole(text):
            line = process.stdout.readline()
            assert line, f"it ended after '{text}'"
            text += line
        yield json.loads(text)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) is not None


def is_whole(text):
    try:
        return bool(json.loads(text))
    except ValueError:
        return False


@pytest.fixture
def aws(started):
    """Runs a command; gives its exit code, its JSON and its errors."""

    def run(*arguments):
        environment = {**os.environ, **started["variables"]}
        command = [sys.executable, "-m", "awscli", *arguments]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
        is_json = done.stdout.lstrip().startswith("{")
        reply = json.loads(done.stdout) if is_json else done.stdout
        return types.SimpleNamespace(code=done.returncode, reply=reply, error=done.stderr)

    return run


def test_workspaces(aws, sandbox):
    listed = aws("workspaces", "describe-workspaces", "--bundle-id", sandbox.bundleId)
    assert listed.code == 0, listed.error
    # Eight pages at once are more than the rate allows: the CLI's own retries bring it through.
    assert len(listed.reply["Workspaces"]) == 200


def test_tagging(aws):
    found = aws("resourcegroupstaggingapi", "get-resources", "--tag-filters", "Key=Env,Values=Prod")
    assert found.code == 0, found.error
    assert len(found.reply["ResourceTagMappingList"]) == 200


def test_ssm(aws):
    found = aws("ssm", "describe-instance-information", "--filters", "Key=PingStatus,Values=Online")
    assert found.code == 0, found.error
    assert len(found.reply["InstanceInformationList"]) == 200


def test_sts(aws, sandbox):
    assert aws("sts", "get-caller-identity").reply["Account"] == sandbox.account


def test_kms(aws, sandbox):
    key = aws("kms", "describe-key", "--key-id", "alias/holdfast-reports").reply["KeyMetadata"]
    assert key["Arn"] == sandbox.reportKeyArn


def test_cloudformation(aws, sandbox):
    stack = aws("cloudformation", "describe-stacks", "--stack-name", sandbox.stackName).reply["Stacks"][0]
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    unknown = aws("cloudformation", "describe-stacks", "--stack-name", "nobody")
    assert unknown.code == 255 and "(ValidationError)" in unknown.error and "does not exist" in unknown.error


def test_sns(aws, sandbox):
    sent = aws("sns", "publish", "--topic-arn", sandbox.topicArn, "--subject", "held", "--message", "look")
    assert sent.code == 0 and sent.reply["MessageId"], sent.error
    unknown = aws("sns", "publish", "--topic-arn", f"{sandbox.topicArn}-none", "--message", "look")
    assert unknown.code == 255 and "(NotFound)" in unknown.error


def test_s3(aws, sandbox, tmp_path):
    there, back = tmp_path / "there", tmp_path / "back"
    # Over the CLI's threshold of 8 MiB, so it goes in parts.
    there.write_bytes(os.urandom(9 * 1024 * 1024))
    url = f"s3://{sandbox.reportBucket}/run/file"
    for arguments in (("cp", str(there), url), ("ls", url), ("cp", url, str(back)), ("rm", url)):
        done = aws("s3", *arguments)
        assert done.code == 0, done.error
    assert back.read_bytes() == there.read_bytes()
    gone = aws("s3api", "head-object", "--bucket", sandbox.reportBucket, "--key", "run/file")
    assert gone.code == 255 and "(404)" in gone.error


def test_meets_the_rate_of_workspaces(started, client):
    # Another Region has five calls of its own.
    workspaces = client("workspaces", endpoint=started["endpoint"], region="eu-west-3")
    with refused("ThrottlingException"):
        for made in range(10):
            workspaces.describe_workspaces()
    assert made >= 5
