"""Lists of sites: three forms, read whole or not at all."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hirewatch.site_lists import Wanted, read
from postings.errors import UsageError


def test_a_line_is_an_address_and_perhaps_a_name() -> None:
    text = b"\xef\xbb\xbfhttps://a.example/jobs  alpha\r\n\r\n# of old\r\nb.example/careers\r\n"
    assert read(text, "list") == (
        Wanted(start_url="https://a.example/jobs", name="alpha"),
        Wanted(start_url="https://b.example/careers"),
    )


@pytest.mark.parametrize("sign", [",", ";", "\t"])
def test_a_table_says_more(sign: str) -> None:
    rows = ["Name,URL,every,cron,zone", "a,https://a.example/,6h,,", ",b.example,,0 7 * * 1-5,Europe/Berlin", ",,,,"]
    first, second = read("\n".join(rows).replace(",", sign).encode(), "list")
    assert (first.name, first.timing.every) == ("a", timedelta(hours=6))
    assert (second.name, second.start_url) == (None, "https://b.example/")
    assert second.timing.cron == ("0 7 * * 1-5", "Europe/Berlin")


def test_json_is_what_the_list_of_sites_prints() -> None:
    text = b'[{"site": "a", "url": "https://a.example/", "every": 3600, "scope": {"set": "", "path": null}, "render": true}]'
    (only,) = read(text, "list")
    assert (only.name, only.timing.every, only.scope, only.render) == ("a", timedelta(hours=1), "", True)


def test_an_address_that_stands_there_twice_counts_once() -> None:
    assert len(read(b"a.example\nhttps://a.example/\n", "list")) == 1


def test_every_line_that_is_wrong_is_named_at_once() -> None:
    with pytest.raises(UsageError) as refused:
        read(b"url,name\nftp://a.example,a\nb.example,Big Name\nc.example,c\nd.example,c\n", "jobs.csv")
    told = str(refused.value)
    for part in (
        "jobs.csv",
        "line 2: `ftp://a.example`: is no web address",
        "line 3: `Big Name`: a name is",
        "line 5: has the name c",
    ):
        assert part in told
    assert "line 4" not in told.replace("as line 4 has", "")


@pytest.mark.parametrize("text", ["a,b\n1,2\n", "Company;Website\nAcme;https://acme.example/\n", "acme.example,Acme\n"])
def test_a_table_without_a_heading_that_names_the_addresses_is_refused(text: str) -> None:
    with pytest.raises(
        UsageError, match=r"(?s)line 1: .* is no web address.*whose first line names a column `url`"
    ) as refused:
        read(text.encode(), "list")
    assert text.splitlines()[0] in str(refused.value)


@pytest.mark.parametrize(
    "data",
    [b"\xff\xfe", b'<opml version="2.0"/>', b"[{]", b'[{"url": 7}]', b"[1]", b'[{"url": "a.example", "every": 1}]'],
)
def test_what_is_no_list_is_refused_in_words(data: bytes) -> None:
    with pytest.raises(UsageError) as refused:
        read(data, "list")
    assert refused.value.remedy


@given(st.binary(max_size=300))
def test_whatever_comes_is_read_or_refused(data: bytes) -> None:
    try:
        found = read(data, "list")
    except UsageError:
        return
    assert all(one.start_url.startswith(("https://", "http://")) for one in found)
