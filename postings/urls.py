"""What a URL says: whether it may be used at all, which posting address it is, what it looks like, which ids it holds.

Everything that meets a URL asks here first: the crawler before a request, identity for its address key (C.2),
discovery for the shape of posting addresses. Parsing is WHATWG's (ada), as in browsers; only the re-serialised
form is ever used, so no two parsers can read one URL differently.
"""

from __future__ import annotations

import re
from functools import lru_cache

import ada_url

#: longest URL that is followed or kept; Scrapy and old browsers stop there too
LONGEST = 2083

#: query parameters that say where a reader came from and never which posting is shown. Ambiguous ones
#: (`source`, `ref`, `src`, `sid`) are left out: on some sites they select the posting.
TRACKING = frozenset({
    "gclid", "gclsrc", "dclid", "gbraid", "wbraid", "fbclid", "msclkid", "yclid", "twclid", "ttclid", "igshid",
    "li_fat_id", "mc_cid", "mc_eid", "mkt_tok", "_hsenc", "_hsmi", "__hssc", "__hstc", "__hsfp", "hsctatracking",
    "_ga", "_gl", "vero_id", "oly_anon_id", "oly_enc_id", "s_kwcid", "ef_id", "epik",
    "refid", "trk", "trkinfo", "trackingid", "originaltrackingid", "lipi",
    "gh_src", "lever-source", "lever-source[]", "lever-origin", "lever-via",
    "jsessionid", "phpsessid", "sessionid", "session_id", "sessid", "cfid", "cftoken",
})  # fmt: skip
TRACKING_PREFIXES = ("utm_", "pk_", "mtm_", "matomo_", "piwik_", "hsa_")

