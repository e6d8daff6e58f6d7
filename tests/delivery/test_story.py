from __future__ import annotations

from delivery import story


def test_a_jobposting_is_shown_with_its_lines_indented() -> None:
    assert story.pretty('{"title":"Weißer"}') == '{\n  "title": "Weißer"\n}'


def test_what_cannot_be_read_is_shown_as_it_is() -> None:
    deep = "[" * 100_000
    assert (story.pretty("{"), story.pretty(deep)) == ("{", deep)
