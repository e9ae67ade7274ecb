import io
import re
import tokenize

from tests.support.files import PROJECT, ours

# Written in two parts, so that this file does not break its own rule.
_WAIVER = re.compile(r"#\s*(" + "no" + r"qa|type: " + "ignore" + r")\b")
_REASONED = re.compile(r"(?:qa: [A-Z0-9, ]+ - |ignore\[[a-z, -]+\]  # )\S")


def waivers() -> list[str]:
    """Each comment that silences a gate, with its place."""
    found = []
    for path in ours("*.py"):
        tokens = tokenize.generate_tokens(io.StringIO(path.read_text()).readline)
        comments = [token for token in tokens if token.type == tokenize.COMMENT and _WAIVER.search(token.string)]
        found += [f"{path.relative_to(PROJECT)}:{token.start[0]}: {token.string}" for token in comments]
    return found


def test_every_silenced_gate_says_why() -> None:
    assert [waiver for waiver in waivers() if not _REASONED.search(waiver)] == []
