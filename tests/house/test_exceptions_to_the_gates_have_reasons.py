import io
import re
import tokenize
from pathlib import Path

from tests.support.files import PROJECT, ours

# Written in two parts, so that this file does not break its own rule.
_WAIVER = re.compile(r"#\s*(" + "no" + r"qa|type: " + "ignore" + r")\b")
_REASONED = re.compile(r"(?:qa: [A-Z0-9, ]+ - |ignore\[[a-z, -]+\]  # )\S")
_WITHIN_A_BLOCK = 2  # a block of imports has blank lines


def waivers_of(path: Path) -> dict[int, str]:
    """Each comment in a file that silences a gate, by its line."""
    tokens = tokenize.generate_tokens(io.StringIO(path.read_text()).readline)
    comments = [token for token in tokens if token.type == tokenize.COMMENT and _WAIVER.search(token.string)]
    return {token.start[0]: token.string for token in comments}


def unreasoned(path: Path) -> list[str]:
    """Those without a reason beside them; one reason does for a block of lines with the same silence."""
    strays: list[str] = []
    reason, last = "", 0
    for line, comment in waivers_of(path).items():
        if _REASONED.search(comment):
            reason = comment
        elif not (reason.startswith(comment) and line - last <= _WITHIN_A_BLOCK):
            strays.append(f"{path.relative_to(PROJECT)}:{line}")
        last = line
    return strays


def test_every_silenced_gate_says_why() -> None:
    assert [stray for path in ours("*.py") for stray in unreasoned(path)] == []
