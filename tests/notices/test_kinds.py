"""A kind of notice is complete: its content, its templates, its sample.  What was forgotten is named."""

from collections.abc import Iterator

from mailbot.model.notice import HEADER_VALUES, NoticeKind
from mailbot.model.people import Language
from mailbot.notices.contents import answers, applicant, base, inquiries, reviewers
from mailbot.notices.contents.answers import Answer
from mailbot.notices.contents.base import Content
from tests.testkit.notices import all_samples, samples

MODULES = (answers, applicant, inquiries, reviewers)
BASES = {base.Content, applicant.AboutCase, applicant.Correctable}


def contents(parent: type[Content] = Content) -> Iterator[type[Content]]:
    """Every class of content that can be sent."""
    for one in parent.__subclasses__():
        if one not in BASES and one.__module__ in {module.__name__ for module in MODULES}:
            yield one
        yield from contents(one)


def missing_templates(name: str) -> list[str]:
    files = [f"{name}.{language}.j2" for language in Language]
    return [file for file in files if not (samples.TEMPLATES / file).is_file()]


def test_each_kind_has_a_content_a_template_and_a_sample() -> None:
    classes = set(contents())
    sampled = [
        sample.content for sample in (all_samples.notices(Language.JA) | all_samples.answers(Language.JA)).values()
    ]
    forgotten = [
        *(
            f"write a subclass of Content with kind = NoticeKind.{kind.name}"
            for kind in set(NoticeKind) - {c.kind for c in classes}
        ),
        *(
            f"add a sample of {c.__name__} to mailbot/notice_samples/samples.py"
            for c in classes - {type(one) for one in sampled}
        ),
        *(
            f"add templates/{file}"
            for one in classes
            if not issubclass(one, Answer)
            for file in missing_templates(one.template)
        ),
    ]
    assert not forgotten, "\n".join(forgotten)


def test_each_topic_has_its_templates_and_a_sample() -> None:
    topics = {path.name.split(".")[0] for path in (samples.TEMPLATES / "answers").glob("*.j2")}
    sampled = {
        one.content.topic for one in all_samples.answers(Language.JA).values() if isinstance(one.content, Answer)
    }
    forgotten = [
        *(
            f"add a sample of the answer {topic} to mailbot/notice_samples/samples_of_answers.py"
            for topic in topics - sampled
        ),
        *(f"add templates/{file}" for topic in topics | sampled for file in missing_templates(f"answers/{topic}")),
    ]
    assert not forgotten, "\n".join(forgotten)


def test_no_template_is_left_over() -> None:
    used = {one.template.partition("/")[2] for one in contents() if not issubclass(one, Answer)}
    assert {path.name.split(".")[0] for path in (samples.TEMPLATES / "notices").glob("*.j2")} == used


def test_the_header_values_are_stable() -> None:
    """Other programs filter by them: a new kind adds one, none changes."""
    stable = {
        "received": "received",
        "needs_confirmation": "confirmation-request",
        "completed": "completed",
        "withdrawn": "withdrawn",
        "lapsed": "lapsed",
        "draft": "invalid-input",
        "review_request": "review-request",
        "decision": "decision",
        "update": "update",
        "answer": "answer",
        "alert": "alert",
        "in_effect": "in-effect",
        "view_ending": "view-ending",
        "reminder": "reminder",
        "digest": "digest",
        "security": "security",
        "challenge": "challenge",
        "saved": "saved",
        "inquiry": "inquiry",
        "message": "message",
        "taken_back": "taken-back",
        "revoked": "revoked",
    }
    assert stable.items() <= {kind.value: header for kind, header in HEADER_VALUES.items()}.items()
