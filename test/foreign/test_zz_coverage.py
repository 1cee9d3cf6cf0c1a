"""Runs last: nothing that the sandbox has was left out above."""


def operations(control, **filters):
    query = "&".join(f"{name}={value}" for name, value in filters.items())
    return set(control.ask("GET", f"calls?{query}")["byOperation"])


def test_every_operation_was_answered(sandbox, control):
    assert operations(control, outcome="ok") >= set(sandbox.operations)


def test_every_operation_was_refused_once(sandbox, control):
    refusals = {
        f"{call['service']}:{call['operation']}"
        for call in control.ask("GET", "calls")["calls"]
        if call["outcome"] not in ("ok", "resetBefore", "resetAfter")
    }
    assert refusals >= set(sandbox.operations)


def test_nothing_failed_but_what_was_told_to(control):
    failures = [call for call in control.ask("GET", "calls")["calls"] if call["outcome"].startswith("Internal")]
    assert {(call["service"], call["operation"]) for call in failures} <= {("workspaces", "DescribeWorkspaces")}
