"""The room for campaigns, whole: importing this puts every page of it into the blueprint."""

from console.campaigns import doing, editing, listing, overview, picturing, previewing, wording
from console.campaigns.door import blueprint

blueprint.app_template_global("status_words")(wording.status_words)
blueprint.app_template_global("field_words")(wording.field_words)
blueprint.app_template_global("value_words")(wording.value_words)
blueprint.app_template_global("deed_words")(wording.deed_words)
blueprint.app_template_global("language_words")(wording.language_words)

__all__ = ["blueprint", "doing", "editing", "listing", "overview", "picturing", "previewing"]
