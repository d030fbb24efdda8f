"""A campaign's form between two requests: what was typed, what is wrong with it, what others did meanwhile."""

from dataclasses import dataclass, field, replace

from flask import render_template, request

from console.campaigns import entry, looks, picturing, previewing, wording
from console.campaigns.entry import Words
from console.fields import typed
from core import campaigns, images
from core.campaigns import LANGUAGES, ChangeRefused, Past, Spec, stores
from core.campaigns.history import together
from core.images import ImageError
from core.reasons import Reason
from db.tables import Campaign
from web.services import services
from web.words import language, say

SHOWN = ["picture" if name == "image_id" else name for name in entry.FIELDS]  # what a mistake can stand at


@dataclass
class Form:
    """The form as it is shown. `wrong` has sentences by field.

    `theirs` is what others saved where both changed a field: as the form has it, and in words.
    """

    words: Words
    revision: int = 0
    wrong: dict[str, str] = field(default_factory=dict)
    failure: str = ""
    meanwhile: tuple[Past, ...] = ()
    theirs: dict[str, tuple[str, str]] = field(default_factory=dict)

    @property
    def is_only_asked_for(self) -> bool:
        """Whether the button pressed only asks for the form again: back from a question, or to take a value."""
        return bool({"back", "take"} & set(request.form))


def sent() -> Form:
    """What the form has sent, with the value that a button proposed; a picture with it is stored."""
    form = Form(entry.of_form(request.form), request.form.get("revision", 0, type=int))
    name, _, value = typed("take").partition("=")
    if name in form.words:
        form.words[name] = value
    with services().database.write() as session:
        form.words["image_id"] = "" if "no_picture" in request.form else looks.kept_picture(session, form.words)
    file = request.files.get("picture")
    if file and file.filename:
        try:
            form.words["image_id"] = picturing.keep(file)
        except ImageError as error:
            form.wrong["picture"] = say(error.zh, error.en)
    return form


def read(form: Form, before: Spec) -> Spec:
    """What the form means; what is wrong is noted in it. The button says whether the campaign is to be published."""
    spec, wrong = entry.read(form.words, services().shop.timezone, before)
    form.wrong |= {name: one.of(language()) for name, one in wrong.items()}
    return replace(spec, is_published=True) if typed("act") == "publish" else spec


def refuse(form: Form, refused: ChangeRefused, now: Campaign | None) -> None:
    """Note in the form why nothing was stored; where another has saved meanwhile, take theirs in (`entry.merged`)."""
    form.failure = wording.refusal(refused)
    main = form.words["language"]
    told = [(one.field, one.of(language())) for one in refused.mistakes]
    told += [(one.field, one.of(language())) for one in refused.consequences]
    for name, sentence in told:
        form.wrong.setdefault(entry.field_of(name, main), sentence)
    if refused.reason is Reason.CAMPAIGN_EXISTS:
        form.wrong["slug"] = form.failure
    if refused.reason is Reason.CAMPAIGN_CHANGED_MEANWHILE and now:
        zone, theirs = services().shop.timezone, campaigns.spec_of(now)
        was = {one.field: one.before for one in together(refused.meanwhile)}
        form.words, both = entry.merged(form.words, replace(theirs, **was), theirs, zone)
        saved = entry.of_spec(theirs, zone)
        form.theirs = {name: (saved[name], wording.entered(name, saved)) for name in both}
        form.revision, form.meanwhile = now.revision, refused.meanwhile


def page(campaign: Campaign | None, form: Form) -> str:
    """The form's page; of a new campaign where there is none yet."""
    if form.wrong and not form.failure:
        form.failure = say("沒有儲存：下面標示的欄位還不對。", "Not saved: some fields below are not right yet.")
    with services().database.read() as session:
        told = looks.of_picture(session, form.words["image_id"])
        known = stores.names(session)
    return render_template(
        "console/campaigns/form.html",
        campaign=campaign,
        form=form,
        words=form.words,
        wrong=form.wrong,
        summary=[(name, form.wrong[name]) for name in SHOWN if name in form.wrong],
        languages=[form.words["language"], *(tag for tag in LANGUAGES if tag != form.words["language"])],
        weak=looks.weaknesses(form.words),
        told=told,
        stores=sorted({*known, *form.words["stores"].splitlines()}),
        faces=previewing.faces(),
        limits={"picture": images.MAX_BYTES, "side": looks.SIDE},
    )
