"""Parser of the import file: turns YAML into a tree whose nodes know their path and line.

It reads parser events instead of constructing objects, so a number stays as it is written and every value has its line.
Risky features (aliases, tags, depth, size) are rejected with a message.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from provisioning.bulk.problems import FileRefused, Problem

#: 10,000 tenants take about 5 MB.
MOST_BYTES = 16 * 1024 * 1024

#: The format has four levels.
DEEPEST = 8

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the C parser, if PyYAML was built with it

_INDENTING_TAB = re.compile(r" *\t[ \t]*(?=\S)")

_COMMENT = re.compile(r"[ \t]+#")

#: Escapes in double quotes; `other` matches all but those for a quotation mark, a backslash, a slash and line breaks.
_ESCAPE = re.compile(r"\\(?:[\\\"/nr]|(?P<other>.))", re.DOTALL)

_QUOTED_OR_BLOCK = ("'", '"', "|", ">")

#: Keys that a message may show. Any other text in a key's place could be a secret that lost its key.
_HARMLESS_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,39}")


@dataclass(frozen=True, slots=True)
class Scalar:
    """A single value as it is written. `quoted` means that it can only be text.

    `joined`: it spans several lines, which YAML joined. `before_comment`: a comment follows, so the value may have been
    meant to continue. `escaped`: YAML turned a backslash and what follows into another character.
    """

    path: str
    line: int
    text: str = field(repr=False)
    quoted: bool
    joined: bool = False
    before_comment: bool = False
    escaped: bool = False


@dataclass(frozen=True, slots=True)
class Listing:
    """A list."""

    path: str
    line: int
    items: list["Node"]


@dataclass(frozen=True, slots=True)
class Mapping:
    """A mapping; `lines` has each key's own line."""

    path: str
    line: int
    items: dict[str, "Node"]
    lines: dict[str, int]


@dataclass(frozen=True, slots=True)
class Broken:
    """A node whose problem was already reported."""

    path: str
    line: int


Node = Scalar | Listing | Mapping | Broken


def read(content: bytes) -> tuple[Node, list[Problem]]:
    """Return the document's tree and the problems on the way. Raises FileRefused if parsing cannot continue."""
    text = _decoded(content)
    reader = _Reader()
    text = reader.without_tabs(text)
    try:
        return reader.document(text), reader.problems
    except yaml.YAMLError as error:
        raise FileRefused([*reader.problems, _syntax(error, text)]) from None


def shown_key(key: str) -> str:
    """Return a key in a form that is safe for messages."""
    return key if _HARMLESS_KEY.fullmatch(key) else "(not a name)"


def _decoded(content: bytes) -> str:
    if len(content) > MOST_BYTES:
        raise FileRefused([Problem(0, "", f"The file is larger than {MOST_BYTES // 1024 // 1024} MB. Split it.")])
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise FileRefused([Problem(line, "", "Here stands something that is not UTF-8 text.")]) from None


def _syntax(error: yaml.YAMLError, text: str) -> Problem:
    """Translate a parser error; its own text would quote the line, which may hold a secret."""
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark:
        hint = " In { } and [ ], put values with ${NAME} into quotes." if "flow" in str(error.context) else ""
        said = error.problem or "it cannot be read"
        return Problem(error.problem_mark.line + 1, "", f"This is not YAML: {said}. The rest was not read.{hint}")
    place = getattr(error, "position", None)
    line = text.count("\n", 0, place) + 1 if isinstance(place, int) else 0
    return Problem(line, "", "Here stands a character that YAML does not allow. The rest was not read.")


