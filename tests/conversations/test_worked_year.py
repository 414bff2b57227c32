"""A worked year: random mails, decisions, days and nights against a simple oracle (hypothesis, stateful).

The oracle knows of a contract only who holds which ID and mailbox on which day; whatever order things happen in, the
desk's contract, its history, its numbers and its secrets agree with it after every step.
"""

import os
import tempfile
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from mailbot.business_days import Calendar
from mailbot.clock import TOKYO, tokyo_date
from mailbot.model.application import Application
from mailbot.model.effects import AddMailbox, AddUserId, password_id
from mailbot.model.lifecycle import OPEN_STATES, Event, State, next_state
from mailbot.records.applications import application_store, effects
from mailbot.records.register import offices
from tests.testkit.desk import DeskUnderTest, Person, no_quote, open_desk_under_test

# `MAILBOT_YEARS=200 make test-slow` plays more of them; each is some 50 events.
YEARS = int(os.environ.get("MAILBOT_YEARS", "8"))
STEPS = 45
SHORT_YEARS, SHORT_STEPS = 2, 20
CODES = ("1ANAC", "1BNAC", "1CNAC")


@dataclass
class Oracle:
    """What should be so, told from the approvals alone."""

    ids: dict[str, tuple[date | None, date | None]] = field(default_factory=dict)  # 利用者ID → (start, end)
    boxes: set[str] = field(default_factory=set)
    coming: list[tuple[date, str, str]] = field(default_factory=list)  # (day, what, which), in order
    ever: set[str] = field(default_factory=set)  # every ID and mailbox there ever was

    def live_on(self, day: date) -> None:
        """Let everything come true whose day has come."""
        due = [one for one in self.coming if one[0] <= day]
        self.coming = [one for one in self.coming if one[0] > day]
        for start, what, which in sorted(due, key=lambda one: one[0]):
            match what:
                case "+id":
                    self.ids[which] = (start, None)
                case "-id":
                    self.ids[which] = (self.ids[which][0], start)
                case "+box":
                    self.boxes.add(which)
                case "-box":
                    self.boxes.discard(which)


