import os
import re
import subprocess
import sys
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import grimp
import pytest

from tests.support.files import PROJECT, ours

_NETWORK = re.compile(
    r"^\s*(?:import|from) (requests|urllib3|urllib\.request|http\.client|httpx|aiohttp)\b", re.MULTILINE
)
# The way out itself; the sandbox, which stands alone; and the look whether a local server is up.
_MAY_SPEAK_HTTP = {"portal/http_client", "portal/devtools"}


def room_of(path: Path) -> str:
    return "/".join(path.relative_to(PROJECT).parts[:2])


def test_the_layers_hold() -> None:
    env = os.environ | {"PYTHONPATH": f"{PROJECT}:{PROJECT / 'numbers'}"}
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    result = subprocess.run(command, cwd=PROJECT, env=env, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout


def test_nothing_goes_out_except_through_the_one_way_out() -> None:
    code = ours("portal/*.py", "provisioning/*.py", "numbers/*.py")
    strays = [path for path in code if _NETWORK.search(path.read_text()) and room_of(path) not in _MAY_SPEAK_HTTP]
    assert strays == []


@pytest.mark.parametrize("folder", ["numbers", "tests"])
def test_some_folders_are_no_packages(folder: str) -> None:
    assert not (PROJECT / folder / "__init__.py").exists()


def test_there_is_no_import_circle() -> None:
    # Imports that only types need count too.
    graph = grimp.build_graph("portal", "provisioning", "tollfree", "genesys_cloud", "senders", cache_dir=None)
    imports = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
    try:
        TopologicalSorter(imports).prepare()
    except CycleError as error:
        pytest.fail(" → ".join(error.args[1]))