class _Reader:
    """Walks the parser events of one document."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.text = ""

    def without_tabs(self, text: str) -> str:
        """Report tabs used as indentation and replace them with blanks, so that parsing finds further problems."""
        lines = text.split("\n")
        for number, line in enumerate(lines, start=1):
            if "\t" in line and (found := _INDENTING_TAB.match(line)):
                self._tell("", number, "A tab indents this line. YAML takes blanks only.")
                lines[number - 1] = found.group().replace("\t", "  ") + line[found.end() :]
        return "\n".join(lines)

    def document(self, text: str) -> Node:
        """Return the tree of the first document; reject a second one."""
        self.text = text
        events = yaml.parse(text, Loader=_LOADER)
        root: Node = Broken("", 0)
        documents = 0
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    self._tell("", _line(event), "A second document begins here. One file holds one.")
                    break
                root = self._node(next(events), events, "", 0)
        if not documents:
            self._tell("", 0, "The file is empty. It begins with `tenants:`.")
        return root

    def _node(self, event: Any, events: Iterator[Any], path: str, depth: int, begins: int = 0) -> Node:
        self._refuse_traps(event, path)
        line = begins or _line(event)
        if depth > DEEPEST:
            raise FileRefused([*self.problems, Problem(line, path, f"This lies deeper than {DEEPEST} levels.")])
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event, path, line)
        if isinstance(event, yaml.SequenceStartEvent):
            return Listing(path, line, self._items(events, path, depth))
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(line, events, path, depth)
        return Broken(path, line)

    def _scalar(self, event: Any, path: str, line: int) -> Scalar:
        start, end = event.start_mark, event.end_mark
        quoted = event.style in _QUOTED_OR_BLOCK
        escapes = _ESCAPE.finditer(self.text, start.index, end.index) if event.style == '"' else ()
        return Scalar(
            path,
            line,
            event.value,
            quoted,
            joined=event.style == ">" or (event.style != "|" and end.line > start.line),
            before_comment=not quoted and _COMMENT.match(self.text, end.index) is not None,
            escaped=any(each["other"] for each in escapes),
        )

    def _items(self, events: Iterator[Any], path: str, depth: int) -> list[Node]:
        items: list[Node] = []
        while not isinstance(event := next(events), yaml.SequenceEndEvent):
            items.append(self._node(event, events, f"{path}[{len(items)}]", depth + 1))
        return items

    def _mapping(self, line: int, events: Iterator[Any], path: str, depth: int) -> Mapping:
        mapping = Mapping(path, line, {}, {})
        while not isinstance(event := next(events), yaml.MappingEndEvent):
            key = self._key(event, events, path, depth)
            below = f"{path}.{shown_key(key)}" if path else shown_key(key)
            if (first := mapping.lines.get(key)) is not None:
                self._tell(below, _line(event), f"The key stands here twice, for the first time in line {first}.")
            mapping.lines.setdefault(key, _line(event))
            # A value's line is that of its key, because people look at the key and a block starts one line later.
            mapping.items[key] = self._node(next(events), events, below, depth + 1, _line(event))
        return mapping

    def _key(self, event: Any, events: Iterator[Any], path: str, depth: int) -> str:
        node = self._node(event, events, path, depth + 1)
        if isinstance(node, Scalar):
            return node.text
        self._tell(path, _line(event), "A key must be a single word.")
        return ""

    def _refuse_traps(self, event: Any, path: str) -> None:
        if isinstance(event, yaml.AliasEvent):
            self._tell(path, _line(event), "An alias (*) stands here. Write the value itself.")
        elif event.anchor is not None:
            self._tell(path, _line(event), "An anchor (&) stands here. Leave it out, aliases are not taken.")
        if getattr(event, "tag", None) is not None:
            self._tell(path, _line(event), "A tag (!) stands here. Leave it out, values are taken as they are written.")

    def _tell(self, path: str, line: int, sentence: str) -> None:
        self.problems.append(Problem(line, path, sentence))


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


_TRAPS = (
    (re.compile(r"~|null|Null|NULL|"), "Nothing stands here. Enter a value, or leave the key out."),
    (
        re.compile(r"y|n|yes|no|on|off|true|false", re.IGNORECASE),
        "YAML reads this as true or false. If it is text, put it into quotes.",
    ),
    (
        re.compile(
            r"[-+]?(\d[\d_]*)?\.\d[\d_]*([eE][-+]?\d+)?|[-+]?\d[\d_]*\.?([eE][-+]?\d+)|[-+]?\d+\.|[-+]?\.inf|\.nan",
            re.IGNORECASE,
        ),
        "This is a number with a fraction or an exponent. Put it into quotes, digit for digit.",
    ),
    (
        re.compile(
            r"[-+]?0[0-7_]+|[-+]?0[0-9]+|[-+]?0[xXbBoO][0-9a-fA-F_]+|[-+]?\d[\d_]*_[\d_]*|[-+]?\d[\d_]*(:[0-5]?\d)+(\.[\d_]*)?"
        ),
        "YAML reads this as a number of another kind (octal, hexadecimal, base 60). Put it into quotes.",
    ),
    (
        re.compile(r"\d{4}-\d{1,2}-\d{1,2}([Tt ].*)?"),
        "YAML reads this as a date. If it is text, put it into quotes.",
    ),
)


def trap_in(plain: str) -> str:
    """Return what is wrong with an unquoted value, or an empty string; the message never quotes the value."""
    return next((sentence for pattern, sentence in _TRAPS if pattern.fullmatch(plain)), "")
