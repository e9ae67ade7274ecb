"""Bombs, nests, huge numbers, foreign files: each gets a verdict, soon and in little memory."""

import io
import random
import stat
import struct
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable

import pytest

from portal.audit.checkpoints import keys
from portal.audit.verifier.verify import BROKEN, EVENTS, FILES, MANIFEST, UNUSABLE, WHOLE, read_known
from tests.portal.evidence.conftest import Witness
from tests.portal.evidence.packs import changed, contents, judged, made, zipped

pytestmark = pytest.mark.sweep

MEGABYTE = 1 << 20
LINES: dict[str, bytes] = {
    "deep": b"[" * 200_000 + b"]" * 200_000,
    "deep object": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "huge number": b'{"seq":' + b"9" * 100_000 + b"}",
    "infinite": b'{"seq":1e999999,"chain":NaN}',
    "bad UTF-8": b'{"chain":"\xff\xfe"}',
    "half a character": b'{"chain":"\\ud800"}',
    "no object": b"[]",
    "wrong types": b'{"chain":1,"seq":"1","v":[],"actor":7,"verb":{},"prev":null}',
    "empty": b"",
    "zeros": bytes(1000),
}


def refused(pack: bytes) -> bool:
    """Whether it got a verdict other than whole; an exception would be a crash."""
    return judged(pack).code in {BROKEN, UNUSABLE}


@pytest.mark.parametrize("name", LINES)
@pytest.mark.parametrize("file", [EVENTS, "people.jsonl", "checkpoints.txt", "events.csv", MANIFEST])
def test_a_hostile_line_is_refused(witness: Witness, file: str, name: str) -> None:
    pack = made()
    for signer in (None, keys.signer()):  # without the key, a larger file is not even unpacked
        assert refused(changed(pack, file, lambda data: LINES[name] + b"\n" + data, signer))
        assert refused(changed(pack, file, lambda _: LINES[name] + b"\n", signer))


def test_a_bomb_is_put_out_in_little_memory(witness: Witness) -> None:
    """A gigabyte of zeros in a megabyte, as a line without end, and behind a size that lies."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    packed = b"".join(packer.compress(bytes(16 * MEGABYTE)) for _ in range(64)) + packer.flush()
    tracemalloc.start()
    assert refused(_with_packed(made(), EVENTS, packed, 1024 * MEGABYTE))
    assert refused(_with_packed(made(), "README.txt", packed, 100))
    assert refused(_with_packed(made(), EVENTS, packed, len(contents(made())[EVENTS])))
    assert refused(_with_packed(made(), MANIFEST, packed, 1024 * MEGABYTE))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 60 * MEGABYTE


def _with_packed(pack: bytes, name: str, packed: bytes, size: int) -> bytes:
    """The pack with other packed data in one file, and headers that say `size`."""
    out, directory = io.BytesIO(), b""
    files = contents(pack)
    for each, content in files.items():
        data, length, method = (packed, size, 8) if each == name else (content, len(content), 0)
        facts = struct.pack("<HHHHHIIIHH", 20, 0, method, 0, 33, zlib.crc32(content), len(data), length, len(each), 0)
        directory += b"PK\1\2\x14\0" + facts + struct.pack("<HHHII", 0, 0, 0, 0, out.tell()) + each.encode()
        out.write(b"PK\3\4" + facts + each.encode() + data)
    end = struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, len(files), len(files), len(directory), out.tell(), 0)
    return out.getvalue() + directory + end


def _zip(change: Callable[[zipfile.ZipFile], None]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        change(archive)
    return out.getvalue()


def _symlink(archive: zipfile.ZipFile) -> None:
    info = zipfile.ZipInfo(EVENTS)
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    archive.writestr(info, "/etc/passwd")


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_foreign_zip_files_are_refused(witness: Witness) -> None:
    files = contents(made())

    def twice(archive: zipfile.ZipFile) -> None:
        for name, content in [*files.items(), (EVENTS, b"other")]:
            archive.writestr(name, content)

    def outside(archive: zipfile.ZipFile) -> None:
        archive.writestr("../../etc/passwd", "x")

    for change in (twice, outside, _symlink, lambda archive: archive.writestr(MANIFEST, files[MANIFEST])):
        assert refused(_zip(change))


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_pack_made_again_by_another_program_is_whole(witness: Witness, method: int) -> None:
    files = contents(made())
    again = zipped(dict(sorted(files.items())), method)
    assert again != made()
    assert (judged(again, witness.known).code, contents(again)) == (WHOLE, files)


def test_a_pack_with_something_before_or_after_it_is_refused(witness: Witness) -> None:
    assert refused(made() + b"x")
    assert refused(b"x" + made())


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("name", [*FILES, MANIFEST])
def test_each_file_stands_in_the_pack_once(witness: Witness, name: str) -> None:
    files = contents(made())

    def twice(archive: zipfile.ZipFile) -> None:
        for each, content in [*files.items(), (name, files[name])]:
            archive.writestr(each, content)

    assert judged(zipped(files)).code == WHOLE
    for pack in (
        zipped({each: content for each, content in files.items() if each != name}),
        _zip(twice),
        zipped(files | {f"folder/{name}": files[name]}),
        zipped(files | {f"{name}2": b""}),
    ):
        verdict = judged(pack, witness.known)
        assert verdict.code == BROKEN
        assert name in verdict.text()


def test_a_link_in_the_place_of_a_file_is_refused(witness: Witness) -> None:
    files = contents(made())

    def linked(archive: zipfile.ZipFile) -> None:
        for name, content in files.items():
            info = zipfile.ZipInfo(name)
            info.external_attr = ((stat.S_IFLNK if name == "README.txt" else stat.S_IFREG) | 0o644) << 16
            archive.writestr(info, content)

    assert judged(_zip(linked)).problems == ["README.txt is no plain file."]


@pytest.mark.parametrize("name", FILES)
def test_a_file_larger_than_the_manifest_says_is_not_unpacked(
    witness: Witness, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pack = changed(made(), name, lambda data: data + b"x\n")
    opened: list[object] = []
    real = zipfile.ZipFile.open

    def watched(archive: zipfile.ZipFile, member: str) -> object:
        opened.append(member)
        return real(archive, member)

    monkeypatch.setattr(zipfile.ZipFile, "open", watched)
    verdict = judged(pack)
    assert verdict.problems == [f"{name[0].upper()}{name[1:]} is larger than the MANIFEST says, and was not unpacked."]
    assert opened == [MANIFEST]


def test_noise_is_unusable_or_broken(witness: Witness) -> None:
    dice = random.Random(7)  # noqa: S311 - a test's
    assert judged(b"").code == UNUSABLE
    pack = made()
    for _ in range(200):
        noise = dice.randbytes(dice.randrange(2000))
        assert refused(noise)
        assert refused(b"PK\3\4" + noise)
        assert refused(pack[:-22] + b"PK\5\6" + (noise + bytes(18))[:18])


def test_a_file_of_known_checkpoints_may_hold_noise_around_them(witness: Witness) -> None:
    raw = b"noise\n" + witness.known[0] + b"genesys-sms-portal/checkpoint/v1\ntorn" + b"\n" + witness.known[1]
    assert read_known(raw) == witness.known[:2]
