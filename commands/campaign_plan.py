"""What applying campaign files would do, as it is shown before it is done: read with them, changing nothing."""

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from commands import campaign_words as words
from commands.campaign_file import Entry
from commands.words import language, say
from core import campaigns, images
from core.campaigns import Consequence, Past, Spec


@dataclass(frozen=True)
class Step:
    """One campaign: what it was `before`, None where it is new; the revision seen; what the `console` did since."""

    spec: Spec
    before: Spec | None = None
    revision: int = 0
    consequences: tuple[Consequence, ...] = ()
    console: tuple[Past, ...] = ()

    @property
    def is_new(self) -> bool:
        """Whether there is no such campaign yet."""
        return self.before is None

    @property
    def is_change(self) -> bool:
        """Whether there is one, and the file has it otherwise."""
        return self.before is not None and self.before != self.spec


def made(session: Session, entry: Entry, now: datetime, *, over_console: bool) -> Step:
    """What one campaign of a file would come to."""
    picture = entry.picture
    image_id = (images.known(session, picture.content) or picture.drawn.id) if picture else None
    spec = replace(entry.spec, image_id=image_id)
    found = campaigns.by_slug(session, spec.slug)
    if found is None:
        return Step(spec)
    before = campaigns.spec_of(found)
    if before == spec:
        return Step(spec, before, found.revision)
    meaning = campaigns.consequences(before, spec, campaigns.standing(session, found, now))
    newer = () if over_console else tuple(campaigns.console_changes(session, found, entry.revision))
    return Step(spec, before, found.revision, tuple(meaning), newer)


def stored(session: Session, entry: Entry) -> Spec:
    """One campaign of a file, its picture stored: what was exported as it is, anything else as pictures are kept."""
    picture = entry.picture
    return replace(entry.spec, image_id=images.take(session, picture) if picture else None)


def told(step: Step, timezone: ZoneInfo) -> Iterator[str]:
    """The step in lines: which campaign, what differs, what that means for what is out."""
    if step.before is None:
        yield say(f"{step.spec.slug}：新活動", f"{step.spec.slug}: new")
        return
    if not step.is_change:
        yield say(f"{step.spec.slug}：沒有改變", f"{step.spec.slug}: unchanged")
        return
    yield say(f"{step.spec.slug}：有改變", f"{step.spec.slug}: differs")
    yield from differences(step.before, step.spec, timezone)
    for one in step.consequences:
        mark = say("不能改", "refused") if one.is_refused else say("影響", "means")
        yield f"  {mark}: {one.of(language())}"


def differences(before: Spec, after: Spec, timezone: ZoneInfo) -> Iterator[str]:
    """A line a field, in the file's words: as it is, and as it is to be; of longer texts the lines that differ."""
    old, new = words.written(before, timezone), words.written(after, timezone)
    for key in words.ORDER:
        was, becomes = old.get(key), new.get(key)
        if was == becomes:
            continue
        if key == words.KEYS["translations"]:
            yield from _translations(was or {}, becomes or {})
        elif key == "image":
            yield f"  {key}: {_shortened(was)} -> {_shortened(becomes)}"
        else:
            yield from _field(key, words.plain(was), words.plain(becomes))


def _translations(was: dict[str, dict[str, str]], becomes: dict[str, dict[str, str]]) -> Iterator[str]:
    for name in dict.fromkeys([*was, *becomes]):
        old, new = was.get(name, {}), becomes.get(name, {})
        for key in words.TRANSLATION_KEYS:
            if old.get(key) != new.get(key):
                yield from _field(f"{name}: {key}", words.plain(old.get(key)), words.plain(new.get(key)))


def _field(key: str, was: str, becomes: str) -> Iterator[str]:
    if "\n" not in was + becomes:
        yield f"  {key}: {was} -> {becomes}"
        return
    yield f"  {key}:"
    lines: Sequence[str] = list(difflib.ndiff(was.split("\n"), becomes.split("\n")))
    yield from (f"    {line}" for line in lines if line[0] in "+-")


def _shortened(image_id: str | None) -> str:
    return image_id[:12] if image_id else "-"


def refused(step: Step, file: str, timezone: ZoneInfo) -> Iterator[str]:
    """Why the step is not taken; nothing where it is."""
    slug = step.spec.slug
    if step.console:
        last = step.console[-1]
        at = last.at.astimezone(timezone).strftime("%Y-%m-%d %H:%M")
        yield say(
            f"{slug}：{last.by} 於 {at} 在後台改過（第 {last.revision} 版），這個檔案沒有。要把它加進檔案："
            f"flask campaigns export {slug} --to 資料夾；要用檔案蓋過：flask campaigns apply {file} --overwrite",
            f"{slug}: {last.by} changed it in the console on {at} (revision {last.revision}), and this file does not "
            f"have that. To bring it into a file: flask campaigns export {slug} --to FOLDER. To put the file in its "
            f"place: flask campaigns apply {file} --overwrite",
        )
    if any(one.is_refused for one in step.consequences):
        yield say(f"{slug}：上面標「不能改」的不能這樣改。", f"{slug}: what is marked as refused cannot be changed so.")
