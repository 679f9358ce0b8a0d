"""The register in full: states, merges, plots, certificates, labour, groups, harvest."""

import unicodedata

import sqlalchemy as sa
from alembic import op

revision = "register"
down_revision = "sharing"
branch_labels = None
depends_on = None

NOT_UNDONE = sa.text("undone_at IS NULL")
SITE = sa.table(
    "site",
    sa.column("id", sa.Uuid()),
    sa.column("kept_id", sa.Uuid()),
    sa.column("name", sa.String()),
    sa.column("name_folded", sa.String()),
    sa.column("state", sa.String()),
    sa.column("source", sa.String()),
    sa.column("version", sa.Integer()),
)
LINK = sa.table(
    "supply_link", sa.column("source", sa.String()), sa.column("version", sa.Integer())
)


def upgrade() -> None:
    _widen_site()
    _widen_supply_link()
    _create_site_merge()
    _create_group_membership()
    _create_plot()
    _create_certificate()
    _create_workforce_profile()
    _create_brokers()
    _create_harvest_calendar()


def folded(name: str) -> str:
    """Fold a name as the release of this step did; later ones may do otherwise."""
    parts = unicodedata.normalize("NFKD", name)
    plain = "".join(part for part in parts if not unicodedata.combining(part))
    return " ".join(plain.casefold().split())


def _widen_site() -> None:
    with op.batch_alter_table("site") as batch:
        batch.add_column(sa.Column("operator_id", sa.Uuid(), nullable=True))
        batch.add_column(sa.Column("kept_id", sa.Uuid(), nullable=True))
        batch.add_column(sa.Column("name_folded", sa.String(length=800), nullable=True))
        batch.add_column(sa.Column("state", sa.String(length=10), nullable=True))
        batch.add_column(sa.Column("closed_on", sa.Date(), nullable=True))
        batch.add_column(
            sa.Column("closed_reason", sa.String(length=30), nullable=True)
        )
        batch.add_column(sa.Column("source", sa.String(length=12), nullable=True))
        batch.add_column(
            sa.Column("source_reference", sa.String(length=100), nullable=True)
        )
        batch.add_column(sa.Column("version", sa.Integer(), nullable=True))

    connection = op.get_bind()
    connection.execute(
        sa.update(SITE).values(
            kept_id=SITE.c.id, state="active", source="manual", version=1
        )
    )
    names = connection.execute(sa.select(SITE.c.id, SITE.c.name)).all()
    for site_id, name in names:
        connection.execute(
            sa.update(SITE).where(SITE.c.id == site_id).values(name_folded=folded(name))
        )

    with op.batch_alter_table("site") as batch:
        for name, kind in (
            ("kept_id", sa.Uuid()),
            ("name_folded", sa.String(length=800)),
            ("state", sa.String(length=10)),
            ("source", sa.String(length=12)),
            ("version", sa.Integer()),
        ):
            batch.alter_column(name, existing_type=kind, nullable=False)
        batch.create_foreign_key(
            batch.f("fk_site_operator_id_organisation"),
            "organisation",
            ["operator_id"],
            ["id"],
        )
        batch.create_foreign_key(
            batch.f("fk_site_kept_id_site"), "site", ["kept_id"], ["id"]
        )
        batch.create_check_constraint(
            batch.f("ck_site_state_known"), "state IN ('active', 'closed')"
        )
        batch.create_check_constraint(
            batch.f("ck_site_closed_whole"),
            "(state = 'closed') = (closed_on IS NOT NULL)"
            " AND (closed_on IS NULL) = (closed_reason IS NULL)",
        )
        batch.create_index(batch.f("ix_site_operator_id"), ["operator_id"])
        batch.create_index(batch.f("ix_site_kept_id"), ["kept_id"])
        batch.create_index(batch.f("ix_site_group_id"), ["group_id"])
        batch.create_index(
            "ix_site_owner_id_name_folded_id", ["owner_id", "name_folded", "id"]
        )


