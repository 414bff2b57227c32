"""Checks of the operator's templates."""

from collections.abc import Iterator

from mailbot.app.checks.kinds import Problem, problem
from mailbot.app.checks.surroundings import Surroundings
from mailbot.app.context import letterhead_of
from mailbot.app.tools import own_templates
from mailbot.text import did_you_mean


def templates(about: Surroundings) -> Iterator[Problem]:
    """Each template can be read and rendered, has a name that is used, and is a copy of today's version."""
    for own in own_templates(about.config):
        if not any(path.is_file() for path in own.rglob("*")):
            continue  # and no library is loaded for it
        from mailbot.app.template_names import known_names
        from mailbot.app.template_proof import prove
        from mailbot.app.templates_of_operator import Copy, copies

        for fault in prove(own, letterhead_of(about.config)):
            yield problem("template-broken", where=fault.where, what=fault.what)
        known = known_names()
        for one in copies(own):
            where = f"templates/{one.name}"
            if one.state is Copy.UNKNOWN:
                yield problem("template-unknown", where=where, meant=did_you_mean(one.name, known))
            elif one.state is Copy.STALE:
                yield problem("template-stale", where=where, name=one.name)
