"""The package of the settings: what a topic sets is a setting of the portal, once."""

import ast
from collections import Counter
from importlib import import_module

import pytest

from portal import settings
from tests.support.files import PROJECT

FOLDER = PROJECT / "portal" / "settings"
TOPICS = sorted({path.stem for path in FOLDER.glob("*.py")} - {"__init__", "env", "redis_address", "checks", "startup"})


def set_by(topic: str) -> set[str]:
    """The names of settings that a module assigns."""
    body = ast.parse((FOLDER / f"{topic}.py").read_text()).body
    statements = [node for node in body if not isinstance(node, ast.FunctionDef)]
    names = [node for statement in statements for node in ast.walk(statement) if isinstance(node, ast.Name)]
    return {name.id for name in names if isinstance(name.ctx, ast.Store) and name.id.isupper() and name.id[0] != "_"}


@pytest.mark.parametrize("topic", TOPICS)
def test_what_a_topic_sets_is_a_setting(topic: str) -> None:
    module = import_module(f"portal.settings.{topic}")
    assert set_by(topic)
    for name in set_by(topic):
        assert getattr(settings, name) is getattr(module, name)


def test_a_setting_belongs_to_one_topic() -> None:
    counted = Counter(name for topic in TOPICS for name in set_by(topic))
    assert [name for name, times in counted.items() if times > 1] == []
    assert {name for name in vars(settings) if name.isupper()} == set(counted)
