"""Commands that take a query: `-senior` is a term of it, not an option that nobody knows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import rich_click as click

from hirewatch.cli.front import Command


class QueryCommand(Command):
    """A command whose arguments may begin with a minus sign; `-q` and `-v` stay options."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        options, words = self._sorted_out(args)
        return super().parse_args(ctx, [*options, "--", *words] if words else options)

    def _sorted_out(self, args: Sequence[str]) -> tuple[list[str], list[str]]:
        known = [one for one in self.params if isinstance(one, click.Option)]
        with_value = {name for one in known if not (one.is_flag or one.count) for name in one.opts}
        letters = {name[1:] for one in known for name in one.opts if len(name) == 2}
        options: list[str] = []
        words: list[str] = []
        left: Iterator[str] = iter(args)
        for arg in left:
            if arg == "--":
                words += left
            elif arg in with_value:
                options += [arg, *(value for value in [next(left, None)] if value is not None)]
            elif arg.startswith("--") or (len(arg) > 1 and arg[0] == "-" and set(arg[1:]) <= letters):
                options.append(arg)
            else:
                words.append(arg)
        return options, words
