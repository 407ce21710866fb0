"""The tables of the control store. Migrations in `migrations/versions` make them; a test holds the two together."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, LargeBinary, MetaData, String, Table, Text

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

SITES = Table(
    "sites",
    METADATA,
    Column("name", String(64), primary_key=True),
    Column("salt", LargeBinary(32), nullable=False),  # keys the hashes of session and conversation ids
    Column("allowed_origins", Text, nullable=False),  # one a line; `*` is any
    Column("created_ms", BigInteger, nullable=False),
)

WRITE_KEYS = Table(
    "write_keys",
    METADATA,
    Column("key", String(128), primary_key=True),  # publishable: it stands in every page that embeds the widget
    Column("site", String(64), ForeignKey("sites.name", ondelete="CASCADE"), nullable=False),
    Column("label", String(200), nullable=False),
    Column("created_ms", BigInteger, nullable=False),
    Column("revoked_ms", BigInteger),
    Index(None, "site"),
)

# Alerting. Documents are JSON; who reads a table knows their types.

LEASES = Table(
    "leases",
    METADATA,
    Column("name", String(64), primary_key=True),
    Column("holder", String(64), nullable=False),
    Column("epoch", BigInteger, nullable=False),  # one more at each change of hands: who has an old one writes nothing
    Column("expires_ms", BigInteger, nullable=False),
)

ALERT_RULES = Table(
    "alert_rules",
    METADATA,
    Column("name", String(64), primary_key=True),
    Column("document", Text, nullable=False),  # the rule as it was given
    Column("updated_ms", BigInteger, nullable=False),
    Column("updated_by", String(200), nullable=False),
)

BASELINES = Table(
    "baselines",
    METADATA,
    Column("id", String(36), primary_key=True),
    Column("name", String(64), nullable=False),
    Column("site", String(64), nullable=False),
    Column("release", String(100), nullable=False),  # empty: all releases
    Column("captured_ms", BigInteger, nullable=False),
    Column("captured_by", String(200), nullable=False),
    Column("from_ms", BigInteger, nullable=False),
    Column("to_ms", BigInteger, nullable=False),
    Column("figures", Text, nullable=False),  # by metric: value, samples, sessions
    Index(None, "name", "site", "release", "captured_ms"),
)

ALERT_STATES = Table(
    "alert_states",
    METADATA,
    Column("rule", String(64), primary_key=True),
    Column("key", String(1_000), primary_key=True),  # the values of the rule's `by`, a JSON list
    Column("document", Text, nullable=False),
)
"""Those that are not inactive."""

RULE_TICKS = Table(
    "rule_ticks",
    METADATA,
    Column("rule", String(64), primary_key=True),
    Column("document", Text, nullable=False),
)
"""What the last evaluation of each rule found."""

INCIDENTS = Table(
    "incidents",
    METADATA,
    Column("id", String(36), primary_key=True),
    Column("fingerprint", String(64), nullable=False),
    Column("open_fingerprint", String(64), unique=True),  # NULL once it is resolved: one open incident a fingerprint
    Column("rule", String(64), nullable=False),
    Column("site", String(64), nullable=False),  # empty: about no single site
    Column("category", String(32), nullable=False),
    Column("severity", String(16), nullable=False),
    Column("status", String(16), nullable=False),  # open, acknowledged, resolved
    Column("revision", Integer, nullable=False),  # one more at each change
    Column("opened_ms", BigInteger, nullable=False),
    Column("updated_ms", BigInteger, nullable=False),
    Column("acknowledged_ms", BigInteger),
    Column("resolved_ms", BigInteger),
    Column("document", Text, nullable=False),  # all of it
    Index(None, "fingerprint"),
    Index(None, "opened_ms"),
    Index(None, "resolved_ms"),
)

INCIDENT_ENTRIES = Table(
    "incident_entries",
    METADATA,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("incident", String(36), ForeignKey("incidents.id", ondelete="CASCADE"), nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("document", Text, nullable=False),  # all of it: who, severity, figures, threshold, blast radius, words
    Index(None, "incident", "at_ms"),
)

SILENCES = Table(
    "silences",
    METADATA,
    Column("id", String(36), primary_key=True),
    Column("matchers", Text, nullable=False),
    Column("starts_ms", BigInteger, nullable=False),
    Column("ends_ms", BigInteger, nullable=False),
    Column("reason", Text, nullable=False),
    Column("author", String(200), nullable=False),
    Column("created_ms", BigInteger, nullable=False),
    Index(None, "ends_ms"),
)

NOTIFICATION_GROUPS = Table(
    "notification_groups",
    METADATA,
    Column("key", String(64), primary_key=True),  # hash of the route and the group's labels
    Column("document", Text, nullable=False),  # whom it tells, what they were told last, when the next is due
)

OUTBOX = Table(
    "outbox",
    METADATA,
    Column("id", String(36), primary_key=True),  # of a notification on one channel
    Column("notification", String(36), nullable=False),
    Column("receiver", String(64), nullable=False),
    Column("channel", String(100), nullable=False),  # which of the receiver's channels
    Column("thread", String(64), nullable=False),  # letters of one are delivered in the order they were made
    Column("status", String(16), nullable=False),  # waiting, delivered, dead
    Column("attempts", Integer, nullable=False),
    Column("created_ms", BigInteger, nullable=False),
    Column("due_ms", BigInteger, nullable=False),
    Column("failed_ms", BigInteger),
    Column("ended_ms", BigInteger),
    Column("error", Text, nullable=False),  # of the last attempt that failed
    Column("document", Text, nullable=False),  # the notification
    Index(None, "status", "receiver", "channel", "thread", "created_ms"),
    Index(None, "status", "ended_ms"),
    Index(None, "created_ms"),
)

NOTIFICATIONS = Table(
    "notifications",
    METADATA,
    Column("id", String(36), primary_key=True),
    Column("receiver", String(64), nullable=False),
    Column("created_ms", BigInteger, nullable=False),
    Column("document", Text, nullable=False),
    Index(None, "created_ms"),
)
"""What the channel `database` delivered."""

SAVED_VIEWS = Table(
    "saved_views",
    METADATA,
    Column("id", String(36), primary_key=True),
    Column("slug", String(64), nullable=False, unique=True),  # in its address; stays when it is renamed
    Column("name", String(100), nullable=False),
    Column("document", Text, nullable=False),  # all of it
    Column("revision", Integer, nullable=False),  # one more at each change
    Column("created_ms", BigInteger, nullable=False),
    Column("created_by", String(200), nullable=False),
    Column("updated_ms", BigInteger, nullable=False),
    Column("updated_by", String(200), nullable=False),
    Column("removed_ms", BigInteger),  # it can be put back until it is removed for good
)
"""Dashboards that people put together."""
