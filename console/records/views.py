"""The room of records, whole: importing this puts every page of it into the blueprint."""

from console.records import exporting, listing, refused, showing, statistics, wording
from console.records.door import blueprint

blueprint.app_template_global("happening")(wording.happening)
blueprint.app_template_global("record_word")(wording.word)

__all__ = ["blueprint", "exporting", "listing", "refused", "showing", "statistics"]
