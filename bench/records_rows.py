"""Fills PostgreSQL with a campaign of millions of coupons in all states, and with what was counted of them.

A tenth as many contacts. Of each hundred coupons 40 were never opened, 30 opened, 15 redeemed and 15 verified; two
channels, three flows and a person sent them over 30 days, in 20 stores they were verified. Among all of these are a few
that are hard to find: flow 4 sent RARE of the coupons, store 21 verified five.
"""

from sqlalchemy import create_engine, text

from bench import seed
from core import campaigns, clock
from db.database import Database

RARE = 20  # coupons of the flow that sent few, spread over all
SECONDS = 30 * seed.DAY
SENT = f"(:at - interval '{SECONDS} seconds' + n * (interval '{SECONDS} seconds' / :size))"
FLOW = f"CASE WHEN n % (:size / {RARE}) = 7 THEN 4 WHEN n % 5 < 3 THEN 1 + n % 5 END"
STORE = "CASE WHEN n <= :size / 20 AND n % (:size / 100) = 95 THEN 21 ELSE 1 + n % 20 END"
STATE = "n * 37 % 100"  # below 15 verified, below 30 redeemed, below 60 opened
IS_REDEEMED = 30
OPENED, REDEEMED, VERIFIED = f"{STATE} < 60", f"{STATE} < {IS_REDEEMED}", f"{STATE} < 15"

COUPONS = (
    "INSERT INTO stores (id, name) SELECT n, 'Store ' || n FROM generate_series(1, 21) AS n",
    "INSERT INTO flows (id, name, published_number) SELECT n, 'flow-' || n, 1 FROM generate_series(1, 4) AS n",
    (
        "INSERT INTO flow_versions (id, flow_id, number, source, document, pictures, published_at) "
        "SELECT n, n, 1, '', '{{}}', '{{}}', :at FROM generate_series(1, 4) AS n"
    ),
    "INSERT INTO persons (id, created_at) SELECT n, :at FROM {series} WHERE n <= :size / 10",
    (
        "INSERT INTO contacts (id, person_id, channel, account_id, name, picture_url, language, created_at) "
        "SELECT n, n, CASE WHEN n % 3 = 0 THEN 'messenger' ELSE 'line' END, 'U' || md5('contact ' || n), "
        "CASE WHEN n % 100 = 0 THEN 'Alex ' || n ELSE 'Mei' END, '', 'en', :at FROM {series} WHERE n <= :size / 10"
    ),
    (
        "INSERT INTO coupons (id, token, reference, campaign_id, contact_id, flow_version_id, sent_at, "  # noqa: S608
        "opened_at) "
        f"SELECT n, {{token}}, {{reference}}, 1, 1 + n % (:size / 10), {FLOW}, {SENT}, "
        f"CASE WHEN {OPENED} THEN {SENT} + interval '1 hour' END FROM {{series}}"
    ),
    "INSERT INTO packs (id, campaign_id, name, size, taken, created_at) VALUES (1, 1, 'bench', :size, :size, :at)",
    (
        "INSERT INTO serials (pack_id, position, campaign_id, code) "  # noqa: S608 (our own words, here and below)
        f"SELECT 1, n, 1, {{code}} FROM {{series}} WHERE {REDEEMED}"
    ),
    (
        "INSERT INTO redemptions (id, coupon_id, campaign_id, person_id, ordinal, redemption_limit, pack_id, "  # noqa: S608
        "position, redeemed_at) SELECT n, n, 1, 1 + n % (:size / 10), n, n, 1, n, "
        f"{SENT} + interval '2 hours' FROM {{series}} WHERE {REDEEMED}"
    ),
    (
        "INSERT INTO verifications (redemption_id, verified_at, recorded_at, via, store_id) "  # noqa: S608
        f"SELECT n, {SENT} + interval '3 hours', :at, 'pos', {STORE} FROM {{series}} WHERE {VERIFIED}"
    ),
    (
        "INSERT INTO send_refusals (campaign_id, campaign_slug, contact_id, reason, refused_at) "
        "SELECT 1, 'bench', 1 + n % (:size / 10), 'limit_reached', :at FROM {series} WHERE n % 10 = 0"
    ),
)
# As `core.records_counting` counts them; `flask doctor` says whether these are the same.
COUNTED = (
    (
        "INSERT INTO record_groups (campaign_id, channel, flow_id, sent, opened, redeemed, verified) "
        "SELECT 1, channel, flow_version_id, count(*), count(opened_at), count(redeemed_at), count(verified_at) "
        "FROM coupons JOIN contacts ON contacts.id = contact_id LEFT JOIN redemptions ON coupon_id = coupons.id "
        "LEFT JOIN verifications ON redemption_id = redemptions.id GROUP BY channel, flow_version_id"
    ),
    (
        "INSERT INTO records (coupon_id, group_id, stage, sent_at, opened_at, redeemed_at, verified_at, store_id) "
        "SELECT coupons.id, record_groups.id, CASE WHEN verified_at IS NOT NULL THEN 3 WHEN redeemed_at IS NOT NULL "
        "THEN 2 WHEN opened_at IS NOT NULL THEN 1 ELSE 0 END, sent_at, opened_at, redeemed_at, verified_at, store_id "
        "FROM coupons JOIN contacts ON contacts.id = contact_id JOIN record_groups ON record_groups.channel = "
        "contacts.channel AND record_groups.flow_id IS NOT DISTINCT FROM flow_version_id "
        "LEFT JOIN redemptions ON coupon_id = coupons.id LEFT JOIN verifications ON redemption_id = redemptions.id"
    ),
    *(
        "INSERT INTO record_hours (group_id, hour, kind, count) "  # noqa: S608 (our own words)
        f"SELECT group_id, date_trunc('hour', {kind}_at), '{kind}', count(*) "
        f"FROM records WHERE {kind}_at IS NOT NULL GROUP BY 1, 2"
        for kind in ("sent", "opened", "redeemed", "verified")
    ),
    (
        "INSERT INTO record_stores (campaign_id, hour, store_id, count) "
        "SELECT 1, date_trunc('hour', verified_at), coalesce(store_id, 0), count(*) "
        "FROM records WHERE verified_at IS NOT NULL GROUP BY 2, 3"
    ),
    (
        "UPDATE record_feeds SET seen = newest, goal = newest FROM (SELECT max(id) AS newest FROM coupons) AS all_of "
        "WHERE name IN ('coupons', 'redemptions')"
    ),
)


def fill(url: str, size: int) -> None:
    """Fill an empty, migrated database with `size` coupons and all that belongs to them."""
    spec = campaigns.Spec(
        slug=seed.CAMPAIGN, name="Bench", expires_from="redemption", expires_after_seconds=365 * seed.DAY
    )
    database = Database(url)
    with database.write() as session:
        campaigns.apply(session, spec, clock.now())
    database.dispose()
    seed.fill(url, COUPONS, size)
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in COUNTED:
            connection.execute(text(statement))
        for table in ("records", "record_groups", "record_hours", "record_stores"):
            connection.execute(text(f"VACUUM ANALYZE {table}"))
    engine.dispose()
