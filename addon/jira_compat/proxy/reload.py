"""Policies are what their files say: on change, on SIGHUP, on command. Never half of a set, never a bad one."""

import asyncio
import logging
from collections.abc import Iterable
from typing import Protocol

from jira_compat.events import vocabulary
from jira_compat.policy.errors import PolicyError
from jira_compat.policy.index import PolicySet
from jira_compat.proxy.exchange.counters import Counts
from jira_compat.proxy.settings.options import Settings
from jira_compat.proxy.settings.policies import Files, compile_files, read_files

logger = logging.getLogger(__name__)

INTERVAL = 1.0
"""Seconds between two looks at the files."""
LOOKS = 30
"""Looks at files that keep changing, when an operator asks for them."""


class Ruled(Protocol):
    """The active settings and rules."""

    @property
    def settings(self) -> Settings:
        """The settings by which the rules were read."""

    @property
    def rules(self) -> PolicySet:
        """The rules."""


class Judge(Protocol):
    """Judges by the active policy: a proxy, or the process that has several."""

    counts: Counts

    @property
    def active(self) -> Ruled | None:
        """The active settings and rules."""

    def judge_by(self, settings: Settings, rules: PolicySet) -> None:
        """Judge by these from the next exchange on."""

    def write(self, event: vocabulary.Event) -> object:
        """Write an event, if events are written at all."""


class Reload:
    """Keeps the active policies equal to their files; a rejected set changes nothing.

    Files are compared by content, because neither their times nor their sizes tell of every change; what was
    compared is also what is compiled. Exchanges in flight keep the set that they began with.

    Args:
        judge: Activates sets, and writes events.
    """

    def __init__(self, judge: Judge) -> None:
        self._judge = judge
        self._judged: Files | None = None
        self._found: Files | None = None
        self._one_at_a_time = asyncio.Lock()

    def activate(self, settings: Settings, rules: PolicySet) -> None:
        """Judge by these from the next exchange on."""
        self._judge.judge_by(settings, rules)
        self._judge.write(vocabulary.loaded_event(rules.digest, len(rules.entries)))

    def read(self, settings: Settings) -> PolicySet:
        """The rules as the files have them now.

        Raises:
            PolicyError: They are rejected; an event says so if another set stays active.
        """
        files = read_files(settings)
        try:
            return self._compile(files, settings)
        except PolicyError as error:
            self._reject(error.lines)
            raise

    def take(self, rules: PolicySet) -> None:
        """Activate rules if they differ from the active ones."""
        active = self._judge.active
        self._judge.counts.is_current = True
        if active is None or active.rules.digest == rules.digest:
            return
        self._judge.counts.reloads["ok"] += 1
        self.activate(active.settings, rules)
        logger.info("jira-compat: policies reloaded, %d rules (%s)", len(rules.entries), rules.digest)

    async def again(self) -> None:
        """Read the files until two looks find the same, and activate them; log the outcome in any case."""
        await self._try_to_look(is_asked=True)

    async def watch(self) -> None:
        """Look at the files for ever.

        What has changed is taken once two looks in a row have found the same: a file half written, or a set of
        files half copied, is neither to be activated nor worth an error.
        """
        while True:
            await asyncio.sleep(INTERVAL)
            await self._try_to_look(is_asked=False)

    async def _try_to_look(self, *, is_asked: bool) -> None:
        try:
            await self._look(is_asked=is_asked)
        except Exception as error:  # noqa: BLE001 - such as no thread to be had; the next look may succeed
            logger.error("jira-compat: the policies could not be looked at (%s)", type(error).__name__)  # noqa: TRY400

    async def _look(self, *, is_asked: bool) -> None:
        """Files are read and compiled in a thread: traffic does not wait for that."""
        async with self._one_at_a_time:
            active = self._judge.active
            if active is None:
                return
            settings = active.settings
            files = await asyncio.to_thread(read_files, settings)
            is_settled, self._found = files == self._found, files
            if is_asked and not await self._settle(settings):
                logger.error("jira-compat: the policies keep changing; they are taken once they stay the same")
                return
            files = self._found
            if not is_asked and (files == self._judged or not is_settled):
                return
            try:
                rules = await asyncio.to_thread(self._compile, files, settings)
            except PolicyError as error:
                self._say_rejected(error.lines)
            else:
                if self._judge.active is active:  # else options were changed meanwhile, and files read with them
                    self.take(rules)
                    if is_asked and self._judge.active is active:  # the operator wants to know that the signal arrived
                        logger.info("jira-compat: policies unchanged, %d rules (%s)", len(rules.entries), rules.digest)

    async def _settle(self, settings: Settings) -> bool:
        """Look until two looks find the same; false if none do."""
        for _ in range(LOOKS):
            await asyncio.sleep(INTERVAL)
            files = await asyncio.to_thread(read_files, settings)
            is_settled, self._found = files == self._found, files
            if is_settled:
                return True
        return False

    def _compile(self, files: Files, settings: Settings) -> PolicySet:
        self._judged = files
        try:
            return compile_files(files, settings)
        except PolicyError:
            raise
        except Exception as error:
            what = f"the policies could not be read ({type(error).__name__}); take back what was changed in them last"
            raise PolicyError([what]) from error

    def _say_rejected(self, lines: Iterable[str]) -> None:
        self._reject(lines)
        logger.error("jira-compat: the policies are rejected; those before stay active")
        for line in lines:
            logger.error("jira-compat: %s", line)

    def _reject(self, lines: Iterable[str]) -> None:
        active = self._judge.active
        if active is None:
            return
        self._judge.counts.is_current = False
        self._judge.counts.reloads["rejected"] += 1
        self._judge.write(vocabulary.rejected_event(lines, active.rules.digest))
