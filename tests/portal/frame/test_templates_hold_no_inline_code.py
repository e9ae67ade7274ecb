import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
FORBIDDEN = {
    "an inline style": r"\sstyle\s*=",
    "an inline handler": r"\son[a-z]+\s*=|\shx-on",
    "a script in the page": r"<script(?![^>]*\bsrc=)",
    "a style in the page": r"<style",
    "a file from elsewhere": r"""(?:src|href)\s*=\s*["'](?:https?:)?//""",
    "code for htmx to evaluate": r"""hx-(?:vals|headers)\s*=\s*["']js:""",
    "markup passed through": r"\|\s*safe\s*[}|]|autoescape off",
}
# Help texts are written by us, not by users; Django documents them as HTML.
ALLOWED = {("components/field_help.html", "markup passed through")}


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_template_holds_nothing_that_the_content_security_policy_forbids(template: Path) -> None:
    source = template.read_text()
    name = str(template.relative_to(ROOT / "templates"))
    found = [what for what, pattern in FORBIDDEN.items() if re.search(pattern, source) and (name, what) not in ALLOWED]
    assert not found