# what WHATWG would write as it is, but for the fragment and the path of a bare host: most addresses
_NUMBER = r"(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_ORIGIN = re.compile(
    rf"https?://(?P<host>(?:(?:[a-z0-9]++(?:-[a-z0-9]++)*\.)+[a-z]{{2,}}|(?:{_NUMBER}\.){{3}}{_NUMBER})"
    r"(?::(?:[1-9][0-9]{3}|[1-5][0-9]{4}))?)(?=[/?#]|\Z)"
)
_PLAIN = re.compile(
    rf"(?P<origin>{_ORIGIN.pattern})"
    r"(?P<path>/(?![/.])(?:[A-Za-z0-9_~=&+,;!$()*@:-]++|%(?!2[eE])|/(?!\.)|\.(?=[A-Za-z0-9]))*)?"
    r"(?P<query>\?[A-Za-z0-9_~=&+,;!$()*@:%./?-]++)?(?P<fragment>#[^\\\x00-\x1f\x7f-\x9f]*+)?"
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_AUTHORITY = re.compile(r"\s*(?:[a-z][a-z0-9+.\-]*:)?/*([^/?#]*)", re.IGNORECASE)
_PERCENT = re.compile(r"%([0-9a-fA-F]{2})?")
_INDEX = re.compile(r"/(?:index|default)\.(?:html?|php\d?|aspx?|jsp|cfm|do)$", re.IGNORECASE)
_SESSION = re.compile(r";jsessionid=[^/;]*", re.IGNORECASE)
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_UUID_INSIDE = re.compile(rf"(?<![0-9a-z]){_UUID.pattern}(?![0-9a-z])")
_HEX = re.compile(r"(?=[a-f]*[0-9])[0-9a-f]{8,40}")
_DIGITS = re.compile(r"[0-9]{3,40}")
#: letters and digits in one word, or a requisition number such as r-1234 or req_00017
_MIXED = re.compile(r"(?=[a-z]*[0-9])(?=[0-9]*[a-z])[a-z0-9]{4,40}|[a-z]{1,6}[-_][0-9]{2,12}")
_SUFFIX = re.compile(r"\.(?:html?|php\d?|aspx?|jsp|cfm|do|json|xml)$", re.IGNORECASE)
_SLUG = re.compile(r".*[a-z].*[-_+ ].*[a-z].*|.*%20.*|.{25,}", re.IGNORECASE)


def parse(url: str, base: str | None = None) -> str | None:
    """The http(s) URL as WHATWG serialises it, without its fragment; None if it must not be used.

    Refused: another scheme, userinfo, a backslash or a control character in the text, more than 2,083 characters,
    anything that is no URL. Such URLs are read differently by different parsers, which is how address checks
    are walked around. `base` is the parsed URL of the page that names `url`.
    """
    if (plain := _PLAIN.fullmatch(url)) is not None and len(url) < LONGEST:
        if plain["path"] is not None and plain["fragment"] is None:
            return url
        return f"{plain['origin']}{plain['path'] or '/'}{plain['query'] or ''}"
    text = url.strip(" \t\r\n\f")
    if len(text) > LONGEST or "\\" in text or _CONTROL.search(text):
        return None
    authority = _AUTHORITY.match(text)
    if authority and "@" in authority[1] and _names_a_host(text):
        return None
    try:
        parsed = ada_url.URL(text, base=base) if base is not None else ada_url.URL(text)
        if parsed.protocol not in {"http:", "https:"} or parsed.username or parsed.password or not parsed.hostname:
            return None
        parsed.hash = ""
        href = str(parsed.href)
    except ValueError:
        return None
    return href if len(href) <= LONGEST else None


def _names_a_host(text: str) -> bool:
    """Whether `text` has an authority of its own; `mail@acme.example` alone is a relative path."""
    return text.startswith("//") or re.match(r"[a-z][a-z0-9+.\-]*:", text, re.IGNORECASE) is not None


@lru_cache(maxsize=4096)
def key(url: str) -> str:
    """The address key of a URL (K1 of C.2), e.g. `acme.example/jobs/1?a=b`.

    Off are: scheme, `www.`, default port, tracking and session parameters, fragment, index file, trailing slash.
    Parameters are sorted, percent-encoding has one spelling. `key("https://" + key(url)) == key(url)`.
    Give it what `parse` returned; a text that is no URL is its own key.
    """
    try:
        host, path, parameters = _parts(url)
    except ValueError:
        return url
    query = "&".join(f"{name}={value}" if value else name for name, value in parameters)
    return f"{host}{path}?{query}" if query else f"{host}{path}"


# asked several times of each address on its way to an answer
@lru_cache(maxsize=1024)
def origin(url: str) -> str:
    """Scheme, host and port: `https://acme.example`, with the port where it is not the default one."""
    if (plain := _ORIGIN.match(url)) is not None:
        return plain[0]
    parsed = ada_url.URL(url)
    return f"{parsed.protocol}//{parsed.host}"


@lru_cache(maxsize=1024)
def host_key(url: str) -> str:
    """Host, and port where it is not the default one, without `www.`: what manners and scope are counted by."""
    plain = _ORIGIN.match(url)
    return _without_www(ada_url.URL(url).host if plain is None else plain["host"])


def same_site(url: str, start_url: str) -> bool:
    """Whether a URL is on the site of `start_url`: the same host and port, with or without `www.`."""
    try:
        return host_key(url) == host_key(start_url)
    except ValueError:
        return False


def below_host(key: str) -> str:
    """What an address key has behind its host: `/jobs/1?lang=de`."""
    slash, mark = key.find("/"), key.find("?")
    start = slash if mark < 0 or 0 <= slash < mark else mark
    return key[start:] if start >= 0 else ""


def lies_below(key: str, path: str) -> bool:
    """Whether the page of an address key lies below `path`, or is that page itself; capitals count for nothing.

    A path with parameters, `/jobs?company=acme`, is that of the pages at or below `/jobs` that have them too.
    """
    own, _, parameters = below_host(key).lower().partition("?")
    above, _, wanted = path.lower().partition("?")
    if own != above and not own.startswith(f"{above}/"):
        return False
    return not wanted or set(wanted.split("&")) <= set(parameters.split("&"))


def shape(url: str) -> str:
    """The shape of an address, to group addresses of one kind: `acme.example/jobs/*`, `acme.example/job?id=*`.

    A segment that holds a digit becomes `*`; so does the last one where it names a thing rather than a page: under
    another segment, or when it is a slug of several words. A file suffix and the names of parameters stay.
    """
    host, path, parameters = _parts(url)
    segments = path.split("/")[1:]
    chosen_by_query = any(any(character.isdigit() for character in value) for _, value in parameters)
    for place, segment in enumerate(segments):
        suffix = _SUFFIX.search(segment)
        stem = segment[: suffix.start()] if suffix else segment
        last = place == len(segments) - 1 and not chosen_by_query
        varies = any(character.isdigit() for character in stem)
        if varies or (last and (place > 0 or _SLUG.fullmatch(stem))):
            segments[place] = "*" + (suffix[0].lower() if suffix else "")
    names = "&".join(f"{name}=*" for name in dict.fromkeys(name for name, _ in parameters))
    return "/".join([host, *segments]) + (f"?{names}" if names else "")


def tokens(url: str) -> dict[str, str]:
    """Id-like tokens of an address by their place (K3 of C.2): uuid, 8 to 40 hex digits, 3 or more digits, or
    letters with digits, in lower case.

    Places: `path:-1` the last segment as a whole, `path:-1:first` and `path:-1:last` the first and the last word of a
    slug, `path:-1:uuid` a uuid in the middle of it, `query:id` a parameter. Segments are counted from the end, at most
    four. Which place is believed is learned (C.3).
    """
    _, path, parameters = _parts(url)
    found: dict[str, str] = {}
    segments = path.split("/")[1:]
    for place in range(1, min(len(segments), 4) + 1):
        segment = _SUFFIX.sub("", segments[-place]).lower()
        _tokens_of(f"path:-{place}", segment, found)
    for name, value in parameters[:12]:
        _tokens_of(f"query:{name.lower()[:40]}", value.lower(), found)
    return found


def _tokens_of(place: str, text: str, found: dict[str, str]) -> None:
    if _is_token(text):
        found[place] = text
        return
    if uuid := _UUID_INSIDE.search(text):
        where = "last" if uuid.end() == len(text) else "first" if uuid.start() == 0 else "uuid"
        found[f"{place}:{where}"] = uuid[0]
        return
    words = [word for word in re.split(r"[-_.,~]|%20", text) if word]
    if len(words) < 2:
        return
    for name, word in (("first", words[0]), ("last", words[-1])):
        if _is_token(word):
            found[f"{place}:{name}"] = word


def _is_token(text: str) -> bool:
    return any(pattern.fullmatch(text) for pattern in (_DIGITS, _HEX, _UUID, _MIXED))


def is_strong(token: str) -> bool:
    """Whether a token is long enough to be looked up at any place of an address (C.2, K3): 5 or more characters.

    Measured: 4-digit tokens collide, uuids and 5 or more digits did not.
    """
    return len(token) >= 5


def _parts(url: str) -> tuple[str, str, list[tuple[str, str]]]:
    """Host, path and parameters of a URL as its address key has them."""
    if (plain := _PLAIN.fullmatch(url)) is not None:
        host, path, query = plain["host"], plain["path"] or "/", plain["query"] or ""
    else:
        parsed = ada_url.URL(url)
        host, path, query = parsed.host, parsed.pathname, parsed.search
    path = _percent(_SESSION.sub("", path)).rstrip("/")
    while index := _INDEX.search(path):
        path = path[: index.start()].rstrip("/")
    parameters = []
    for pair in query.removeprefix("?").split("&"):
        name, _, value = pair.partition("=")
        name, value = _percent(name.replace("+", "%20")), _percent(value.replace("+", "%20"))
        if name or value:
            parameters.append((name, value))
    return _without_www(host), path, sorted(pair for pair in parameters if not _tracks(pair[0]))


def _without_www(host: str) -> str:
    host = host.rstrip(".")
    while host.startswith("www.") and "." in host.removeprefix("www."):
        host = host.removeprefix("www.")
    return host


def _tracks(name: str) -> bool:
    lower = name.lower()
    return lower in TRACKING or lower.startswith(TRACKING_PREFIXES)


def _percent(text: str) -> str:
    """One spelling of percent-encoding (RFC 3986 §6.2.2): unreserved characters plain, hex digits upper case."""

    def one(match: re.Match[str]) -> str:
        if match[1] is None:
            return "%25"
        character = chr(int(match[1], 16))
        return character if character in _UNRESERVED else match[0].upper()

    return _PERCENT.sub(one, text)
