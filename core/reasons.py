"""Every refusal and failure has a stable code here.

Codes are stored in rows and read by other programs: a code is never renamed, only added.
"""

from enum import StrEnum


class Reason(StrEnum):
    """Why something was refused or failed. The value is the stable code."""

    # A coupon cannot be sent, or cannot be redeemed.
    UNKNOWN_CAMPAIGN = "unknown_campaign"
    UNKNOWN_COUPON = "unknown_coupon"
    NOT_PUBLISHED = "not_published"
    NOT_STARTED = "not_started"
    ENDED = "ended"
    ARCHIVED = "archived"
    EXPIRED = "expired"
    LIMIT_REACHED = "limit_reached"
    SOLD_OUT = "sold_out"
    UNREACHABLE = "unreachable"
    UNKNOWN_PACK = "unknown_pack"

    # A campaign cannot be created, changed or archived.
    CAMPAIGN_HAS_MISTAKES = "campaign_has_mistakes"
    CAMPAIGN_EXISTS = "campaign_exists"
    CAMPAIGN_CHANGED_MEANWHILE = "campaign_changed_meanwhile"
    CAMPAIGN_CANNOT_CHANGE_SO = "campaign_cannot_change_so"
    CAMPAIGN_STILL_RUNS = "campaign_still_runs"

    # A serial cannot be imported.
    BARCODE_CANNOT_CARRY = "barcode_cannot_carry"
    BARCODE_TOO_WIDE = "barcode_too_wide"
    SERIAL_DUPLICATE = "serial_duplicate"
    SERIAL_EMPTY = "serial_empty"
    SERIAL_COLUMNS = "serial_columns"
    SERIAL_QUOTES = "serial_quotes"
    SERIAL_FORMULA = "serial_formula"

    # A file of serials cannot be read, or its import not go on.
    FILE_EMPTY = "file_empty"
    FILE_TOO_LARGE = "file_too_large"
    FILE_IS_SPREADSHEET = "file_is_spreadsheet"
    FILE_NOT_TEXT = "file_not_text"
    FILE_ENCODING = "file_encoding"
    FILE_LINE_TOO_LONG = "file_line_too_long"
    FILE_COLUMNS = "file_columns"
    UNKNOWN_IMPORT = "unknown_import"
    IMPORT_OVER = "import_over"
    IMPORT_CANCELLED = "import_cancelled"
    IMPORT_REPLACED = "import_replaced"
    IMPORT_BROKE = "import_broke"
    NO_GOOD_ROW = "no_good_row"

    # A pack cannot be made of one code, or of generated ones; or be given out.
    FIXED_LENGTH = "fixed_length"
    QUANTITY_OUT_OF_RANGE = "quantity_out_of_range"
    PATTERN_MALFORMED = "pattern_malformed"
    PATTERN_GUESSABLE = "pattern_guessable"
    LEVELS_MALFORMED = "levels_malformed"

    # A redeemed coupon cannot be verified.
    NOT_REDEEMED = "not_redeemed"
    ALREADY_VERIFIED = "already_verified"
    VERIFY_BUTTON_OFF = "verify_button_off"
    AMBIGUOUS = "ambiguous"
    NOT_YET_VALID = "not_yet_valid"
    OTHER_STORE_ONLY = "other_store_only"
    ONLINE_STORE_ONLY = "online_store_only"
    WITHDRAWN = "withdrawn"
    WRONG_SHOP = "wrong_shop"
    STORE_CLOSED = "store_closed"
    FIRST_PURCHASE_USED = "first_purchase_used"

    # Nothing can be sent to an endpoint of outgoing webhooks.
    WEBHOOK_NAME_MALFORMED = "webhook_name_malformed"
    WEBHOOK_KINDS_MISSING = "webhook_kinds_missing"
    WEBHOOK_URL_MALFORMED = "webhook_url_malformed"
    WEBHOOK_URL_NOT_HTTPS = "webhook_url_not_https"
    WEBHOOK_URL_INSIDE = "webhook_url_inside"

    # Something cannot be undone, or two persons cannot become one.
    NOT_VERIFIED = "not_verified"
    UNDO_TOO_LATE = "undo_too_late"
    REASON_MISSING = "reason_missing"
    SAME_PERSON = "same_person"

    # A message was not delivered.
    WINDOW_CLOSED = "window_closed"
    OUTCOME_UNKNOWN = "outcome_unknown"
    RETRIES_USED_UP = "retries_used_up"
    RATE_LIMITED = "rate_limited"
    TOO_MANY_AT_ONCE = "too_many_at_once"
    QUOTA_USED_UP = "quota_used_up"
    RECIPIENT_UNREACHABLE = "recipient_unreachable"
    MESSAGE_REFUSED = "message_refused"
    CHANNEL_CREDENTIALS = "channel_credentials"
    CHANNEL_UNAVAILABLE = "channel_unavailable"
    REPLY_TOKEN_REFUSED = "reply_token_refused"  # noqa: S105 (a code, not a secret)

    # A person's message or tag was not taken.
    MESSAGE_EMPTY = "message_empty"
    MESSAGE_TOO_LONG = "message_too_long"
    TAG_MALFORMED = "tag_malformed"

    # A conversation could not go on.
    FLOW_STEP_LIMIT = "flow_step_limit"
    FLOW_TEMPLATE = "flow_template"
    FLOW_BROKE = "flow_broke"
    FLOW_UNKNOWN = "flow_unknown"
    FLOW_UNREADABLE = "flow_unreadable"
    EVENT_UNREADABLE = "event_unreadable"

    # A flow did not begin at its time, for a contact or for nobody at all.
    START_MISSED = "start_missed"
    START_WITHDRAWN = "start_withdrawn"
    START_STOPPED = "start_stopped"
    TAKEN_OVER = "taken_over"

    # A start at a time cannot be stopped, or begin after all.
    START_OVER = "start_over"

    # A flow cannot be published, or its draft not be saved.
    FLOW_HAS_MISTAKES = "flow_has_mistakes"
    FLOW_TALKS_OTHERWISE = "flow_talks_otherwise"
    FLOW_CHANGED_IN_CONSOLE = "flow_changed_in_console"
    FLOW_CHANGED_MEANWHILE = "flow_changed_meanwhile"
    FLOW_OTHERS_CHANGED = "flow_others_changed"
    FLOW_DRAFT_CHANGED = "flow_draft_changed"

    # A person in the middle of a flow is not moved to its newest version.
    MOVE_STEP_GONE = "move_step_gone"
    MOVE_STEP_UNNAMED = "move_step_unnamed"
    MOVE_KIND_CHANGED = "move_kind_changed"
    MOVE_QUESTION_CHANGED = "move_question_changed"
    MOVE_WAIT_CHANGED = "move_wait_changed"
    MOVE_CALL_CHANGED = "move_call_changed"
    MOVE_VALUE_MISSING = "move_value_missing"

    # A user cannot be as asked, or somebody is not let in.
    USER_NAME_MALFORMED = "user_name_malformed"
    USER_NAME_TAKEN = "user_name_taken"
    EMAIL_MALFORMED = "email_malformed"
    EMAIL_TAKEN = "email_taken"
    STORE_MISSING = "store_missing"
    PASSWORD_TOO_SHORT = "password_too_short"  # noqa: S105 (a code, not a secret)
    PASSWORD_TOO_LONG = "password_too_long"  # noqa: S105 (as above)
    PASSWORD_WRONG = "password_wrong"  # noqa: S105 (as above)
    LAST_OWNER = "last_owner"
    LINK_OVER = "link_over"
    CODE_WRONG = "code_wrong"

    # A store, a device or a PIN cannot be as asked, or nobody is signed in with one.
    STORE_NAME_MALFORMED = "store_name_malformed"
    STORE_NAME_TAKEN = "store_name_taken"
    MINUTES_OUT_OF_RANGE = "minutes_out_of_range"
    DEVICE_NAME_MALFORMED = "device_name_malformed"
    BINDING_OVER = "binding_over"
    NOT_STAFF = "not_staff"
    PIN_MALFORMED = "pin_malformed"
    PIN_TRIVIAL = "pin_trivial"
    PIN_WRONG = "pin_wrong"
    PIN_WAIT = "pin_wait"

    # A mail to somebody who works here did not leave.
    MAIL_REFUSED = "mail_refused"
    MAIL_UNREACHABLE = "mail_unreachable"

    # A program that watches the shop is not let in.
    METRICS_TOKEN_WRONG = "metrics_token_wrong"  # noqa: S105 (a code, not a secret)

    # A POS machine is not let in, or its request is not taken.
    API_KEY_WRONG = "api_key_wrong"
    SCOPE_MISSING = "scope_missing"
    KEY_OF_ANOTHER_STORE = "key_of_another_store"
    UNKNOWN_STORE = "unknown_store"
    BODY_MALFORMED = "body_malformed"
    BODY_TOO_LARGE = "body_too_large"
    MEDIA_TYPE_WRONG = "media_type_wrong"
    FIELDS_WRONG = "fields_wrong"
    IDEMPOTENCY_KEY_MALFORMED = "idempotency_key_malformed"
    IDEMPOTENCY_KEY_REUSED = "idempotency_key_reused"
    IDEMPOTENCY_KEY_IN_USE = "idempotency_key_in_use"
    TOO_MANY_REQUESTS = "too_many_requests"
    NO_SUCH_ADDRESS = "no_such_address"
    METHOD_WRONG = "method_wrong"
    UNAVAILABLE = "unavailable"
    SERVER_BROKE = "server_broke"

    # A key of a POS machine cannot be as asked.
    KEY_NAME_MALFORMED = "key_name_malformed"
    KEY_WITHOUT_SCOPES = "key_without_scopes"
    KEY_REVOKED = "key_revoked"
