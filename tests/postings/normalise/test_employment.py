from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postings.normalise.employment import TYPES, read_employment_types


@pytest.mark.parametrize("name", TYPES)
def test_googles_own_values_are_themselves(name: str) -> None:
    assert read_employment_types(name) == (name,)
    assert read_employment_types(f"https://schema.org/{name}") == (name,)
    assert read_employment_types(name.lower().replace("_", "-")) == (name,)


@pytest.mark.parametrize(
    ("said", "types"),
    [
        ("Full-time, Permanent", ("FULL_TIME",)),
        ("Full time (permanent)", ("FULL_TIME",)),
        ("FULL_TIME,PART_TIME", ("FULL_TIME", "PART_TIME")),
        (["PART_TIME", "FULL_TIME", "PART_TIME"], ("PART_TIME", "FULL_TIME")),
        ("Vollzeit oder Teilzeit", ("FULL_TIME", "PART_TIME")),
        ("Vollzeit/Teilzeit", ("FULL_TIME", "PART_TIME")),
        ("CDD à temps plein", ("TEMPORARY", "FULL_TIME")),
        ("Jornada completa", ("FULL_TIME",)),
        ("Полная занятость", ("FULL_TIME",)),
        ("正社員", ("FULL_TIME",)),
        ("Freelance", ("CONTRACTOR",)),
        ("Werkstudent", ("INTERN",)),
        ({"@type": "DefinedTerm", "name": "Part time"}, ("PART_TIME",)),
        ("Permanent employmentFull time", ("FULL_TIME",)),
        ("FullTimePermanent", ("FULL_TIME",)),
        ("Voll- oder Teilzeit", ("FULL_TIME", "PART_TIME")),
        ("Pełny etat, umowa o pracę", ("FULL_TIME",)),
        ("Plný úväzok", ("FULL_TIME",)),
        ("Tam zamanlı", ("FULL_TIME",)),
        ("Medio tiempo", ("PART_TIME",)),
        ("アルバイト・パート", ("PART_TIME",)),
        ("契約社員", ("CONTRACTOR",)),
        ("인턴/정규직", ("INTERN", "FULL_TIME")),
        ("계약직 (1년, 정규직 전환 비대상)", ("CONTRACTOR",)),
        ("アルバイト (正社員 登用あり)", ("PART_TIME",)),
        ("Vollzeit, TeilZeit", ("FULL_TIME", "PART_TIME")),
        ("Teilzeit, WerkStudent", ("PART_TIME", "INTERN")),
        ("Remote, FreeLance", ("CONTRACTOR",)),
        ("Non-temporary", ()),
        ("Not temporary", ()),
        ("B2B Sales", ()),
        ("kontrakt B2B", ("CONTRACTOR",)),
        ("permanent contract", ()),
        ("Permanent", ()),
        ("1", ()),
        (32, ()),
        ("", ()),
        (None, ()),
        ([], ()),
    ],
)
def test_words_for_a_type_are_read_and_others_left_out(said: object, types: tuple[str, ...]) -> None:
    assert read_employment_types(said) == types


@given(st.text(max_size=80))
def test_any_text_gives_known_types_each_once(text: str) -> None:
    types = read_employment_types(text)
    assert set(types) <= set(TYPES)
    assert len(set(types)) == len(types)
