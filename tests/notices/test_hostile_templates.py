"""An operator's own templates that are hostile or wrong: each is refused in bounded time, and reaches nothing outside (T-83)."""

from pathlib import Path

import pytest
from jinja2 import TemplateError

from mailbot.model.people import Language
from mailbot.notices.contents.applicant import Received
from tests.testkit.notices import all_samples, samples

OUTSIDE = "outside the folder"
INTERNALS = {
    "class": "{{ ''.__class__.__mro__ }}",
    "class by a filter": "{{ ''|attr('__class__') }}",
    "class by a subscript": "{{ ''['__class__'] }}",
    "globals of a function": "{{ mailto.__globals__ }}",
    "globals of a macro": "{{ m.paragraph.__init__.__globals__ }}",
    "the environment": "{{ self._TemplateReference__context.environment }}",
    "a loop's internals": "{% for x in [1] %}{{ loop.__class__ }}{% endfor %}",
    "format": "{{ '{0.__class__}'.format(1) }}",
    "format_map": "{{ '{a.__class__}'.format_map({'a': 1}) }}",
    "a generator's frame": "{{ (x for x in [1]) }}",
    "joiner": "{{ joiner.__init__.__globals__ }}",
    "a method's code": "{{ one_line.__code__ }}{{ mailto.__code__ }}",
}
ENDLESS = {
    "one loop": "{% for x in range(10 ** 12) %}{% endfor %}",
    "loops in loops": "{% for a in range(9999) %}{% for b in range(9999) %}{% for c in range(9999) %}{% endfor %}"
    + "{% endfor %}{% endfor %}",
    "loops without a call": "{% set d = '0123456789' %}"
    + "".join(f"{{% for x{n} in d %}}" for n in range(15))
    + "{% endfor %}" * 15,
    "a power": "{{ 9 ** 999999999 }}",
    "a long text": "{{ 'x' * 10 ** 10 }}",
    "a long text, the other way": "{{ 10 ** 10 * 'x' }}",
    "a long list": "{{ ([1] * 10 ** 10)|length }}",
    "a wide field": "{{ '%1000000000d' % 1 }}",
    "a wide field by a filter": "{{ '%1000000000d'|format(1) }}",
    "a wide field by format": "{{ '{:1000000000}'.format(1) }}",
    "a centred text": "{{ 'x'|center(10 ** 10) }}",
    "a justified text": "{{ 'x'.ljust(10 ** 10) }}",
    "a filled text": "{{ 'x'.zfill(10 ** 10) }}",
    "an indented text": "{{ 'x\\ny'|indent(10 ** 10) }}",
    "much filler": "{{ lipsum(n=10 ** 9) }}",
    "a long range": "{{ range(10 ** 10)|list|length }}",
    "a slice": "{{ 'x'|batch(10 ** 10, 'y')|list }}",
    "itself included": "{% include 'layouts/closing.ja.j2' %}",
    "itself called": "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
}
FILES = {
    "above": "{% include '../outside.j2' %}",
    "far above": "{% include '../../../../../../etc/passwd' %}",
    "absolute": "{% include '/etc/passwd' %}",
    "by import": "{% import '../outside.j2' as x %}{{ x }}",
    "by a list": "{% include ['nothing.j2', '../outside.j2'] %}",
}
CHANGES = {
    "a list that it gets": "{{ REVIEWER_KEYWORDS.clear() }}",
    "the words of all": "{{ APPLICANT_COMMANDS.update({}) }}",
}


@pytest.mark.timeout(60)
@pytest.mark.parametrize("words", [*INTERNALS.values(), *ENDLESS.values(), *FILES.values(), *CHANGES.values()],
                         ids=[*INTERNALS, *ENDLESS, *FILES, *CHANGES])  # fmt: skip
def test_a_hostile_template_is_refused(tmp_path: Path, words: str) -> None:
    """T-83."""
    folder = tmp_path / "templates"
    (folder / "layouts").mkdir(parents=True)
    (tmp_path / "outside.j2").write_text(OUTSIDE)
    (folder / "layouts/closing.ja.j2").write_text(words)
    writer = samples.make_writer(folder)
    with pytest.raises((TemplateError, OverflowError, RecursionError, AttributeError)):
        writer.write(Received(case=samples.case(samples.RECEIVED)), samples.contact(Language.JA))


def test_the_sandbox_changes_no_notice() -> None:
    """An operator may have a copy of any template; the program's own run without the sandbox."""
    writer = samples.make_writer(samples.TEMPLATES)
    for (name, language), sample in all_samples.ALL.items():
        if language is Language.JA:
            assert sample.write(writer) == all_samples.written(name, language), name
