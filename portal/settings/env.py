"""Reading settings from the environment: what cannot be used is a sentence, and nothing becomes something else.

Built on django-environ, which takes a text that begins with `$` for the name of another variable, keeps the blanks and
quotes of lists, and takes what it does not know for false. Here a text is what was written, without the line break that
a file may leave at its end; everything else is read strictly. What cannot be used is kept in `reasons`, and the default
is returned meanwhile, so that one start names all that is wrong.
"""

import re
import ssl
from collections.abc import Callable, Collection
from math import floor, inf
from typing import Any, TypeAlias
from urllib.parse import unquote, urlsplit

import environ

from portal.core.address_ranges import is_private_network

_YES, _NO = {"true", "yes", "on", "1", "y", "ok"}, {"false", "no", "off", "0", "n"}
_NUMBER = re.compile(r"[+-]?[0-9]{1,15}(\.[0-9]{0,15})?", re.ASCII)
_HOST = re.compile(
    r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.?", re.ASCII
)
_IPV6 = re.compile(r"\[[0-9a-f:.]+\]", re.ASCII)
_HIGHEST_PORT = 65_535
_ORIGIN = re.compile(r"https?://(?P<host>.+?)(?::(?P<port>[0-9]{1,5}))?", re.ASCII)
_MAIL_ADDRESS = re.compile(r"[^\s<>@\"]+@[^\s<>@\"]+")
_SENDER = re.compile(rf"{_MAIL_ADDRESS.pattern}|[^\r\n<>]* ?<{_MAIL_ADDRESS.pattern}>")
_QUOTES, _BRACKETS = "\"'`", {"[": "]", "(": ")", "{": "}", "\u201c": "\u201d", "\u2018": "\u2019", "\u00ab": "\u00bb"}
#: Named here: the class has methods called `list` and `bool`, as django-environ has.
Texts: TypeAlias = list[str]
Judge: TypeAlias = Callable[[str], bool]
#: Ten years: longer times are typing mistakes, and too long for dates.
MOST = 315_360_000.0


class Environment(environ.Env):  # type: ignore[misc]  # django-environ is typed in part
    """The environment, and what is wrong with it."""

    def __init__(self) -> None:
        super().__init__()
        self.reasons: list[str] = []

    def refuse(self, reason: str) -> None:
        """Keep the portal from starting, for this reason."""
        self.reasons.append(reason)

    def get_value(self, var: str, cast: Any = None, default: Any = "", parse_default: bool = False) -> Any:  # noqa: ARG002, FBT001, FBT002 - django-environ's signature
        """Return the text as it is written."""
        text: str | None = self.ENVIRON.get(var)
        return default if text is None else text.rstrip("\r\n")

    def bool(self, var: str, default: bool = False) -> bool:  # noqa: FBT002 - the same
        """Return whether it is switched on."""
        text = self.str(var, default="").strip()
        if text and text.lower() not in _YES | _NO:
            self.refuse(f"{var} is {text!r}; it must be true or false.")
            return default
        return text.lower() in _YES if text else default

    def choice(self, var: str, choices: Collection[str], default: str) -> str:
        """Return one of the words."""
        text: str = self.str(var, default="") or default
        if text in choices:
            return text
        self.refuse(f"{var} is {text!r}; it must be {_either(choices)}.")
        return default

    def number(self, var: str, default: float, *, least: float = 0.001, most: float = MOST) -> float:
        """Return a number in these limits, written in plain digits."""
        text = self.str(var, default="").strip() or f"{default:.10g}"
        number = float(text) if _NUMBER.fullmatch(text) else inf
        if least <= number <= most:
            return number
        upper = "" if number == inf or number < least else f" and at most {most:.10g}"
        self.refuse(f"{var} is {text!r}; it must be a number of at least {least:g}{upper}.")
        return default

    def whole_number(self, var: str, default: int, *, least: int, most: int) -> int:
        """Return a whole number in these limits."""
        number = self.number(var, default, least=least, most=most)
        if number == floor(number):
            return int(number)
        self.refuse(f"{var} is {number:.10g}; it must be a whole number.")
        return default

    def list(self, var: str, cast: Any = None, default: Any = ()) -> Texts:  # noqa: ARG002 - django-environ's signature
        """Return the parts between commas, without the blanks around them; refuse quotes or brackets around them."""
        text: str | None = self.str(var, default=None)
        if text is None:
            return [*default]
        parts = [part.strip() for part in text.split(",")]
        if any(map(_wrapped, [text.strip(), *parts])):
            self.refuse(f"{var} must be written without quotes and brackets, with commas between its parts.")
            return [*default]
        return [part for part in parts if part]

    def hosts(self, var: str, default: Collection[str]) -> Texts:
        """Return host names; one may begin with a dot for all that end so."""
        return self._all(
            var, default, is_host, "only host names, without scheme, port or path, like portal.example.com"
        )

    def origins(self, var: str) -> Texts:
        """Return origins, as browsers send them."""
        return self._all(var, (), _is_origin, "only origins with their scheme, like https://portal.example.com")

    def names(self, var: str, choices: Collection[str], default: Collection[str]) -> Texts:
        """Return some of the words."""
        return self._all(var, default, choices.__contains__, f"only {_either(choices)}")

    def networks(self, var: str, default: Collection[str]) -> Texts:
        """Return private networks in CIDR notation."""
        what = "only private networks like 10.20.0.0/16, and no loopback, link-local or public address"
        return self._all(var, default, is_private_network, what)

    def _all(self, var: str, default: Collection[str], good: Judge, what: str) -> Texts:
        parts = self.list(var, default=default)
        if bad := [part for part in parts if not good(part)]:
            self.refuse(f"{var} holds {bad[0]!r}; it must hold {what}.")
            return [*default]
        return parts

    def address(self, var: str) -> str:
        """Return a web address, or an empty text."""
        text: str = self.str(var, default="")
        if not text or is_address(text):
            return text
        self.refuse(f"{var} is {text!r}; it must be an address like https://portal.example.com.")
        return ""

    def certificates(self, var: str) -> str:
        """Return the path of a file that holds certificates, or an empty text."""
        path: str = self.str(var, default="")
        try:
            if path:
                ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(path)
        except (OSError, ValueError) as error:  # ssl's own errors are OSErrors
            why = "holds no certificate in PEM" if isinstance(error, ssl.SSLError) else "cannot be read"
            self.refuse(f"{var} names {path!r}, which {why}.")
            return ""
        return path

    def sender(self, var: str, default: str) -> str:
        """Return whom mails come from."""
        text: str = self.str(var, default="") or default
        if _SENDER.fullmatch(text):
            return text
        self.refuse(f"{var} is {text!r}; it must look like portal@example.com or SMS Portal <portal@example.com>.")
        return default

    def token(self, var: str) -> str:
        """Return a secret that a header carries, or an empty text."""
        text: str = self.str(var, default="")
        if text.isascii() and (text.isprintable() or not text) and text == text.strip():
            return text
        self.refuse(
            f"{var} cannot be sent in a header: use letters, digits and signs of ASCII, and no blank at its ends."
        )
        return ""


