"""A sentence for people decides nothing: what code asks for are fields, codes and types, so wording may change."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

#: Attributes that hold our own words.
TEXTS = {"sentence", "cause", "doubt", "reason", "message", "messages", "failure", "check_sentence"}
#: What takes a text apart, or looks into it.
READERS = {"partition", "rpartition", "startswith", "endswith", "find", "rfind", "index", "count"}
READERS |= {"removeprefix", "removesuffix", "replace"}


def sources() -> list[Path]:
    paths = [
        path for room in ("portal", "provisioning", "numbers") for path in (settings.BASE_DIR / room).rglob("*.py")
    ]
    return [path for path in paths if "migrations" not in path.parts and "sandbox" not in path.parts]


def text_of(node: ast.AST) -> str:
    """Return the name of the text of ours that this is, or nothing."""
    return node.attr if isinstance(node, ast.Attribute) and node.attr in TEXTS else ""


def read(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Find where a text is taken apart, looked into, or compared with words."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in READERS:
            if name := text_of(node.func.value):
                yield node.lineno, name
        elif isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
            words = [each for each in sides if isinstance(each, ast.Constant) and isinstance(each.value, str)]
            texts = [name for each in sides if (name := text_of(each))]
            if texts and any(word.value for word in words):
                yield node.lineno, texts[0]


def test_nobody_reads_them() -> None:
    found = [
        f"{path.relative_to(settings.BASE_DIR)}:{line} reads `{name}`"
        for path in sources()
        for line, name in read(ast.parse(path.read_text()))
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "code",
    [
        "error.sentence.partition(' Whether')[0]",
        "'not known' in error.sentence",
        "call.sentence.startswith('Nobody')",
        "order.reason == 'It is over.'",
    ],
)
def test_the_test_sees_who_does(code: str) -> None:
    assert list(read(ast.parse(code)))
