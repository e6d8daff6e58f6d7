"""What a URL says."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postings import urls

HOSTS = st.sampled_from(["acme.example", "jobs.acme.example", "bücher.example", "127.0.0.1:8080", "[::1]"])
SEGMENTS = st.text(alphabet=string.ascii_letters + string.digits + "-_.~%äß ;,+@:", max_size=12)
PARAMETERS = st.lists(st.tuples(SEGMENTS, SEGMENTS), max_size=3)


@st.composite
def addresses(draw: st.DrawFn) -> str:
    path = "/".join(draw(st.lists(SEGMENTS, max_size=4)))
    query = "&".join(f"{name}={value}" for name, value in draw(PARAMETERS))
    url = urls.parse(f"https://{draw(HOSTS)}/{path}" + (f"?{query}" if query else ""))
    assert url is not None
    return url


@pytest.mark.parametrize(
    ("text", "base", "parsed"),
    [
        ("https://Acme.Example:443/a/../jobs?x=1#top", None, "https://acme.example/jobs?x=1"),
        ("  /jobs/1\n", "https://acme.example/careers", "https://acme.example/jobs/1"),
        ("//jobs.acme.example/1", "http://acme.example/", "http://jobs.acme.example/1"),
        ("http://0x7f.1/", None, "http://127.0.0.1/"),
        ("http://①②⑦.⓪.⓪.①/", None, "http://127.0.0.1/"),
        ("mail@acme.example", "https://acme.example/x/", "https://acme.example/x/mail@acme.example"),
        ("https://acme.example/a b", None, "https://acme.example/a%20b"),
    ],
)
def test_a_url_is_read_as_a_browser_reads_it(text: str, base: str | None, parsed: str) -> None:
    assert urls.parse(text, base) == parsed


@pytest.mark.parametrize(
    "text",
    [
        "ftp://acme.example/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "data:text/html,x",
        "https://user@acme.example/",
        "https://user:secret@acme.example/",
        "https://@acme.example/",
        "//evil@acme.example/",
        "https://acme.example\\@evil.example/",
        "https:\\\\acme.example",
        "https://acme.example/\tjobs",
        "https://acme.example/\x00",
        "https://acme.example/\x85",
        "https://",
        "https://a b/",
        "https://acme.example/" + "x" * 2083,
        "https://acme.example/\ud800",
        "jobs/1",
        "",
    ],
)
def test_a_url_that_parsers_could_read_in_two_ways_is_refused(text: str) -> None:
    assert urls.parse(text) is None


def test_a_url_that_grows_beyond_the_limit_when_encoded_is_refused() -> None:
    assert urls.parse("https://acme.example/" + "ä" * 1000) is None


@given(st.text(max_size=60))
def test_parsing_never_raises_and_never_gives_what_it_would_refuse(text: str) -> None:
    parsed = urls.parse(text, "https://acme.example/")
    assert parsed is None or urls.parse(parsed) == parsed


@pytest.mark.parametrize(
    "url",
    [
        "http://www.acme.example/jobs/1?b=2&a=1",
        "https://acme.example/jobs/1/?a=1&b=2",
        "https://acme.example:443/jobs/1/index.html?a=1&b=2&utm_source=x&gclid=y",
        "https://ACME.example/jobs/%31;jsessionid=0A?trk=z&b=2&a=1#apply",
        "https://acme.example/jobs/1/INDEX.PHP?a=1&&b=2",
        "https://acme.example./jobs/1?a=1&b=2&refId=9&PHPSESSID=8",
    ],
)
def test_addresses_of_one_posting_have_one_key(url: str) -> None:
    assert urls.key(url) == "acme.example/jobs/1?a=1&b=2"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://acme.example/jobs/1", "https://acme.example/jobs/2"),
        ("https://acme.example/jobs/a", "https://acme.example/jobs/A"),
        ("https://acme.example/jobs?id=1", "https://acme.example/jobs?id=2"),
        ("https://acme.example/jobs?source=1", "https://acme.example/jobs?source=2"),
        ("https://acme.example/", "https://acme.example:8080/"),
        ("https://de.acme.example/", "https://acme.example/"),
    ],
)
def test_addresses_that_may_be_two_postings_have_two_keys(one: str, other: str) -> None:
    assert urls.key(one) != urls.key(other)


@given(addresses())
def test_the_key_of_a_key_is_itself(url: str) -> None:
    assert urls.key(f"https://{urls.key(url)}") == urls.key(url)


@given(addresses(), st.sampled_from(["utm_source=x", "gclid=1", "UTM_Campaign=a&fbclid=b"]), st.booleans())
def test_tracking_scheme_and_www_never_change_a_key(url: str, tracking: str, www: bool) -> None:
    tracked = url + ("&" if "?" in url else "?") + tracking
    if not url.startswith(("https://127.", "https://[")):
        tracked = tracked.replace("https://", "http://www." if www else "http://", 1)
    assert urls.key(tracked) == urls.key(url)


def test_what_is_no_url_is_its_own_key() -> None:
    assert urls.key("not a url") == "not a url"


def test_origin_and_host_keep_a_port_of_their_own() -> None:
    assert urls.origin("https://www.acme.example/jobs") == "https://www.acme.example"
    assert urls.origin("http://acme.example:8080/jobs") == "http://acme.example:8080"
    assert urls.host_key("https://www.acme.example/jobs") == "acme.example"
    assert urls.host_key("http://acme.example:8080/jobs") == "acme.example:8080"


@pytest.mark.parametrize(
    ("url", "same"),
    [
        ("http://www.acme.example/x", True),
        ("https://acme.example/", True),
        ("https://jobs.acme.example/", False),
        ("https://acme.example.evil.example/", False),
        ("https://acme.example:8443/", False),
        ("nonsense", False),
    ],
)
def test_a_site_is_its_host_with_and_without_www(url: str, same: bool) -> None:
    assert urls.same_site(url, "https://acme.example/careers") is same


@pytest.mark.parametrize(
    ("url", "shape"),
    [
        ("https://acme.example/jobs/4711", "acme.example/jobs/*"),
        ("https://acme.example/jobs/welder", "acme.example/jobs/*"),
        ("https://acme.example/jobs/senior-welder/", "acme.example/jobs/*"),
        ("https://acme.example/jobs/welder-12.html", "acme.example/jobs/*.html"),
        ("https://acme.example/jobs/view?id=12", "acme.example/jobs/view?id=*"),
        ("https://acme.example/senior-welder-in-berlin", "acme.example/*"),
        ("https://acme.example/jobs", "acme.example/jobs"),
        ("https://acme.example/2026/11/welder", "acme.example/*/*/*"),
        ("https://acme.example/", "acme.example"),
    ],
)
def test_addresses_of_one_kind_have_one_shape(url: str, shape: str) -> None:
    assert urls.shape(url) == shape


@pytest.mark.parametrize(
    ("url", "tokens"),
    [
        ("https://acme.example/jobs/R-1234", {"path:-1": "r-1234"}),
        ("https://acme.example/jobs/4711-senior-welder", {"path:-1:first": "4711"}),
        ("https://acme.example/stellen/schweisser-1a2b3c4d.html", {"path:-1:last": "1a2b3c4d"}),
        ("https://acme.example/job/123456/welder", {"path:-2": "123456"}),
        ("https://acme.example/view?id=98765&lang=de", {"query:id": "98765"}),
        (
            "https://acme.example/x/0F8FAD5B-d9cb-469f-a165-70867728950e/apply",
            {"path:-2": "0f8fad5b-d9cb-469f-a165-70867728950e"},
        ),
        (
            "https://acme.example/welder-0f8fad5b-d9cb-469f-a165-70867728950e",
            {"path:-1:last": "0f8fad5b-d9cb-469f-a165-70867728950e"},
        ),
        (
            "https://acme.example/a-0f8fad5b-d9cb-469f-a165-70867728950e-b",
            {"path:-1:uuid": "0f8fad5b-d9cb-469f-a165-70867728950e"},
        ),
        ("https://acme.example/jobs/senior-welder-in-berlin", {}),
        ("https://acme.example/jobs/12", {}),
    ],
)
def test_id_like_tokens_are_found_with_their_place(url: str, tokens: dict[str, str]) -> None:
    assert urls.tokens(url) == tokens


@pytest.mark.parametrize(
    ("key", "rest"),
    [
        ("acme.example/jobs/1?lang=de", "/jobs/1?lang=de"),
        ("acme.example?id=1/2", "?id=1/2"),
        ("acme.example/", "/"),
        ("acme.example", ""),
    ],
)
def test_what_an_address_has_behind_its_host(key: str, rest: str) -> None:
    assert urls.below_host(key) == rest


@pytest.mark.parametrize(
    ("key", "path", "below"),
    [
        ("acme.example/jobs/1", "/jobs", True),
        ("acme.example/jobs", "/jobs", True),
        ("acme.example/Jobs/1", "/jOBS", True),
        ("acme.example/jobs-more/1", "/jobs", False),
        ("acme.example", "/jobs", False),
        ("acme.example/jobs/1?company=acme&x=1", "/jobs?company=Acme", True),
        ("acme.example/jobs/1?company=acme", "/jobs?company=acme&x=1", False),
        ("acme.example/jobs/1", "/jobs?company=acme", False),
        ("acme.example/other?company=acme", "/jobs?company=acme", False),
        ("acme.example/jobs?x=1", "/jobs", True),
    ],
)
def test_a_page_lies_below_a_path_and_has_its_parameters(key: str, path: str, below: bool) -> None:
    assert urls.lies_below(key, path) is below
