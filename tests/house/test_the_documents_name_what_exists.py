import re
from pathlib import Path

import pytest

from tests.support.files import PROJECT

_FOLDERS = r"(?:portal|provisioning|numbers|tests|docs|templates|static|deploy|\.ci)"
_PATH = re.compile(rf"(?<![\w./@-]){_FOLDERS}/[\w./-]*\w|`({_FOLDERS}/[\w./-]*)`|\]\(([\w./-]+\.md)[)#]")
_DOTTED = re.compile(r"`((?:portal|provisioning|senders|tollfree|genesys_cloud)(?:\.\w+)+)`")
_BARE = re.compile(r"`([a-z_]\w*\.py)`")
_DOCUMENTS = [*sorted(PROJECT.glob("*.md")), *sorted((PROJECT / "docs").glob("*.md"))]


def exists(dotted: str) -> bool:
    """Whether a dotted name is a package, a module, or a name that its module or package writes."""
    path = PROJECT / dotted.replace(".", "/")
    if not dotted.startswith(("portal", "provisioning")):
        path = PROJECT / "numbers" / dotted.replace(".", "/")
    if path.is_dir() or path.with_suffix(".py").is_file():
        return True
    module = path.parent.with_suffix(".py")
    return module.is_file() and re.search(rf"\b{path.name}\b", module.read_text()) is not None


@pytest.mark.parametrize("document", _DOCUMENTS, ids=lambda document: document.name)
def test_every_path_and_module_in_a_document_exists(document: Path) -> None:
    text = document.read_text()
    absent = []
    for found in _PATH.finditer(text):
        path = next(part for part in (*found.groups(), found.group()) if part)
        if not (PROJECT / path).exists() and not (document.parent / path).exists():
            absent.append(path)
    absent += [name for name in _DOTTED.findall(text) if not exists(name)]
    absent += [
        name
        for name in _BARE.findall(text)
        if not any(PROJECT.glob(f"[!.]*/**/{name}")) and not (PROJECT / name).exists()
    ]
    assert absent == []


def test_the_table_of_packages_names_each_package() -> None:
    text = (PROJECT / "CONTRIBUTING.md").read_text()
    packages = [str(init.parent.relative_to(PROJECT)) for init in PROJECT.glob("portal/*/__init__.py")]
    packages += [str(init.parent.relative_to(PROJECT)) for init in PROJECT.glob("numbers/*/__init__.py")]
    assert [package for package in packages if f"`{package}/`" not in text] == []
