"""How the troubles of outlets are told."""

from __future__ import annotations

import pytest

from delivery.attention import beside
from postings.errors import HirewatchError


@pytest.mark.parametrize(
    ("subject", "said"),
    [
        (None, "is no folder"),
        ("lake", "is no folder"),
        ("lake: /var/data", "/var/data: is no folder"),
        ("mail.url", "mail.url: is no folder"),
    ],
)
def test_an_error_beside_the_name_of_its_outlet_does_not_repeat_it(subject: str | None, said: str) -> None:
    assert beside(HirewatchError("is no folder", subject=subject), "lake") == said
