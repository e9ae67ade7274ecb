"""Packs in memory: made, taken apart, and put together again by somebody else."""

import hashlib
import io
import re
import zipfile
from collections.abc import Callable, Mapping, Sequence

from portal.audit.checkpoints.keys import Signer
from portal.audit.verifier import verify
from portal.audit.verifier.verify import MANIFEST, Verdict
from portal.evidence.pack_contents import write_pack
from portal.evidence.selection import Period
from tests.portal.evidence.conftest import ONE, OTHER

LABELS = {str(ONE): "Acme", str(OTHER): "Globex"}


def made(labels: Mapping[str, str] | None = None, period: Period | None = None) -> bytes:
    """A pack of both chains as the portal makes it."""
    out = io.BytesIO()
    write_pack(out, LABELS if labels is None else labels, period or Period(), lambda *_: None)
    return out.getvalue()


def judged(pack: bytes, known: Sequence[bytes] = ()) -> Verdict:
    """What the verifier says."""
    return verify.verify(io.BytesIO(pack), known)


def contents(pack: bytes) -> dict[str, bytes]:
    """The files of a pack."""
    with zipfile.ZipFile(io.BytesIO(pack)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def put_together(files: Mapping[str, bytes], signer: Signer | None = None) -> bytes:
    """A pack of these files; with a signer, its manifest says their hashes and is signed by that one."""
    manifest = _signed(files, signer) if signer else files[MANIFEST]
    return zipped({**files, MANIFEST: manifest})  # thousands are made; compressing takes longer than judging


def zipped(files: Mapping[str, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    """A ZIP file as any other program makes it."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def _signed(files: Mapping[str, bytes], signer: Signer) -> bytes:
    text = files[MANIFEST].partition(b"\n\n")[0].decode("utf-8", "replace") + "\n"
    text = re.sub(r"(?m)^key .*$", lambda _: f"key {signer.key.text}", text)
    for name, content in files.items():
        digest = hashlib.sha256(content).hexdigest()
        text = re.sub(rf"(?m)^file .* {re.escape(name)}$", f"file {digest} {len(content)} {name}", text)
    data = text.encode()
    return data + b"\n" + signer.line(data)


def changed(pack: bytes, name: str, change: Callable[[bytes], bytes], signer: Signer | None = None) -> bytes:
    """A pack in which one file is another."""
    files = contents(pack)
    files[name] = change(files[name])
    return put_together(files, signer)
