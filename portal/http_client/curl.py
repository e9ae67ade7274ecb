"""curl commands for requests, in the style of the product guide, ready to run in bash.

Secrets and guide variables appear as `$names`, to be exported before. The command is exact: with the same values it
sends the same bytes as `send`, even if a secret contains quotes or backslashes; the small `json` function escapes them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from portal.http_client.messages import Basic, Bearer, Secret
from portal.http_client.rendering import headers_of, json_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from portal.http_client.messages import Body, HeaderValue, Request

_JSON_FUNCTION = """json() { printf '%s' "$1" | sed 's/[\\\\"]/\\\\&/g'; }  # escapes a value for JSON"""
# Characters with a meaning inside double quotes in bash, `!` only in interactive shells.
_NEEDS_SINGLE_QUOTES = re.compile(r'["$`\\!]')
_SAFE_IN_JSON = re.compile(r'[^"\\\x00-\x1f]*')
# Private-use characters: requests do not contain them, and no step escapes them.
_SECRET, _PLAIN, _END = "\ue000", "\ue001", "\ue002"
_MARK = re.compile(f"(?P<kind>[{_SECRET}{_PLAIN}])(?P<name>\\w+){_END}")


class Word:
    """One word of a command line, built from literal text and variables."""

    def __init__(self) -> None:
        self._parts: list[tuple[str, bool]] = []

    def text(self, text: str) -> Word:
        """Add literal text."""
        self._parts.append((text, False))
        return self

    def variable(self, name: str) -> Word:
        """Add the value of a variable."""
        self._parts.append((f"${name}", True))
        return self

    def bash(self) -> str:
        """One pair of double quotes if nothing in it is special, else quoted piece by piece."""
        if not any(is_variable for _, is_variable in self._parts):
            return _single("".join(text for text, _ in self._parts))
        if not any(_NEEDS_SINGLE_QUOTES.search(text) for text, is_variable in self._parts if not is_variable):
            return '"' + "".join(_closed(self._parts)) + '"'
        return "".join(f'"{text}"' if is_variable else _single(text) for text, is_variable in self._parts if text)


def _closed(parts: list[tuple[str, bool]]) -> Iterator[str]:
    """`$name`, or `${name}` if the next character would become part of the name."""
    for (text, is_variable), following in zip(parts, [*parts[1:], ("", False)], strict=True):
        open_ended = is_variable and re.match(r"\w", following[0]) and not following[1]
        yield f"${{{text[1:]}}}" if open_ended else text


def _single(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


def _names_by_value(variables: Mapping[str, str]) -> dict[str, str]:
    return {value: name for name, value in variables.items() if value}


def _url_word(url: str, variables: Mapping[str, str]) -> Word:
    """The URL, with variables for a prefix or a whole path segment that equals a variable's value."""
    names = _names_by_value(variables)
    base = max((v for v in names if "://" in v and re.match(re.escape(v) + r"(?=[/?]|$)", url)), key=len, default="")
    word = Word().variable(names[base]) if base else Word()
    for piece in re.split(r"([/?&=])", url[len(base) :]):
        if piece in names and quote(piece, safe="") == piece:
            word.variable(names[piece])
        else:
            word.text(piece)
    return word


def _header_word(name: str, value: HeaderValue, variables: Mapping[str, str]) -> Word:
    if value == "":
        return Word().text(f"{name};")  # curl's syntax for an empty header
    word = Word().text(f"{name}: ")
    if isinstance(value, Secret):
        return word.variable(value.name)
    if isinstance(value, Bearer):
        return word.text("Bearer ").variable(value.token.name)
    if isinstance(value, str) and value in variables.values():
        return word.variable(_names_by_value(variables)[value])
    return word.text(str(value))


def _add(word: Word, value: str | Secret) -> Word:
    return word.variable(value.name) if isinstance(value, Secret) else word.text(value)


def _header_options(request: Request) -> Iterator[str]:
    for name, value in headers_of(request).items():
        if isinstance(value, Basic):
            pair = _add(_add(Word(), value.username).text(":"), value.password)
            yield f"--user {pair.bash()}"
        else:
            yield f"--header {_header_word(name, value, request.variables).bash()}"


def _form_options(form: Mapping[str, str | Secret]) -> Iterator[str]:
    for name, value in form.items():
        yield f"--data-urlencode {_add(Word().text(f'{quote(name)}='), value).bash()}"


def _marked(body: Body, names: Mapping[str, str]) -> Any:
    """The body with a mark for each variable; guide variables only if their value needs no escaping."""
    if isinstance(body, Secret):
        return f"{_SECRET}{body.name}{_END}"
    if isinstance(body, str):
        return f"{_PLAIN}{names[body]}{_END}" if body in names and _SAFE_IN_JSON.fullmatch(body) else body
    if isinstance(body, Mapping):
        return {name: _marked(value, names) for name, value in body.items()}
    if isinstance(body, Sequence):
        return [_marked(value, names) for value in body]
    return body


def _expansion(mark: re.Match[str]) -> str:
    return f'$(json "${mark["name"]}")' if mark["kind"] == _SECRET else f"${mark['name']}"


def _here_document(request: Request) -> str:
    """The body as a here-document after the command; escaped for bash if it contains variables."""
    text = json_text(_marked(request.json, _names_by_value(request.variables)), indent=2)
    if not _MARK.search(text):
        return f"<<'JSON'\n{text}\nJSON"
    escaped = re.sub(r"[\\`$]", r"\\\g<0>", text)
    return f"<<JSON\n{_MARK.sub(_expansion, escaped)}\nJSON"


def curl_twin(request: Request) -> str:
    """The command as text, one option per line."""
    options = [f"curl --request {request.method.upper()} {_url_word(request.url, request.variables).bash()}"]
    options += _header_options(request)
    if request.form is not None:
        options += _form_options(request.form)
    elif request.json is not None:
        options.append(f"--data-binary @- {_here_document(request)}")
    command = " \\\n  ".join(options)
    return f"{_JSON_FUNCTION}\n{command}" if "$(json " in command else command