def is_host(text: str) -> bool:
    """Say whether it is what ALLOWED_HOSTS may hold."""
    name = text.lower().removeprefix(".")
    return text == "*" or bool(_HOST.fullmatch(name) or _IPV6.fullmatch(text.lower()))


def is_address(text: str) -> bool:
    """Say whether it is a web address with a host, and nothing after its path."""
    try:
        parts = urlsplit(text)
        port = "" if parts.port is None else f":{parts.port}"
    except ValueError:
        return False
    if not text.isascii() or not text.isprintable() or set(text) & set(_QUOTES + " @?#\\"):
        return False
    return (
        parts.scheme in {"http", "https"} and is_host(parts.netloc.removesuffix(port)) and parts.netloc[0] not in "*."
    )


def user_and_password(url: str) -> tuple[str, str]:
    """Return what stands before the host; a plus is a plus there, unlike in a form."""
    before, _, _ = re.split(r"[/?#]", url.partition("://")[2], maxsplit=1)[0].rpartition("@")
    user, _, password = before.partition(":")
    return unquote(user), unquote(password)


def loses_its_password(url: str) -> bool:
    """Say whether a sign in the password ends the host before it began."""
    rest = url.partition("://")[2]
    return "@" in rest[len(re.split(r"[/?#]", rest, maxsplit=1)[0]) :]


def _is_origin(text: str) -> bool:
    found = _ORIGIN.fullmatch(text)
    if found is None or int(found["port"] or 0) > _HIGHEST_PORT:
        return False
    return is_host(found["host"].removeprefix("*")) and text == text.lower()


def _wrapped(text: str) -> bool:
    return (
        len(text) > 1
        and ((text[0] in _QUOTES and text[0] == text[-1]) or _BRACKETS.get(text[0]) == text[-1])
        and not _IPV6.fullmatch(text.lower())
    )


def _either(choices: Collection[str]) -> str:
    *first, last = choices
    return f"{', '.join(first)} or {last}"


#: The environment of this process; the modules of `portal.settings` read it.
env = Environment()
