"""Ten thousand random mutations of a pack: none that changes its contents passes, and none is a crash."""

import random

import pytest

from portal.audit.checkpoints import keys
from portal.audit.verifier.verify import BROKEN, UNUSABLE, WHOLE
from tests.portal.evidence.conftest import Witness
from tests.portal.evidence.packs import contents, judged, made, put_together

pytestmark = pytest.mark.sweep

SEED = 20261127


def mutated(data: bytes, dice: random.Random) -> bytes:
    """The data with one thing changed, as by an accident or a clumsy hand; never the same data."""
    at, other = dice.randrange(len(data)), dice.randrange(len(data))
    length = dice.choice([1, 1, 1, 2, 4, 16, 200])
    kind = dice.randrange(8)
    result = {
        0: lambda: data[:at] + bytes([data[at] ^ (1 << dice.randrange(8))]) + data[at + 1 :],
        1: lambda: data[:at] + bytes([dice.randrange(256)]) + data[at + 1 :],
        2: lambda: data[:at] + data[at + length :],
        3: lambda: data[:at] + dice.randbytes(length) + data[at:],
        4: lambda: data[:at] + data[other : other + length] + data[at + length :],
        5: lambda: data[:at] + data[at : at + length] * 2 + data[at + length :],
        6: lambda: data[: at or 1],
        7: lambda: data[:at] + bytes(length) + data[at + length :],
    }[kind]()
    return result if result != data else mutated(data, dice)


def test_six_thousand_mutations_of_the_file(witness: Witness) -> None:
    pack, dice = made(), random.Random(SEED)  # noqa: S311 - a test's
    assert judged(pack, witness.known).code == WHOLE
    passed = [seen for seen in (mutated(pack, dice) for _ in range(6000)) if judged(seen).code == WHOLE]
    assert [seen for seen in passed if contents(seen) != contents(pack)] == []
    assert len(passed) < 300  # times and other facts of the ZIP file that are no content


def test_two_thousand_mutations_of_its_contents(witness: Witness) -> None:
    """Of every file in turn, and put together again with right sizes and checksums."""
    files, dice = contents(made()), random.Random(SEED)  # noqa: S311 - the same
    names = list(files)
    for number in range(2000):
        name = names[number % len(names)]
        verdict = judged(put_together(files | {name: mutated(files[name], dice)}))
        assert verdict.code == BROKEN, (number, name)


def test_two_thousand_mutations_signed_by_a_stranger(witness: Witness) -> None:
    """The manifest tells the new hashes, and a key of the forger's own has signed it."""
    files, dice = contents(made()), random.Random(SEED)  # noqa: S311 - the same
    forger = keys.parse(keys.new_key_text())
    names = list(files)
    for number in range(2000):
        name = names[number % len(names)]
        verdict = judged(put_together(files | {name: mutated(files[name], dice)}, forger), witness.known)
        assert verdict.code in {BROKEN, UNUSABLE}, (number, name)
