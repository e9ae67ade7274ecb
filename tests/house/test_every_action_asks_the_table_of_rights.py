"""One table says who may do what. Here the code is read: no action can be written that forgets to ask it."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.support.files import PROJECT, ours

#: What raises PermissionDenied by the table.
ASKING = {("portal.accounts.permission", "require"), ("portal.accounts.permission", "require_in_all")}
#: Who writes history acts for somebody.
RECORDING = {"record", "record_many"}
#: Public functions that take an actor and change nothing by right of a person, each with its reason.
NOT_ASKING = {
    ("portal.vault.rotation", "promote"): "only the command line reaches it, which holds every right",
    ("portal.vault.rotation", "rotate"): "only the command line reaches it, which holds every right",
    ("portal.audit.checkpoints.signing", "rotate"): "only the command line reaches it, which holds every right",
    ("portal.evidence.verify_history", "verify_and_keep"): "the portal itself does it each night, or the command line",
    ("portal.evidence.verify_history", "verify_if_due"): "the portal itself does it each night",
    ("tollfree.inventory.reconciliation", "reconcile"): "writes down what a refresh, which asked, was told",
    ("tollfree.orders.transitions", "transition"): "the one step that the actions of orders take after they asked",
    ("tollfree.orders.transitions", "record_event"): "the same",
    ("tollfree.orders.transitions", "transition_release"): "the same",
    ("tollfree.orders.approval_rules", "refuse_own"): "asks whose order it is",
    ("tollfree.orders.actions", "note_decision"): "only who ordered may, and one's own news needs no right",
    ("tollfree.orders.releases.actions", "note_release_decision"): "the same, for who asked for the release",
    (
        "tollfree.orders.releases.worker",
        "finish",
    ): "the step that the worker and the decision about a release take after they asked",
    ("portal.history.csv_export", "record_download"): "it only notes a download; what is in it was asked about",
    ("portal.evidence.actions", "record_checkpoint_download"): "the same; checkpoints belong to no tenant",
    ("portal.people.sessions.actions", "end_own_session"): "one's own sessions need no right",
    ("portal.people.sessions.actions", "end_other_sessions"): "one's own sessions need no right",
}

Function = tuple[str, str]


def module_of(path: Path) -> str:
    parts = path.relative_to(PROJECT).with_suffix("").parts
    return ".".join(parts[1:] if parts[0] == "numbers" else parts)


@cache
def modules() -> dict[str, ast.Module]:
    """All our code, parsed, by the name of its module."""
    paths = ours("portal/*.py", "provisioning/*.py", "numbers/*.py")
    return {module_of(path): ast.parse(path.read_text()) for path in paths if "migrations" not in path.parts}


@cache
def imported(module: str) -> dict[str, Function]:
    """What a module's names stand for, as far as they were imported from another module."""
    found = [node for node in ast.walk(modules()[module]) if isinstance(node, ast.ImportFrom) and node.module]
    return {alias.asname or alias.name: (str(node.module), alias.name) for node in found for alias in node.names}


@cache
def functions(module: str) -> dict[str, ast.FunctionDef]:
    return {node.name: node for node in modules()[module].body if isinstance(node, ast.FunctionDef)}


def called_in_any_case(function: ast.FunctionDef) -> Iterator[ast.Call]:
    """The calls that no condition and no loop stands before."""
    waiting: list[ast.AST] = list(function.body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Try):
            waiting += node.body
        elif isinstance(node, ast.If | ast.For | ast.While | ast.Match | ast.FunctionDef | ast.Lambda | ast.IfExp):
            continue
        else:
            if isinstance(node, ast.Call):
                yield node
            waiting += ast.iter_child_nodes(node)


def resolved(module: str, call: ast.Call) -> Function | None:
    """The function that is called: of this module, imported by name, or by its module's name."""
    match call.func:
        case ast.Name(id=name):
            return (module, name) if name in functions(module) else imported(module).get(name)
        case ast.Attribute(value=ast.Name(id=owner), attr=name) if owner in imported(module):
            return ".".join(imported(module)[owner]), name
    return None


@cache
def asks(function: Function) -> bool:
    """Whether it asks the table in any case, by itself or through what it calls."""
    if function in ASKING:
        return True
    module, name = function
    if module not in modules() or name not in functions(module):
        return False
    calls = called_in_any_case(functions(module)[name])
    return any(asks(found) for call in calls if (found := resolved(module, call)) and found != function)


def takes_an_actor(function: ast.FunctionDef) -> bool:
    arguments = function.args.posonlyargs + function.args.args + function.args.kwonlyargs
    return any(isinstance(each.annotation, ast.Name) and each.annotation.id == "Actor" for each in arguments)


def actions() -> list[Function]:
    """The public functions that act for somebody, in every module that writes history or is named `actions…`."""
    return [
        (module, name)
        for module in sorted(modules())
        if RECORDING & set(imported(module)) or module.rpartition(".")[2].startswith("actions")
        if module != "portal.audit.recording"
        for name, function in functions(module).items()
        if not name.startswith("_") and takes_an_actor(function)
    ]


def test_the_actions_are_found() -> None:
    assert {
        ("provisioning.wizard.actions", "save_step"),
        ("provisioning.runs.actions", "start_setup"),
        ("provisioning.runs.actions", "start_first_setups"),
        ("senders.actions", "draft_sender"),
        ("tollfree.requests.actions", "send_request"),
        ("portal.vault.actions", "store_credential"),
    } <= set(actions())


def test_every_action_asks_the_table_in_any_case() -> None:
    assert [".".join(each) for each in actions() if each not in NOT_ASKING and not asks(each)] == []


def test_no_exception_is_out_of_date() -> None:
    assert set(NOT_ASKING) <= {each for each in actions() if not asks(each)}


@pytest.mark.parametrize(
    ("body", "verdict"),
    [
        ("require(actor, 1)", True),
        ("with atomic():\n        require(actor, 1)", True),
        ("return helper(actor)", True),
        ("if actor:\n        require(actor, 1)", False),
        ("lambda: require(actor, 1)", False),
        ("record(actor)", False),
    ],
)
def test_the_reading_tells_asking_from_not_asking(monkeypatch: pytest.MonkeyPatch, *, body: str, verdict: bool) -> None:
    source = (
        "from portal.accounts.permission import require\n"
        f"def act(actor: Actor) -> None:\n    {body}\n"
        "def helper(actor: Actor) -> None:\n    require(actor, 1)\n"
    )
    known = modules() | {"portal.example": ast.parse(source)}
    monkeypatch.setattr(f"{__name__}.modules", lambda: known)
    functions.cache_clear()
    imported.cache_clear()
    asks.cache_clear()
    assert asks(("portal.example", "act")) is verdict
    asks.cache_clear()
