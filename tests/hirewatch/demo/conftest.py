"""A career site that is served, and who asks it."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from hirewatch.demo.site import CareerSite


@pytest.fixture
def career_site() -> Iterator[CareerSite]:
    """45 jobs, found by sitemap and list."""
    with CareerSite(postings=45, seed=3) as running:
        yield running


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    """It goes to loopback, whatever the environment says of proxies."""
    with httpx.Client(trust_env=False) as running:
        yield running
