"""How the cost of reading hostile pages grows: `python -m benchmarks.hostile`.

Each kind of page is read at a size and at four times that size, with links and with what is wrong with it, as in a
reader process. A reading that grows in step with its page takes four times as long then, one that is quadratic sixteen
times. Prints a table; the exit status is 1 where a kind takes more than five times as long.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable

from crawler.extraction import read_page
from crawler.pages import Page
from crawler.readers import spare_collector

ADDRESS = "https://acme.example/jobs/1"
#: how much longer four times as much may take
ALLOWED = 5.0

clock = time.process_time


def in_script(text: str) -> str:
    return f'<script type="application/ld+json">{text}</script>'


def posting(**more: object) -> str:
    """A script with a posting, with other or further properties."""
    return in_script(json.dumps({"@context": "https://schema.org", "@type": "JobPosting", "title": "Welder", **more}))


def described(text: str) -> str:
    """A posting with a description."""
    return posting(description=text.replace("</script", "<\\/script"))


def cycle(pieces: list[str], size: int) -> str:
    """The pieces again and again, so many characters of them."""
    one = "".join(pieces)
    return one * (size // len(one) + 1)


def numbered(piece: str, size: int) -> str:
    """The piece with numbers in place of `#`, so many characters of it."""
    return "".join(piece.replace("#", str(number)) for number in range(size // (len(piece) + 3) + 1))


def nested_json(opening: str, closing: str, size: int) -> str:
    depth = size // (len(opening) + len(closing))
    return (
        posting().removesuffix("}</script>") + ', "skills": ' + opening * depth + "1" + closing * depth + "}</script>"
    )


def flat_items(attributes: str, inner: str, size: int) -> str:
    return f"<div {attributes}>" + numbered(inner, size) + "</div>"


ITEM = 'itemscope itemtype="https://schema.org/JobPosting"'
RDFA = 'vocab="https://schema.org/" typeof="JobPosting"'
GONE = "This position has been filled. "

#: what each kind of page has in its body, for a number of characters
KINDS: dict[str, Callable[[int], str]] = {
    "nested div": lambda size: posting() + "<div>" * (size // 5),
    "nested b, i and u": lambda size: posting() + cycle(["<b>", "<i>", "<u>"], size),
    "shallow nests": lambda size: posting() + cycle(["<div>" * 200, "x", "</div>" * 200], size),
    "nested tables": lambda size: posting() + cycle(["<table><tr><td>"], size),
    "unclosed p and a": lambda size: posting() + cycle(["<p><a href=x>"], size),
    "misnested formatting": lambda size: posting() + cycle(["<b><p></b><i></p>"], size),
    "attributes of one tag": lambda size: posting() + "<p " + numbered("a# ", size // 3) + ">" + "x" * size,
    "long attributes, tags in them": lambda size: posting() + "<p " + cycle([f"a='{'x ' * 1_000}<q '"], size) + ">",
    "many attributes, many tags": lambda size: posting() + numbered("<p a=# b=# c=# d=#>x</p>", size),
    "itemscope in itemscope": lambda size: flat_items(ITEM, "<p itemprop=title itemscope>", min(size, 4_000)) + "x" * size,
    "many microdata items": lambda size: numbered(f"<div {ITEM}><h1 itemprop=title>Job #</h1></div>", size),
    "many microdata properties": lambda size: flat_items(ITEM, "<p itemprop=skills>x#</p>", size),
    "itemref to itself": lambda size: flat_items(ITEM, f"<p id=i# itemprop=x itemref='i#' {ITEM}>y</p>", size),
    "typeof in typeof": lambda size: flat_items(RDFA, "<p property=skills typeof=Thing>", min(size, 4_000)) + "x" * size,
    "many RDFa properties": lambda size: flat_items(RDFA, "<p property=skills>x#</p>", size),
    "many scripts": lambda size: posting() + numbered("<script>var a = #;</script>", size),
    "many JSON-LD scripts": lambda size: numbered(posting(title="Welder #"), size),
    "many broken JSON-LD scripts": lambda size: numbered(posting(title="Welder #").replace('"Welder', "Welder"), size),
    "one broken JSON-LD script": lambda size: in_script('{"@type": "JobPosting", title: Welder, ' + "[{'a':" * (size // 6)),
    "unclosed quotes in JSON-LD": lambda size: in_script('{"@type": "JobPosting", "title": "Welder' + cycle(["\\", '"', ","], size)),
    "nested JSON arrays": lambda size: nested_json("[", "]", size),
    "nested JSON objects": lambda size: nested_json('{"a":', "}", size),
    "wide JSON array": lambda size: posting(skills=["x"] * (size // 5)),
    "many keys": lambda size: posting(**{f"key{number}": number for number in range(size // 18)}),
    "big numbers": lambda size: in_script('{"@type": "JobPosting", "title": "Welder", "value": ' + "9" * size + "}"),
    "many nodes in @graph": lambda size: in_script(
        '{"@graph": [' + numbered('{"@type": "Thing", "@id": "#"},', size) + '{"@type": "JobPosting", "title": "Welder"}]}'
    ),
    "references in a circle": lambda size: in_script(
        '{"@graph": [' + numbered('{"@id": "#", "@type": "JobPosting", "title": "#", "a": {"@id": "#"}},', size) + "{}]}"
    ),
    "many @type": lambda size: posting(**{"@type": ["JobPosting", *["x"] * (size // 5)]}),
    "deep @type": lambda size: in_script(
        '{"title": "Welder", "@type": ' + "[" * min(size // 2, 800) + '"JobPosting"' + "]" * min(size // 2, 800)
        + ', "x": "' + "y" * size + '"}'
    ),
    "many places": lambda size: posting(jobLocation=[{"address": {"addressLocality": f"Town {n}"}} for n in range(size // 50)]),
    "long title": lambda size: posting(title="x " * (size // 2)),
    "long string of references": lambda size: described("&amp;" * (size // 5)),
    "references without an end": lambda size: described("<p>" + "&lt" * (size // 3)),
    "references escaped deep": lambda size: described("<p>" + "&" + "amp;" * (size // 4) + "lt;b&gt;"),
    "marks on one letter": lambda size: described("e" + "\u0316\u0301" * (size // 4)),
    "description, nested formatting": lambda size: described(cycle(["<b><i>"], size)),
    "description, ladder of p and a": lambda size: described(cycle(["<p><a>"], size)),
    "description, paragraphs": lambda size: described(cycle(["<p>We <b>weld</b> &amp; cut.</p>"], size)),
    "description, lists in lists": lambda size: described(cycle(["<ul><li>x" * 40 + "</li></ul>" * 40], size)),
    "description, blocks in a block": lambda size: described("<div>" + cycle(["<div>x</div>"], size) + "</div>"),
    "description, one tag without end": lambda size: described("<p>x</p><p " + "a" * size),
    "description, signs of less": lambda size: described("<p>x</p>" + "<" * size),
    "description, line breaks": lambda size: described("<p>x</p>" + "\n \t" * (size // 3)),
    "many links": lambda size: posting() + numbered("<a href=/jobs/#>Job #</a>", size),
    "one link again and again": lambda size: posting() + cycle(["<a href=/jobs/1></a>"], size),
    "links in links": lambda size: posting() + "<svg>" + numbered("<a href=/#>x", min(size, 2_000)) + "</svg>" + "x" * size,
    "long links": lambda size: posting() + numbered("<a href='" + "../" * 300 + "#'>x</a>", size),
    "many hidden blocks": lambda size: posting() + cycle([f"<div style='display:none'>{GONE}</div>"], size),
    "banner words": lambda size: posting() + cycle(["<p>no longer filled closed expired</p>"], size),
    "banners": lambda size: posting() + cycle([f"<p>Similar: {GONE}</p>"], size),
    "apply words": lambda size: posting() + cycle(["apply <a class=disabled>Apply</a>"], size),
    "apply in one tag": lambda size: posting() + "<a title='" + "apply " * (size // 6) + "'>",
    "unclosed comments": lambda size: posting() + cycle(["<!-- x"], size),
    "comments": lambda size: posting() + cycle(["<!-- x -->"], size),
    "unclosed quotes": lambda size: posting() + cycle(['<a title="x>'], size),
    "CDATA": lambda size: posting() + cycle(["<![CDATA[ x ]]>"], size),
    "processing instructions": lambda size: posting() + cycle(["<?x y?>"], size),
    "unclosed script": lambda size: posting() + "<script>" + cycle(["<script", "</scrip"], size),
    "titles": lambda size: posting() + cycle(["<title>x</title><h1>y</h1>"], size),
    "many bases": lambda size: posting() + numbered("<base href=/#/><a href=x#>", size),
    "alternates": lambda size: posting() + numbered("<link rel=alternate hreflang=de href=/#>", size),
    "closing tags": lambda size: posting() + cycle(["</div></p>"], size),
    "short texts that hold no tags": lambda size: posting() + cycle(["<style>x</style><textarea>y</textarea>"], size),
    "texts without an end that hold no tags": lambda size: posting() + cycle(["<style>", "<iframe>", "</styl"], size),
    "comments that may end twice": lambda size: posting() + cycle(["<!-- x --!> -->"], size),
    "attributes without values": lambda size: posting() + cycle(["<p a= b =c>"], size),
    "one tag that never ends": lambda size: posting() + "<p " + "a='b' c=\"d\" e=f " * (size // 16),
    "long name of a reference": lambda size: posting() + "<h1>&" + "a" * size + "</h1>",
    "headings": lambda size: posting() + "<h1>" + cycle(["<b>x</b>"], size) + "</h1>",
    "heading, comments without an end": lambda size: posting() + "<h1>" + "<!-- -" * (size // 6) + "</h1>",
    "heading without an end": lambda size: posting() + "<h1>" + cycle(["<b>", "<h1>"], size),
}  # fmt: skip


def seconds(kind: Callable[[int], str], size: int, rounds: int) -> tuple[float, str]:
    """The shortest of some readings of a page, and what came of it."""
    body = f"<html><head><title>Welder</title></head><body>{kind(size)}</body></html>".encode()
    page = Page(url=ADDRESS, body=body, content_type="text/html; charset=utf-8")
    least, outcome = float("inf"), ""
    for _ in range(rounds):
        began = clock()
        try:
            # as a visit asks for it, and as `inspect` does
            read_page(page, links=False)
            reading = read_page(page, links=True, problems=True)
            outcome = reading.unreadable or f"{len(reading.postings)} read"
        except RecursionError:
            # a reader process says `unreadable`
            outcome = "nested too deep"
        least = min(least, clock() - began)
        if least > 3:
            break
    return least, outcome


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--size", type=int, default=64, help="KiB of the smaller pages")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--kind", action="append", help="only this kind; may be given again")
    asked = parser.parse_args()
    spare_collector()
    kinds = {name: kind for name, kind in KINDS.items() if not asked.kind or name in asked.kind}
    seconds(KINDS["titles"], 1024, 1)
    over = 0
    print(f"{f'CPU milliseconds at {asked.size} KiB':<36}{'':>9}{'4 times':>10}{'ratio':>8}  at 4 times")
    for name, kind in kinds.items():
        size = asked.size * 1024
        (once, _), (fourfold, outcome) = seconds(kind, size, asked.rounds), seconds(kind, 4 * size, asked.rounds)
        ratio = fourfold / once
        if ratio > ALLOWED:
            # noise comes once
            ratio = min(ratio, seconds(kind, 4 * size, asked.rounds)[0] / seconds(kind, size, asked.rounds)[0])
        sign = "!" if ratio > ALLOWED else ""
        over += bool(sign)
        print(f"{name:<36}{once * 1e3:>9.2f}{fourfold * 1e3:>10.2f}{ratio:>8.1f}{sign:>2} {outcome[:60]}")
    print(f"\n{len(kinds)} kinds; {over} take more than {ALLOWED:g} times as long at four times the size (!)")
    return int(bool(over))


if __name__ == "__main__":
    sys.exit(main())
