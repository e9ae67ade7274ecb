"""What is wrong with a file: every problem with its path and line, none with a secret's value."""

from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Problem:
    """One sentence about one place in the file; lines count from 1."""

    line: int
    path: str
    sentence: str

    def __str__(self) -> str:
        """Return it as people read it: `tenants[2].kaleyra.password, line 14: …`."""
        place = ", ".join(filter(None, [self.path, f"line {self.line}" if self.line else ""]))
        return f"{place}: {self.sentence}" if place else self.sentence


class FileRefused(Exception):
    """The file is not right as a whole, so nothing was changed; `problems` has every reason."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(f"{len(problems)} problems")
        self.problems = sorted(set(problems))