def _widen_supply_link() -> None:
    with op.batch_alter_table("supply_link") as batch:
        batch.add_column(sa.Column("from_group_id", sa.Uuid(), nullable=True))
        batch.add_column(sa.Column("source", sa.String(length=12), nullable=True))
        batch.add_column(
            sa.Column("source_reference", sa.String(length=100), nullable=True)
        )
        batch.add_column(sa.Column("version", sa.Integer(), nullable=True))

    op.get_bind().execute(sa.update(LINK).values(source="manual", version=1))

    with op.batch_alter_table("supply_link") as batch:
        batch.alter_column("from_site_id", existing_type=sa.Uuid(), nullable=True)
        batch.alter_column("source", existing_type=sa.String(length=12), nullable=False)
        batch.alter_column("version", existing_type=sa.Integer(), nullable=False)
        batch.create_foreign_key(
            batch.f("fk_supply_link_from_group_id_organisation"),
            "organisation",
            ["from_group_id"],
            ["id"],
        )
        batch.create_check_constraint(
            batch.f("ck_supply_link_one_giver"),
            "(from_site_id IS NULL) <> (from_group_id IS NULL)",
        )
        batch.create_check_constraint(
            batch.f("ck_supply_link_valid_in_order"), "valid_from <= valid_until"
        )
        batch.create_unique_constraint(
            batch.f("uq_supply_link_from_group_id_to_site_id_commodity_season"),
            ["from_group_id", "to_site_id", "commodity", "season"],
        )
        batch.create_index(batch.f("ix_supply_link_from_group_id"), ["from_group_id"])


def _came_in() -> list[sa.Column[str]]:
    return [
        sa.Column("source", sa.String(length=12), nullable=False),
        sa.Column("source_reference", sa.String(length=100), nullable=True),
    ]


def _owned(table: str) -> list[sa.Constraint]:
    return [
        sa.ForeignKeyConstraint(
            ["owner_id"],
            ["organisation.id"],
            name=op.f(f"fk_{table}_owner_id_organisation"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("public_id", name=op.f(f"uq_{table}_public_id")),
    ]


def _of_site(table: str, column: str = "site_id") -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], ["site.id"], name=op.f(f"fk_{table}_{column}_site")
    )


def _create_site_merge() -> None:
    op.create_table(
        "site_merge",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("kept_site_id", sa.Uuid(), nullable=False),
        sa.Column("gone_site_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(length=30), nullable=False),
        sa.Column("merged_by", sa.String(length=40), nullable=False),
        sa.Column("merged_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_by", sa.String(length=40), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "kept_site_id <> gone_site_id", name=op.f("ck_site_merge_two_sites")
        ),
        sa.CheckConstraint(
            "(undone_at IS NULL) = (undone_by IS NULL)",
            name=op.f("ck_site_merge_undone_whole"),
        ),
        _of_site("site_merge", "kept_site_id"),
        _of_site("site_merge", "gone_site_id"),
        *_owned("site_merge"),
    )
    op.create_index(op.f("ix_site_merge_owner_id"), "site_merge", ["owner_id"])
    op.create_index(op.f("ix_site_merge_kept_site_id"), "site_merge", ["kept_site_id"])
    op.create_index(
        "uq_site_merge_gone_site_id",
        "site_merge",
        ["gone_site_id"],
        unique=True,
        sqlite_where=NOT_UNDONE,
        postgresql_where=NOT_UNDONE,
    )


def _create_group_membership() -> None:
    op.create_table(
        "group_membership",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("season", sa.String(length=20), nullable=False),
        sa.Column("volume_share_basis_points", sa.Integer(), nullable=True),
        *_came_in(),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "volume_share_basis_points BETWEEN 0 AND 10000",
            name=op.f("ck_group_membership_volume_share"),
        ),
        sa.ForeignKeyConstraint(
            ["group_id"],
            ["organisation.id"],
            name=op.f("fk_group_membership_group_id_organisation"),
        ),
        _of_site("group_membership"),
        *_owned("group_membership"),
        sa.UniqueConstraint(
            "group_id",
            "site_id",
            "season",
            name=op.f("uq_group_membership_group_id_site_id_season"),
        ),
    )
    op.create_index(
        op.f("ix_group_membership_owner_id"), "group_membership", ["owner_id"]
    )
    op.create_index(
        op.f("ix_group_membership_site_id"), "group_membership", ["site_id"]
    )


def _create_plot() -> None:
    op.create_table(
        "plot",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("label", sa.String(length=100), nullable=True),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("original", sa.String(), nullable=False),
        sa.Column("geometry", sa.String(), nullable=False),
        sa.Column("geometry_sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("west", sa.Integer(), nullable=False),
        sa.Column("south", sa.Integer(), nullable=False),
        sa.Column("east", sa.Integer(), nullable=False),
        sa.Column("north", sa.Integer(), nullable=False),
        sa.Column("is_wide", sa.Boolean(), nullable=False),
        sa.Column("area_square_metres", sa.BigInteger(), nullable=True),
        sa.Column("declared_area_square_metres", sa.BigInteger(), nullable=True),
        *_came_in(),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "kind IN ('point', 'polygon', 'multipolygon')", name=op.f("ck_plot_kind")
        ),
        sa.CheckConstraint(
            "west BETWEEN -1800000000 AND 1800000000"
            " AND east BETWEEN west AND 1800000000",
            name=op.f("ck_plot_longitudes"),
        ),
        sa.CheckConstraint(
            "south BETWEEN -900000000 AND 900000000"
            " AND north BETWEEN south AND 900000000",
            name=op.f("ck_plot_latitudes"),
        ),
        sa.CheckConstraint(
            "(kind = 'point') = (area_square_metres IS NULL)",
            name=op.f("ck_plot_area_of_land"),
        ),
        _of_site("plot"),
        *_owned("plot"),
    )
    op.create_index(op.f("ix_plot_owner_id"), "plot", ["owner_id"])
    op.create_index(op.f("ix_plot_site_id"), "plot", ["site_id"])
    op.create_index(
        "ix_plot_owner_id_is_wide_west", "plot", ["owner_id", "is_wide", "west"]
    )


