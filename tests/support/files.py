"""The repository's own files, for tests about the house itself."""

import subprocess
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]


def ours(*patterns: str) -> list[Path]:
    """The files of the repository that match git's patterns, new ones included."""
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *patterns],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [path for line in listing.stdout.splitlines() if (path := PROJECT / line).is_file()]
