from __future__ import annotations

import pytest

from postings.normalise.languages import read_language


@pytest.mark.parametrize(
    ("said", "tag"),
    [
        ("de", "de"),
        ("DE", "de"),
        ("de_DE", "de-DE"),
        ("en-us", "en-US"),
        ("zh-hant-tw", "zh-Hant-TW"),
        ("en_US.UTF-8", "en-US"),
        ("English", "en"),
        ("Deutsch", "de"),
        ({"@type": "Language", "name": "French"}, "fr"),
        ("xx", None),
        ("", None),
        (None, None),
        ("x" * 100, None),
    ],
)
def test_a_language_is_a_tag_with_a_lower_case_primary_part(said: object, tag: str | None) -> None:
    assert read_language(said) == tag