def _create_certificate() -> None:
    op.create_table(
        "certificate",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=True),
        sa.Column("group_id", sa.Uuid(), nullable=True),
        sa.Column("scheme", sa.String(length=30), nullable=False),
        sa.Column("number", sa.String(length=100), nullable=False),
        sa.Column("certifying_body", sa.String(length=200), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("status_since", sa.Date(), nullable=True),
        *_came_in(),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(site_id IS NULL) <> (group_id IS NULL)",
            name=op.f("ck_certificate_one_holder"),
        ),
        sa.CheckConstraint(
            "valid_from <= valid_until", name=op.f("ck_certificate_valid_in_order")
        ),
        sa.CheckConstraint(
            "status IN ('active', 'suspended', 'withdrawn')",
            name=op.f("ck_certificate_status_known"),
        ),
        sa.CheckConstraint(
            "(status = 'active') = (status_since IS NULL)",
            name=op.f("ck_certificate_status_has_a_day"),
        ),
        sa.ForeignKeyConstraint(
            ["group_id"],
            ["organisation.id"],
            name=op.f("fk_certificate_group_id_organisation"),
        ),
        _of_site("certificate"),
        *_owned("certificate"),
        sa.UniqueConstraint(
            "site_id",
            "scheme",
            "number",
            "valid_from",
            name=op.f("uq_certificate_site_id_scheme_number_valid_from"),
        ),
        sa.UniqueConstraint(
            "group_id",
            "scheme",
            "number",
            "valid_from",
            name=op.f("uq_certificate_group_id_scheme_number_valid_from"),
        ),
    )
    op.create_index("ix_certificate_owner_id_id", "certificate", ["owner_id", "id"])


CATEGORIES = ("permanent", "temporary", "migrant", "piece_rate", "family_help")


