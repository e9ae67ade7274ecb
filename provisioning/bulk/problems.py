"""Problems of an import file, each with path and line, and never with a secret's value."""

from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Problem:
    """One message about one place in the file; lines count from 1."""

    line: int
    path: str
    sentence: str

    def __str__(self) -> str:
        """Return the problem as text: `tenants[2].kaleyra.password, line 14: …`."""
        place = ", ".join(filter(None, [self.path, f"line {self.line}" if self.line else ""]))
        return f"{place}: {self.sentence}" if place else self.sentence


class FileRefused(Exception):
    """The file is invalid, so nothing was changed; `problems` has all reasons."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(f"{len(problems)} problems")
        self.problems = sorted(set(problems))
