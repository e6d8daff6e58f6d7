"""What a person is told of a site, and decides about it."""

from __future__ import annotations

import pytest

from postings.posting import Identifier
from postings.trust import Standing
from storage import sites
from tests.hirewatch.cli.answers import Run, Said, document, told
from tests.hirewatch.cli.conftest import LOST, TOWNS
from tests.storage.watching import Watch, a_job


class TestShow:
    def test_source_trust_and_cadence_are_told_with_their_figures(
        self, watch: Watch, command_line: Run, capsys: Said
    ) -> None:
        shown = told(command_line, capsys, "sites", "show", "acme")
        for words in (
            "its sitemap: https://acme.example/sitemap.xml",
            "10 open, 0 closed",
            "identifiers  trusted",
            "10 of 10 postings have one, 10 different, 0.0% in conflict (r-welder-berlin,",
            "address ids  trusted, read from path:-1",
            "validThrough is believed",
            "no closing has proven premature",
        ):
            assert words in shown
        assert "suspect" not in shown
        assert "needs you" not in shown

    def test_the_same_is_told_to_programs(self, watch: Watch, command_line: Run, capsys: Said) -> None:
        shown = document(command_line, capsys, "sites", "show", "acme")
        assert (shown["site"], shown["open"], shown["closed"], shown["missing"]) == ("acme", 10, 0, 0)
        assert shown["trust"]["identifier"] == {
            "standing": "trusted",
            "learnt": "trusted",
            "set": "auto",
            "postings": 10,
            "carriers": 10,
            "values": 10,
            "conflicts": 0,
            "cover": 1.0,
            "distinct": 1.0,
            "conflict": 0.0,
            "samples": ["acme | r-welder-berlin", "acme | r-welder-bonn", "acme | r-welder-essen"],
        }
        assert shown["trust"]["address-token"]["place"] == "path:-1"
        assert shown["suspect"] is None
        assert [visit["outcome"] for visit in shown["visits"]] == ["complete"]

    def test_why_identifiers_are_not_trusted_is_told(self, watch: Watch, command_line: Run, capsys: Said) -> None:
        for number, town in enumerate(TOWNS):
            watch.pages[f"/jobs/{200 + number}"] = a_job(
                f"Job {town}", town, identifier=Identifier(value=f"R-{number // 4}", name="Acme")
            )
        watch.later(hours=6).visit()
        shown = told(command_line, capsys, "sites", "show", "acme")
        assert "identifiers  not trusted" in shown
        assert "different jobs share one in" in shown

    def test_a_suspect_site_says_what_it_held_back_and_what_to_do(
        self, suspect: Watch, command_line: Run, capsys: Said
    ) -> None:
        shown = told(command_line, capsys, "sites", "show", "acme")
        for words in (
            "suspect      since 2026-11-01 14:00:00Z: 7 of 10 open postings vanished at once\n",
            "held back: 7 postings that it did not find stay open, for now",
            "and 2 more",
            "hirewatch sites accept acme",
            "needs you",
        ):
            assert words in shown
        found = document(command_line, capsys, "sites", "show", "acme")
        assert (len(found["suspect"]["postings"]), found["suspect"]["accepted_at"]) == (7, None)
        assert found["needs_person"]

    def test_a_site_that_was_never_visited_is_shown_too(self, command_line: Run, capsys: Said) -> None:
        command_line("add", "acme.example", "--no-visit")
        shown = told(command_line, capsys, "sites", "show", "acme")
        assert "not worked out yet" in shown
        assert "due now" in shown

    def test_what_a_page_wrote_cannot_steer_the_terminal(self, watch: Watch, command_line: Run, capsys: Said) -> None:
        watch.pages["/jobs/109"] = a_job(place="Worms", identifier=Identifier(value="A\x1b[2J-1", name="Acme"))
        watch.later(hours=6).visit()
        assert "\x1b" not in told(command_line, capsys, "sites", "show", "acme")


class TestTrust:
    def test_a_person_overrides_what_was_learnt(self, watch: Watch, command_line: Run, capsys: Said) -> None:
        assert (
            command_line("sites", "set", "acme", "--trust", "identifier=off", "--trust", "address-token=query:id") == 0
        )
        shown = told(command_line, capsys, "sites", "show", "acme")
        assert "identifiers  not trusted, because a person said so (the visits show: trusted)" in shown
        assert "address ids  trusted, because a person said so (the visits show: trusted), read from query:id" in shown
        trust = document(command_line, capsys, "sites", "show", "acme")["trust"]
        assert (trust["identifier"]["standing"], trust["identifier"]["learnt"]) == ("distrusted", "trusted")
        assert command_line("sites", "set", "acme", "--trust", "identifier=auto", "--trust", "address-token=auto") == 0
        assert sites.find(watch.engine, "acme").believed == sites.find(watch.engine, "acme").trust

    def test_one_key_is_set_without_the_other(self, watch: Watch, command_line: Run) -> None:
        command_line("sites", "set", "acme", "--trust", "identifier=off")
        command_line("sites", "set", "acme", "--trust", "address-token=off")
        believed = sites.find(watch.engine, "acme").believed
        assert (believed.identifier, believed.token) == (Standing.DISTRUSTED, Standing.DISTRUSTED)

    @pytest.mark.parametrize("trust", ["on", "off"])
    def test_it_counts_from_the_next_visit_on_and_rewrites_nothing(
        self, trust: str, watch: Watch, command_line: Run
    ) -> None:
        before = watch.events()
        for key in ("identifier", "address-token"):
            assert command_line("sites", "set", "acme", "--trust", f"{key}={trust}") == 0
        assert watch.events() == before
        # all at new addresses, reworded, with the old identifiers
        watch.pages = {
            f"/careers/{town.lower()}": a_job(
                f"Wanted {town}", town, identifier=Identifier(value=f"R-Welder-{town}", name="Acme")
            )
            for town in TOWNS
        }
        watch.later(hours=6).visit(looks=dict.fromkeys((f"/jobs/{100 + n}" for n in range(10)), LOST["/jobs/100"]))
        opened = [event for event in watch.events()[len(before) :] if event.type == "opened"]
        assert len(opened) == (0 if trust == "on" else 10)

    @pytest.mark.parametrize("text", ["identifier", "identifier=maybe", "token=on", "address-token=", "=on"])
    def test_what_cannot_be_set_is_refused_with_what_can(
        self, text: str, watch: Watch, command_line: Run, capsys: Said
    ) -> None:
        said = told(command_line, capsys, "sites", "set", "acme", "--trust", text, code=2)
        assert "identifier=on|off|auto" in said

    def test_an_id_that_has_no_place_is_asked_for_its_place(self, command_line: Run, capsys: Said) -> None:
        command_line("add", "acme.example", "--no-visit")
        said = told(command_line, capsys, "sites", "set", "acme", "--trust", "address-token=on", code=2)
        assert "no place is known where its addresses keep an id" in said