def _create_workforce_profile() -> None:
    op.create_table(
        "workforce_profile",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("season", sa.String(length=20), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        *(
            sa.Column(f"{category}{of}", sa.Integer(), nullable=True)
            for category in CATEGORIES
            for of in ("", "_women", "_men")
        ),
        *_came_in(),
        sa.Column("stated_by", sa.String(length=40), nullable=False),
        sa.Column("stated_at", sa.DateTime(timezone=True), nullable=False),
        *(
            sa.CheckConstraint(
                f"{category} >= coalesce({category}_women, 0)"
                f" + coalesce({category}_men, 0)"
                f" AND {category}_women >= 0 AND {category}_men >= 0",
                name=op.f(f"ck_workforce_profile_{category}"),
            )
            for category in CATEGORIES
        ),
        sa.CheckConstraint(
            "migrant <= permanent + temporary",
            name=op.f("ck_workforce_profile_migrants_are_hired"),
        ),
        sa.CheckConstraint(
            "piece_rate <= permanent + temporary",
            name=op.f("ck_workforce_profile_piece_workers_are_hired"),
        ),
        _of_site("workforce_profile"),
        *_owned("workforce_profile"),
        sa.UniqueConstraint(
            "site_id",
            "season",
            "revision",
            name=op.f("uq_workforce_profile_site_id_season_revision"),
        ),
    )
    op.create_index(
        op.f("ix_workforce_profile_owner_id"), "workforce_profile", ["owner_id"]
    )


def _create_brokers() -> None:
    op.create_table(
        "broker",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("name_folded", sa.String(length=800), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("licence_number", sa.String(length=100), nullable=True),
        sa.Column("licence_valid_from", sa.Date(), nullable=True),
        sa.Column("licence_valid_until", sa.Date(), nullable=True),
        *_came_in(),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('broker', 'crew_leader')", name=op.f("ck_broker_kind_known")
        ),
        sa.CheckConstraint(
            "licence_valid_from <= licence_valid_until",
            name=op.f("ck_broker_licence_in_order"),
        ),
        sa.CheckConstraint(
            "licence_number IS NOT NULL OR"
            " (licence_valid_from IS NULL AND licence_valid_until IS NULL)",
            name=op.f("ck_broker_licence_whole"),
        ),
        *_owned("broker"),
        sa.UniqueConstraint(
            "owner_id",
            "country",
            "licence_number",
            name=op.f("uq_broker_owner_id_country_licence_number"),
        ),
    )
    op.create_index("ix_broker_owner_id_id", "broker", ["owner_id", "id"])
    op.create_table(
        "engagement",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("broker_id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("season", sa.String(length=20), nullable=False),
        sa.Column("workers", sa.Integer(), nullable=True),
        sa.Column("engaged_from", sa.Date(), nullable=True),
        sa.Column("engaged_until", sa.Date(), nullable=True),
        *_came_in(),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("workers >= 0", name=op.f("ck_engagement_workers")),
        sa.CheckConstraint(
            "engaged_from <= engaged_until", name=op.f("ck_engagement_in_order")
        ),
        sa.ForeignKeyConstraint(
            ["broker_id"], ["broker.id"], name=op.f("fk_engagement_broker_id_broker")
        ),
        _of_site("engagement"),
        *_owned("engagement"),
        sa.UniqueConstraint(
            "broker_id",
            "site_id",
            "season",
            name=op.f("uq_engagement_broker_id_site_id_season"),
        ),
    )
    op.create_index(op.f("ix_engagement_owner_id"), "engagement", ["owner_id"])
    op.create_index(op.f("ix_engagement_site_id"), "engagement", ["site_id"])


def _create_harvest_calendar() -> None:
    op.create_table(
        "harvest_calendar",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("admin1", sa.String(length=100), nullable=False),
        sa.Column("admin1_folded", sa.String(length=400), nullable=False),
        sa.Column("municipality", sa.String(length=100), nullable=False),
        sa.Column("municipality_folded", sa.String(length=400), nullable=False),
        sa.Column("commodity", sa.String(length=20), nullable=False),
        sa.Column("months", sa.String(length=12), nullable=False),
        sa.Column("stated_by", sa.String(length=200), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "length(months) = 12", name=op.f("ck_harvest_calendar_whole_year")
        ),
        sa.CheckConstraint(
            "municipality_folded = '' OR admin1_folded <> ''",
            name=op.f("ck_harvest_calendar_place_in_region"),
        ),
        *_owned("harvest_calendar"),
        sa.UniqueConstraint(
            "owner_id",
            "country",
            "admin1_folded",
            "municipality_folded",
            "commodity",
            name=op.f("uq_harvest_calendar_place"),
        ),
    )
    op.create_index(
        op.f("ix_harvest_calendar_owner_id"), "harvest_calendar", ["owner_id"]
    )


def downgrade() -> None:
    """Take the tables back; merges, and groups that deliver, are lost with them."""
    for table in (
        "harvest_calendar",
        "engagement",
        "broker",
        "workforce_profile",
        "certificate",
        "plot",
        "group_membership",
        "site_merge",
    ):
        op.drop_table(table)
    op.execute("DELETE FROM supply_link WHERE from_site_id IS NULL")
    with op.batch_alter_table("supply_link") as batch:
        batch.drop_index(batch.f("ix_supply_link_from_group_id"))
        batch.drop_constraint(
            batch.f("uq_supply_link_from_group_id_to_site_id_commodity_season"),
            type_="unique",
        )
        batch.drop_constraint(batch.f("ck_supply_link_one_giver"), type_="check")
        batch.drop_constraint(batch.f("ck_supply_link_valid_in_order"), type_="check")
        batch.drop_constraint(
            batch.f("fk_supply_link_from_group_id_organisation"), type_="foreignkey"
        )
        batch.alter_column("from_site_id", existing_type=sa.Uuid(), nullable=False)
        for name in ("from_group_id", "source", "source_reference", "version"):
            batch.drop_column(name)
    with op.batch_alter_table("site") as batch:
        for index in ("operator_id", "kept_id", "group_id"):
            batch.drop_index(batch.f(f"ix_site_{index}"))
        batch.drop_index("ix_site_owner_id_name_folded_id")
        batch.drop_constraint(batch.f("ck_site_closed_whole"), type_="check")
        batch.drop_constraint(batch.f("ck_site_state_known"), type_="check")
        batch.drop_constraint(batch.f("fk_site_kept_id_site"), type_="foreignkey")
        batch.drop_constraint(
            batch.f("fk_site_operator_id_organisation"), type_="foreignkey"
        )
        for name in (
            "operator_id",
            "kept_id",
            "name_folded",
            "state",
            "closed_on",
            "closed_reason",
            "source",
            "source_reference",
            "version",
        ):
            batch.drop_column(name)
