"""The tables, one module a noun. Import them from here, so that the metadata is always whole."""

from db.tables.audit import AuditEntry
from db.tables.campaigns import Campaign, CampaignStore, Image
from db.tables.chats import ChannelNote, Conversation, InboxEvent, OutboxMessage, StaffNotice, Wait
from db.tables.contacts import Contact, ContactAttribute, ContactName, ContactTag, Person, PersonMerge
from db.tables.counter import (
    ApiKey,
    ApiReply,
    Device,
    VerificationConflict,
    WebhookDelivery,
    WebhookEndpoint,
    WebhookFeed,
)
from db.tables.coupons import (
    Claim,
    Coupon,
    PageHit,
    Redemption,
    SendRefusal,
    UndoneRedemption,
    UndoneVerification,
    Verification,
    VerificationAttempt,
)
from db.tables.flows import Flow, FlowDraft, FlowTurn, FlowVersion
from db.tables.imports import BadRow, Import, ImportChunk
from db.tables.people import EndedSession, LoginLink, Mail, RecoveryCode
from db.tables.records import Record, RecordFeed, RecordGroup, RecordHour, RecordStore
from db.tables.serials import Pack, ReturnedSerial, Serial, StockLevel
from db.tables.shop import Store, User
from db.tables.timed_starts import TimedStart, TimedStartContact

__all__ = [
    "ApiKey",
    "ApiReply",
    "AuditEntry",
    "BadRow",
    "Campaign",
    "CampaignStore",
    "ChannelNote",
    "Claim",
    "Contact",
    "ContactAttribute",
    "ContactName",
    "ContactTag",
    "Conversation",
    "Coupon",
    "Device",
    "EndedSession",
    "Flow",
    "FlowDraft",
    "FlowTurn",
    "FlowVersion",
    "Image",
    "Import",
    "ImportChunk",
    "InboxEvent",
    "LoginLink",
    "Mail",
    "OutboxMessage",
    "Pack",
    "PageHit",
    "Person",
    "PersonMerge",
    "Record",
    "RecordFeed",
    "RecordGroup",
    "RecordHour",
    "RecordStore",
    "RecoveryCode",
    "Redemption",
    "ReturnedSerial",
    "SendRefusal",
    "Serial",
    "StaffNotice",
    "StockLevel",
    "Store",
    "TimedStart",
    "TimedStartContact",
    "UndoneRedemption",
    "UndoneVerification",
    "User",
    "Verification",
    "VerificationAttempt",
    "VerificationConflict",
    "Wait",
    "WebhookDelivery",
    "WebhookEndpoint",
    "WebhookFeed",
]