class WorkedYear(RuleBasedStateMachine):
    """The desk of one office through the year."""

    @initialize()
    def open(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.desk: DeskUnderTest = open_desk_under_test(Path(self.folder.name))
        # One person plays a whole office: the limit on answers to one address is not what is looked at here.
        patient = replace(
            self.desk.context.settings, answers_per_hour=100_000, answers_per_day=100_000, changes_per_day=100_000
        )
        self.desk.context = replace(self.desk.context, settings=patient)
        self.calendar: Calendar = self.desk.context.calendar
        self.taro: Person = self.desk.person("通関 太郎", "taro@naxtrade.example")
        self.ichiro: Person = self.desk.person("審査 一郎", "ichiro@desk.example")
        office = offices.office("NAC001")
        assert office is not None
        self.oracle = Oracle(
            {i.full: (i.start, i.end) for i in office.user_ids()},
            {m.id for m in office.mailboxes},
            ever={i.full for i in office.user_ids()} | {m.id for m in office.mailboxes},
        )
        self.receipts: list[str] = []
        self.content: dict[str, str] = {}  # receipt → what was asked for, as far as it can be the same twice

    def teardown(self) -> None:
        if hasattr(self, "desk"):
            self.desk.store.close()
            self.folder.cleanup()

    @property
    def today(self) -> date:
        return tokyo_date(self.desk.clock.now())

    def _sent(self, form: str) -> bool:
        """Send it; whether the same was open already."""
        wish = self.today + timedelta(days=14)
        content = f"{form}{wish}"
        twice = any(
            self.content.get(receipt) == content and self.desk.application(receipt).state in OPEN_STATES
            for receipt in self.receipts
        )
        outcome = self.taro.sends(f"{form}利用開始希望日：{wish:%Y%m%d}\n変更する理由：年間の変更\n", "申込")
        application = outcome.application
        assert application is not None, outcome.reason
        if application.receipt is not None and outcome.reason == "submitted":
            self.receipts.append(str(application.receipt))
            self.content[str(application.receipt)] = content
        return twice

    @rule(which=st.integers(0, 30))
    def abolish_an_id(self, which: int) -> None:
        known = sorted(self.oracle.ids)
        chosen = known[which % len(known)]
        before = len(self.receipts)
        self._sent(f"手続：利用者IDの廃止\n廃止する利用者ID：{chosen}\n")
        end = self.oracle.ids[chosen][1]
        free = end is None and not self._claimed(f"-{chosen}", before)
        assert (len(self.receipts) > before) is free

    def _claimed(self, subject: str, before: int) -> bool:
        """Whether an earlier application abolishes it and is neither over nor in effect."""
        for receipt in self.receipts[:before]:
            one = self.desk.application(receipt)
            waits = one.state in OPEN_STATES or (one.state is State.COMPLETED and not one.in_effect)
            procedure = self.desk.context.procedures[one.procedure]
            if waits and procedure.starts and subject in procedure.subjects(one.revision.filled):
                return True
        return False

    @rule(code=st.sampled_from(CODES), net=st.integers(0, 2), general=st.integers(0, 2))
    def add_ids(self, code: str, net: int, general: int) -> None:
        before = len(self.receipts)
        twice = self._sent(
            f"手続：利用者IDの廃止\n追加する利用者コード：{code}\n追加数（net）：{net}\n追加数（インタ）：{general}\n"
        )
        assert (len(self.receipts) > before) is (net + general > 0 and not twice)

    @rule(mail=st.integers(0, 2), which=st.integers(0, 5), abolish=st.booleans())
    def change_mailboxes(self, mail: int, which: int, abolish: bool) -> None:
        before = len(self.receipts)
        boxes = sorted(self.oracle.boxes)
        gone = boxes[which % len(boxes)] if abolish and boxes else ""
        twice = self._sent(
            f"手続：メールボックスの追加・廃止\nメールボックス数（SMTP/POP3）：{mail}\n廃止するメールボックスID：{gone}\n"
        )
        free = not gone or not self._claimed(f"-{gone}", before)
        assert (len(self.receipts) > before) is (free and (mail > 0 or bool(gone)) and not twice)

    @rule(which=st.integers(0, 30))
    def reset_a_password(self, which: int) -> None:
        known = sorted(self.oracle.ids)
        full = known[which % len(known)]
        outcome = self.taro.sends(
            f"手続：パスワード初期化\n利用者コード：{full[:5]}\n識別番号：{full[5:]}\n希望理由：失念\n", "申込"
        )
        if outcome.reason == "submitted" and outcome.application is not None:
            self.receipts.append(str(outcome.application.receipt))

    @precondition(lambda self: self.receipts)
    @rule(which=st.integers(0, 50), words=st.sampled_from(["承認", "確認依頼\n理由は？", "保留", "担当"]))
    def the_reviewer_answers(self, which: int, words: str) -> None:
        receipt = self.receipts[which % len(self.receipts)]
        requests = [m for m in self.ichiro.mails if m.kind == "review-request" and m.receipt == receipt]
        if not requests:
            return
        before = self.desk.application(receipt)
        day = self.today
        outcome = self.ichiro.replies(requests[-1], words, no_quote)
        after = self.desk.application(receipt)
        if words == "承認" and outcome.reason == "approved":
            self._approved(after, day)
        elif before.state not in OPEN_STATES:
            assert after == before

    def _approved(self, application: Application, day: date) -> None:
        done = effects.effects_of(application.id)
        start = application.start_date or day
        assert not application.start_date or self.calendar.is_open(application.start_date)
        for effect in done:
            if isinstance(effect, (AddUserId, AddMailbox)):
                assert password_id(effect) not in self.oracle.ever, "a number was given twice"
                self.oracle.ever.add(password_id(effect))
            match type(effect).__name__:
                case "AddUserId":
                    self.oracle.coming.append((start, "+id", password_id(effect)))
                case "AbolishUserId":
                    self.oracle.coming.append((start, "-id", effect.user_id))  # type: ignore[union-attr]
                case "AddMailbox":
                    self.oracle.coming.append((start, "+box", password_id(effect)))
                case "AbolishMailbox":
                    self.oracle.coming.append((start, "-box", effect.id))  # type: ignore[union-attr]
        issued = [of for effect in done if (of := password_id(effect))]
        assert [s.user_id for s in self.desk.context.vault.open(application.id, day)] == issued

    @precondition(lambda self: self.receipts)
    @rule(which=st.integers(0, 50), words=st.sampled_from(["取下げ", "修正\n備考：追記します"]))
    def the_applicant_replies(self, which: int, words: str) -> None:
        receipt = self.receipts[which % len(self.receipts)]
        before = self.desk.application(receipt)
        event = Event.WITHDRAW if words == "取下げ" else Event.CORRECT
        outcome = self.taro.sends(words, f"[{receipt}]")
        after = self.desk.application(receipt)
        expected = next_state(before.state, event)
        if expected is None:
            assert (after, outcome.reason) == (before, "not-possible")
        elif event is Event.WITHDRAW:
            assert after.state is State.WITHDRAWN
        elif outcome.reason == "corrected":
            self.content[receipt] = f"{self.content.get(receipt, '')}追記します"

    @rule(days=st.integers(0, 12), hour=st.sampled_from([0, 8, 9, 13, 23]), awake=st.booleans())
    def time_passes(self, days: int, hour: int, awake: bool) -> None:
        """With the desk awake all the while, or off until the end."""
        target = datetime.combine(self.today + timedelta(days=days), datetime.min.time(), TOKYO) + timedelta(hours=hour)
        while awake and tokyo_date(target) > self.today:
            self.desk.clock.advance(timedelta(days=1))
            self.desk.run_due_tasks()
        if target > self.desk.clock.now():
            self.desk.clock.advance(target - self.desk.clock.now())
        self.desk.run_due_tasks()
        assert self.desk.run_due_tasks() == 0, "what was due is done at once and once"
        self.oracle.live_on(self.today)

    @invariant()
    def the_contract_is_what_the_approvals_say(self) -> None:
        if not hasattr(self, "oracle"):
            return
        office = offices.office("NAC001")
        assert office is not None
        assert {i.full: (i.start, i.end) for i in office.user_ids()} == self.oracle.ids
        assert {m.id for m in office.mailboxes} == self.oracle.boxes

    @invariant()
    def every_history_is_a_walk_through_the_life_cycle(self) -> None:
        if not hasattr(self, "desk"):
            return
        for receipt in self.receipts:
            one = self.desk.application(receipt)
            state = State.DRAFT
            for step in one.steps:
                state = next_state(state, step.event) or pytest.fail(f"{receipt}: {step.event} in {state}")
                assert step.state is state
            assert state is one.state
            assert [s.at for s in one.steps] == sorted(s.at for s in one.steps)
            assert sum(s.event is Event.START for s in one.steps) == (1 if one.in_effect else 0)

    @invariant()
    def no_secret_outlives_its_period(self) -> None:
        if not hasattr(self, "desk"):
            return
        for one in application_store.listing(state=State.COMPLETED):
            period = one.view_period
            if period is not None and not period.contains(self.today):
                assert self.desk.context.vault.open(one.id, self.today) == []


def played(years: int, steps: int) -> settings:
    return settings(
        max_examples=years,
        stateful_step_count=steps,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.explicit, Phase.reuse, Phase.generate),  # a year takes seconds: a shorter one is not looked for
    )


class TestShortYear(WorkedYear.TestCase):  # type: ignore[name-defined,misc]
    """What `make test` plays."""

    settings = played(SHORT_YEARS, SHORT_STEPS)


@pytest.mark.slow
class TestWorkedYear(WorkedYear.TestCase):  # type: ignore[name-defined,misc]
    """What `make test-slow` plays."""

    settings = played(YEARS, STEPS)
