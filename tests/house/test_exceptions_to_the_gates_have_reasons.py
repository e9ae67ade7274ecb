import io
import re
import tokenize
from pathlib import Path

from tests.support.files import PROJECT, ours

# Written in two parts, so that this file does not break its own rule.
_WAIVER = re.compile(r"#\s*(" + "no" + r"qa|type: " + "ignore" + r")\b")
_REASONED = re.compile(r"(?:qa: [A-Z0-9, ]+ - |ignore\[[a-z, -]+\]  # )\S")


def waivers_of(path: Path) -> dict[int, str]:
    """Each comment in a file that silences a gate, by its line."""
    tokens = tokenize.generate_tokens(io.StringIO(path.read_text()).readline)
    comments = [token for token in tokens if token.type == tokenize.COMMENT and _WAIVER.search(token.string)]
    return {token.start[0]: token.string for token in comments}


def unreasoned(path: Path) -> list[str]:
    """Those without a reason beside them; one reason does for the same silence on the lines that follow."""
    waivers = waivers_of(path)
    reasoned: set[int] = set()
    for line, comment in waivers.items():
        heir = line - 1 in reasoned and waivers[line - 1].startswith(comment)
        if heir or _REASONED.search(comment):
            reasoned.add(line)
            waivers[line] = waivers[line - 1] if heir else comment
    return [f"{path.relative_to(PROJECT)}:{line}" for line in waivers if line not in reasoned]


def test_every_silenced_gate_says_why() -> None:
    assert [stray for path in ours("*.py") for stray in unreasoned(path)] == []
