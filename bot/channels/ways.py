"""What each channel allows of sending, for the outbox."""

from datetime import timedelta

from core.outbox import Way

WAYS = {
    # Up to 5 message objects a request; X-Line-Retry-Key makes a push repeatable; friends may be written to any time.
    "line": Way(batch_size=5, is_idempotent=True, window=None),
    # One message a request; no idempotency key; 24 hours from the person's last act (Meta's docs of 2026-05-05).
    "messenger": Way(batch_size=1, is_idempotent=False, window=timedelta(hours=24)),
}
