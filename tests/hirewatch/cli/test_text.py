from __future__ import annotations

import json
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from hirewatch.cli.text import to_json

hostile = st.text(st.characters(codec=None) | st.sampled_from("\x1b\x07\x9b\u202e\u2066\u2028\r\n\x7f\ud800"))


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | hostile,
        lambda inner: st.lists(inner) | st.dictionaries(hostile, inner),
    )
)
def test_json_keeps_every_value_and_shows_no_control_character(value: object) -> None:
    written = to_json(value)
    assert json.loads(written) == value
    assert all(unicodedata.category(sign) not in ("Cc", "Cs", "Zl", "Zp") for sign in written)
