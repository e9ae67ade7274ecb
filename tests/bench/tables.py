"""Tables of results, for people."""

import sys
from collections.abc import Sequence


def show(title: str, heads: Sequence[str], rows: Sequence[Sequence[str]], note: str = "") -> None:
    """Print a table; numbers stand right."""
    widths = [max(map(len, column)) for column in zip(heads, *rows, strict=True)]
    lines = ["  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in [heads, *rows]]
    sys.stdout.write("\n".join(["", "", title, "", *lines, note, ""]) + "\n")
