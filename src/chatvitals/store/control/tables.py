"""The tables of the control store. Migrations in `migrations/versions` make them; a test holds the two together."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, LargeBinary, MetaData, String, Table, Text

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
