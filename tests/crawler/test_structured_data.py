from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from crawler.structured_data import _ends_in_script

TOKENS = [b"<script>", b"</SCRIPT>", b"<SCRIPT", b"</script", b"<scr", b"ipt", b"x", b"x" * 4_090, b"x" * 40_000]


@given(st.lists(st.sampled_from(TOKENS), max_size=8).map(b"".join))
@example(b"</script>" + b"<script" + b"x" * 4_090)
@example(b"<script></script>" + b"x" * 50_000)
def test_a_page_ends_in_a_script_that_begins_after_the_last_one_ended(source: bytes) -> None:
    lower = source.lower()
    assert _ends_in_script(source) == (lower.rfind(b"<script") > lower.rfind(b"</script"))
