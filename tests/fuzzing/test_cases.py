"""No reader breaks its word over what once broke one, over what it reads on good days, or over bad copies of that."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzzing.targets import TARGETS, Target

CASES = sorted(path for path in (Path(__file__).parent / "cases").glob("*/*") if path.is_file())
EACH = pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS)


@pytest.mark.parametrize("case", CASES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_what_once_broke_a_reader_does_so_no_more(case: Path) -> None:
    TARGETS[case.parent.name].run(case.read_bytes())


@EACH
def test_a_reader_reads_what_it_is_for(target: Target) -> None:
    for seed in target.seeds:
        target.run(seed)


@EACH
@settings(max_examples=60)
@given(data=st.data())
def test_a_reader_survives_bad_copies(target: Target, data: st.DataObject) -> None:
    copy = bytearray(data.draw(st.sampled_from(target.seeds)))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(copy)))
        other = data.draw(st.sampled_from(target.seeds))
        start = data.draw(st.integers(0, len(other)))
        piece = data.draw(st.one_of(st.binary(max_size=8), st.just(other[start : start + 40])))
        copy[at : at + data.draw(st.integers(0, 40))] = piece
    target.run(bytes(copy))
