from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.middlewares.retry import retry_after

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (b"120", 120.0),
        (b" 5 ", 5.0),
        (b"0", 0.0),
        (b"Wed, 25 Nov 2026 12:01:00 GMT", 60.0),
        (b"Wed, 25 Nov 2026 11:00:00 GMT", 0.0),
        (b"99999999999999999999", 999999999999.0),
        (b"-5", None),
        (b"1.5", None),
        (b"soon", None),
        (b"", None),
        (None, None),
    ],
)
def test_retry_after_is_a_number_or_a_date(header: bytes | None, seconds: float | None) -> None:
    assert retry_after(header, NOW) == seconds


@given(st.binary(max_size=60))
def test_any_header_can_be_read(header: bytes) -> None:
    wait = retry_after(header, NOW)
    assert wait is None or wait >= 0
