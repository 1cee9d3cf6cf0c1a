"""Clients for the sandbox that HOLDFAST_SANDBOX describes, and the count of tests at the end."""

import json
import os
import types
import uuid

import boto3
import pytest
from botocore.config import Config

from rig import ACCOUNT, Control


@pytest.fixture(scope="session")
def sandbox():
    """Its endpoint, the ids of what is in it, and `operations`: all that it has, as `service:Operation`."""
    return types.SimpleNamespace(**json.loads(os.environ["HOLDFAST_SANDBOX"]))


@pytest.fixture(scope="session")
def client(sandbox):
    """Makes clients, without retries unless `attempts` says so; `account` and `region` say who calls and where."""

    def make(service, account=ACCOUNT, region=None, endpoint=None, key=None, attempts=1, **config):
        key = key or {"aws_access_key_id": f"AKIA{account}", "aws_secret_access_key": "secret"}
        return boto3.client(
            service,
            endpoint_url=endpoint or sandbox.endpoint,
            region_name=region or sandbox.region,
            config=Config(retries={"total_max_attempts": attempts, "mode": "standard"}, **config),
            **key,
        )

    return make


@pytest.fixture(scope="session")
def workspaces(client):
    return client("workspaces")


@pytest.fixture(scope="session")
def unchecked(client):
    """A WorkSpaces client that sends what botocore itself would refuse."""
    return client("workspaces", parameter_validation=False)


@pytest.fixture(scope="session")
def ssm(client):
    return client("ssm")


@pytest.fixture(scope="session")
def s3(client):
    return client("s3")


@pytest.fixture
def bucket(s3, sandbox):
    """A new bucket's name."""
    name = f"foreign-{uuid.uuid4().hex[:12]}"
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": sandbox.region})
    return name


@pytest.fixture
def control(sandbox):
    """Whatever faults a test adds end with it."""
    control = Control(sandbox.endpoint)
    yield control
    control.ask("DELETE", "faults")


def pytest_unconfigure(config):
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None or not hasattr(reporter, "stats"):
        return
    counts = {name: len(reporter.stats.get(name, [])) for name in ("passed", "failed", "error")}
    print(f"{counts['passed']} passed, {counts['failed'] + counts['error']} failed", flush=True)
