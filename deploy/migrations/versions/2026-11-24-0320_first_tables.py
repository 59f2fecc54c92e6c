"""Make the tables that everything hangs on: tenants, places, bodies, people, positions, and their walls."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from deploy.migrations.walls import install_entrance, office_wall, shared_wall, tenant_wall

revision = "0001"
down_revision = None


def _accounts() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("display_name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
        sa.UniqueConstraint("issuer", "subject", name=op.f("uq_accounts_issuer_subject")),
    )


def _divisions() -> None:
    op.create_table(
        "divisions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("system", sa.Text(collation="C"), nullable=False),
        sa.Column("code", sa.Text(collation="C"), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("parent_code", sa.Text(collation="C"), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_divisions")),
        sa.UniqueConstraint("system", "code", "valid_from", name=op.f("uq_divisions_system_code_valid_from")),
    )
    op.create_index("ix_divisions_parent", "divisions", ["system", "parent_code", "code"], unique=False)


def _tenants() -> None:
    op.create_table(
        "tenants",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.Text(collation="C"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("street_id", sa.Integer(), nullable=True),
        sa.Column("district_id", sa.Integer(), nullable=True),
        sa.Column("place_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("code_system", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), server_default=sa.text("'open'"), nullable=False),
        sa.Column("time_zone", sa.Text(), server_default=sa.text("'Asia/Shanghai'"), nullable=False),
        sa.Column("sort_key", sa.Text(collation="C"), nullable=False),
        sa.Column("grants_version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column(
            "opened_at",
            postgresql.TIMESTAMP(timezone=True, precision=3),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "kind <> 'district' or (parent_id is null and district_id = id)",
            name=op.f("ck_tenants_district_is_root"),
        ),
        sa.CheckConstraint("kind in ('district', 'street', 'community')", name=op.f("ck_tenants_kind")),
        sa.CheckConstraint("status in ('open', 'suspended', 'closed')", name=op.f("ck_tenants_status")),
        sa.ForeignKeyConstraint(["parent_id"], ["tenants.id"], name=op.f("fk_tenants_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tenants")),
        sa.UniqueConstraint("place_id", name=op.f("uq_tenants_place_id")),
        sa.UniqueConstraint("slug", name=op.f("uq_tenants_slug")),
        sa.UniqueConstraint("uid", name=op.f("uq_tenants_uid")),
    )
    op.create_index(
        "ix_tenants_district_id_sort_key", "tenants", ["district_id", "kind", "sort_key", "id"], unique=False
    )
    op.create_index(op.f("ix_tenants_parent_id"), "tenants", ["parent_id"], unique=False)
    op.create_index("ix_tenants_street_id_sort_key", "tenants", ["street_id", "kind", "sort_key", "id"], unique=False)


def _bodies() -> None:
    op.create_table(
        "bodies",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=True),
        sa.Column("credit_code", sa.Text(), nullable=True),
        sa.Column("home_tenant_id", sa.Integer(), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("place_id", sa.Uuid(), nullable=True),
        sa.Column("sort_key", sa.Text(collation="C"), nullable=False),
        sa.CheckConstraint(
            "kind in ('party_organization', 'residents_committee', 'property_company', 'owners_committee', "
            "'department', 'partner', 'volunteer_team')",
            name=op.f("ck_bodies_kind"),
        ),
        sa.ForeignKeyConstraint(["home_tenant_id"], ["tenants.id"], name=op.f("fk_bodies_home_tenant_id")),
        sa.ForeignKeyConstraint(["parent_id"], ["bodies.id"], name=op.f("fk_bodies_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bodies")),
    )
    op.create_index(
        "ix_bodies_home_tenant_id_kind", "bodies", ["home_tenant_id", "kind", "sort_key", "id"], unique=False
    )
    op.create_index(op.f("ix_bodies_parent_id"), "bodies", ["parent_id"], unique=False)
    op.create_index("ix_bodies_place", "bodies", ["home_tenant_id", "place_id"], unique=False)


def _memberships() -> None:
    op.create_table(
        "memberships",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("position_id", sa.Uuid(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_memberships_account_id")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_memberships_tenant_id")),
        sa.PrimaryKeyConstraint("account_id", "tenant_id", "position_id", name=op.f("pk_memberships")),
    )


def _people() -> None:
    op.create_table(
        "people",
        sa.Column("tenant_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("name_masked", sa.Text(), nullable=False),
        sa.Column("name_index", sa.LargeBinary(), nullable=False),
        sa.Column("phone_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("phone_masked", sa.Text(), nullable=True),
        sa.Column("phone_index", sa.LargeBinary(), nullable=True),
        sa.Column("identity_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("identity_masked", sa.Text(), nullable=True),
        sa.Column("identity_index", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_people_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_people")),
    )
    op.create_index("ix_people_identity", "people", ["tenant_id", "identity_index"], unique=False)
    op.create_index("ix_people_name", "people", ["tenant_id", "name_index"], unique=False)
    op.create_index("ix_people_phone", "people", ["tenant_id", "phone_index"], unique=False)


def _places() -> None:
    op.create_table(
        "places",
        sa.Column("tenant_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("street_id", sa.Integer(), nullable=True),
        sa.Column("district_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("grid_id", sa.Uuid(), nullable=True),
        sa.Column("estate_id", sa.Uuid(), nullable=True),
        sa.Column("building_id", sa.Uuid(), nullable=True),
        sa.Column("unit_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("sort_key", sa.Text(collation="C"), nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("grid_kind", sa.Text(), nullable=True),
        sa.Column("site_kind", sa.Text(), nullable=True),
        sa.Column("floor_count", sa.Integer(), nullable=True),
        sa.Column("room_number", sa.Text(), nullable=True),
        sa.Column("floor_area", sa.Numeric(precision=10, scale=2), nullable=True),
        sa.Column("inside_area", sa.Numeric(precision=10, scale=2), nullable=True),
        sa.Column("tenure", sa.Text(), nullable=True),
        sa.CheckConstraint("grid_kind in ('BASIC', 'DEDICATED')", name=op.f("ck_places_grid_kind")),
        sa.CheckConstraint("kind <> 'building' or grid_id is not null", name=op.f("ck_places_building_grid")),
        sa.CheckConstraint(
            "kind <> 'dwelling' or (unit_id is not null and building_id is not null and grid_id is not null)",
            name=op.f("ck_places_dwelling_parents"),
        ),
        sa.CheckConstraint(
            "kind <> 'unit' or (building_id is not null and grid_id is not null)",
            name=op.f("ck_places_unit_parents"),
        ),
        sa.CheckConstraint(
            "kind in ('district', 'street', 'community', 'grid', 'estate', 'site', 'building', 'unit', 'dwelling')",
            name=op.f("ck_places_kind"),
        ),
        sa.CheckConstraint(
            "tenure in ('COMMERCIAL', 'REFORMED', 'PUBLIC', 'SELF_BUILT', 'RESETTLEMENT', 'OTHER')",
            name=op.f("ck_places_tenure"),
        ),
        sa.CheckConstraint("floor_area > 0 and inside_area > 0", name=op.f("ck_places_areas")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "building_id"],
            ["places.tenant_id", "places.id"],
            name=op.f("fk_places_tenant_id_building_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "estate_id"],
            ["places.tenant_id", "places.id"],
            name=op.f("fk_places_tenant_id_estate_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "grid_id"],
            ["places.tenant_id", "places.id"],
            name=op.f("fk_places_tenant_id_grid_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "unit_id"],
            ["places.tenant_id", "places.id"],
            name=op.f("fk_places_tenant_id_unit_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_places_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_places")),
    )
    op.create_index(
        "ix_places_building", "places", ["tenant_id", "building_id", "kind", "sort_key", "id"], unique=False
    )
    op.create_index("ix_places_district", "places", ["district_id", "kind", "sort_key", "id"], unique=False)
    op.create_index("ix_places_estate", "places", ["tenant_id", "estate_id", "kind", "sort_key", "id"], unique=False)
    op.create_index("ix_places_grid", "places", ["tenant_id", "grid_id", "kind", "sort_key", "id"], unique=False)
    op.create_index("ix_places_kind", "places", ["tenant_id", "kind", "sort_key", "id"], unique=False)
    op.create_index("ix_places_street", "places", ["street_id", "kind", "sort_key", "id"], unique=False)
    op.create_index(
        "ix_places_unit",
        "places",
        ["tenant_id", "unit_id", "sort_key", "id"],
        unique=False,
        postgresql_where=sa.text("kind = 'dwelling'"),
    )


def _position_kinds() -> None:
    op.create_table(
        "position_kinds",
        sa.Column("tenant_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("street_id", sa.Integer(), nullable=True),
        sa.Column("district_id", sa.Integer(), nullable=True),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("grants_as", sa.Text(), nullable=False),
        sa.Column("duties", sa.Text(), nullable=True),
        sa.Column("place_kinds", sa.Text(), nullable=False),
        sa.Column("body_kinds", sa.Text(), nullable=False),
        sa.Column("board_rank", sa.Integer(), nullable=True),
        sa.Column("is_party_post", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_position_kinds_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_position_kinds")),
        sa.UniqueConstraint("tenant_id", "code", name=op.f("uq_position_kinds_tenant_id_code")),
    )


def _dwelling_holders() -> None:
    op.create_table(
        "dwelling_holders",
        sa.Column("tenant_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("dwelling_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("share", sa.Text(), nullable=True),
        sa.Column("ordinal", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.CheckConstraint("role in ('owner', 'renter')", name=op.f("ck_dwelling_holders_role")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "dwelling_id"],
            ["places.tenant_id", "places.id"],
            name=op.f("fk_dwelling_holders_tenant_id_dwelling_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "person_id"],
            ["people.tenant_id", "people.id"],
            name=op.f("fk_dwelling_holders_tenant_id_person_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_dwelling_holders_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_dwelling_holders")),
    )
    op.create_index(
        "ix_dwelling_holders_dwelling",
        "dwelling_holders",
        ["tenant_id", "dwelling_id", "role", "ordinal", "id"],
        unique=False,
    )
    op.create_index("ix_dwelling_holders_person", "dwelling_holders", ["tenant_id", "person_id"], unique=False)


def _grid_buildings() -> None:
    op.create_table(
        "grid_buildings",
        sa.Column("tenant_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("street_id", sa.Integer(), nullable=True),
        sa.Column("district_id", sa.Integer(), nullable=True),
        sa.Column("grid_id", sa.Uuid(), nullable=False),
        sa.Column("estate_id", sa.Uuid(), nullable=True),
        sa.Column("sort_key", sa.Text(collation="C"), nullable=False),
        sa.Column("unit_count", sa.Integer(), nullable=False),
        sa.Column("dwelling_count", sa.Integer(), nullable=False),
        sa.Column("household_count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "estate_id"],
            ["places.tenant_id", "places.id"],
            name=op.f("fk_grid_buildings_tenant_id_estate_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "grid_id"],
            ["places.tenant_id", "places.id"],
            name=op.f("fk_grid_buildings_tenant_id_grid_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "id"],
            ["places.tenant_id", "places.id"],
            name=op.f("fk_grid_buildings_tenant_id_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_grid_buildings_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", "grid_id", name=op.f("pk_grid_buildings")),
    )
    op.create_index("ix_grid_buildings_district", "grid_buildings", ["district_id"], unique=False)
    op.create_index("ix_grid_buildings_estate", "grid_buildings", ["tenant_id", "estate_id", "grid_id"], unique=False)
    op.create_index(
        "ix_grid_buildings_grid", "grid_buildings", ["tenant_id", "grid_id", "sort_key", "id"], unique=False
    )
    op.create_index("ix_grid_buildings_street", "grid_buildings", ["street_id"], unique=False)


def _grid_moves() -> None:
    op.create_table(
        "grid_moves",
        sa.Column("tenant_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("place_id", sa.Uuid(), nullable=False),
        sa.Column("from_grid_id", sa.Uuid(), nullable=False),
        sa.Column("to_grid_id", sa.Uuid(), nullable=False),
        sa.Column("moved_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "from_grid_id"],
            ["places.tenant_id", "places.id"],
            name=op.f("fk_grid_moves_tenant_id_from_grid_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "place_id"],
            ["places.tenant_id", "places.id"],
            name=op.f("fk_grid_moves_tenant_id_place_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "to_grid_id"],
            ["places.tenant_id", "places.id"],
            name=op.f("fk_grid_moves_tenant_id_to_grid_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_grid_moves_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_grid_moves")),
    )
    op.create_index("ix_grid_moves_place", "grid_moves", ["tenant_id", "place_id", "moved_at"], unique=False)


def _households() -> None:
    op.create_table(
        "households",
        sa.Column("tenant_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("dwelling_id", sa.Uuid(), nullable=False),
        sa.Column("head_id", sa.Uuid(), nullable=True),
        sa.Column("head_count", sa.Integer(), nullable=True),
        sa.Column("residence", sa.Text(), nullable=True),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("sort_key", sa.Text(collation="C"), server_default=sa.text("''"), nullable=False),
        sa.CheckConstraint(
            "residence in ('OWNER_OCCUPIED', 'RENTED', 'VACANT', 'OTHER')",
            name=op.f("ck_households_residence"),
        ),
        sa.CheckConstraint("head_count > 0", name=op.f("ck_households_head_count")),
        sa.CheckConstraint("until >= since", name=op.f("ck_households_dates")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "dwelling_id"],
            ["places.tenant_id", "places.id"],
            name=op.f("fk_households_tenant_id_dwelling_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "head_id"],
            ["people.tenant_id", "people.id"],
            name=op.f("fk_households_tenant_id_head_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_households_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_households")),
    )
    op.create_index(
        "ix_households_dwelling", "households", ["tenant_id", "dwelling_id", "sort_key", "id"], unique=False
    )
    op.create_index("ix_households_head", "households", ["tenant_id", "head_id"], unique=False)


def _positions() -> None:
    op.create_table(
        "positions",
        sa.Column("tenant_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("street_id", sa.Integer(), nullable=True),
        sa.Column("district_id", sa.Integer(), nullable=True),
        sa.Column("kind_code", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("body_id", sa.Uuid(), nullable=True),
        sa.Column("place_id", sa.Uuid(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("public_name", sa.Text(), nullable=False),
        sa.Column("duty_phone", sa.Text(), nullable=True),
        sa.Column("board_rank", sa.Integer(), server_default=sa.text("9999"), nullable=False),
        sa.CheckConstraint("until >= since", name=op.f("ck_positions_dates")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_positions_account_id")),
        sa.ForeignKeyConstraint(["body_id"], ["bodies.id"], name=op.f("fk_positions_body_id")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "kind_code"],
            ["position_kinds.tenant_id", "position_kinds.code"],
            name=op.f("fk_positions_tenant_id_kind_code"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "person_id"],
            ["people.tenant_id", "people.id"],
            name=op.f("fk_positions_tenant_id_person_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "place_id"],
            ["places.tenant_id", "places.id"],
            name=op.f("fk_positions_tenant_id_place_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_positions_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_positions")),
    )
    op.create_index("ix_positions_account", "positions", ["account_id", "tenant_id"], unique=False)
    op.create_index("ix_positions_board", "positions", ["tenant_id", "board_rank", "id"], unique=False)
    op.create_index(op.f("ix_positions_body_id"), "positions", ["body_id"], unique=False)
    op.create_index("ix_positions_person", "positions", ["tenant_id", "person_id"], unique=False)
    op.create_index("ix_positions_place", "positions", ["tenant_id", "place_id", "board_rank", "id"], unique=False)


def _property_contracts() -> None:
    op.create_table(
        "property_contracts",
        sa.Column("tenant_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("street_id", sa.Integer(), nullable=True),
        sa.Column("district_id", sa.Integer(), nullable=True),
        sa.Column("estate_id", sa.Uuid(), nullable=False),
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.Column("service", sa.Text(), nullable=True),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.CheckConstraint("until >= since", name=op.f("ck_property_contracts_dates")),
        sa.ForeignKeyConstraint(["body_id"], ["bodies.id"], name=op.f("fk_property_contracts_body_id")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "estate_id"],
            ["places.tenant_id", "places.id"],
            name=op.f("fk_property_contracts_tenant_id_estate_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_property_contracts_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_property_contracts")),
    )
    op.create_index("ix_property_contracts_body", "property_contracts", ["tenant_id", "body_id", "since"], unique=False)
    op.create_index(
        "ix_property_contracts_estate",
        "property_contracts",
        ["tenant_id", "estate_id", "since"],
        unique=False,
    )


def upgrade() -> None:
    """Make tables, then the function every transaction enters by, then the walls."""
    _accounts()
    _divisions()
    _tenants()
    _bodies()
    _memberships()
    _people()
    _places()
    _position_kinds()
    _dwelling_holders()
    _grid_buildings()
    _grid_moves()
    _households()
    _positions()
    _property_contracts()
    install_entrance()
    _raise_walls()


def _office_wall(table: str, *, gateway: str) -> None:
    # What a row says of the offices above is checked from revision 0012 on.
    office_wall(table, gateway=gateway, check="tenant_id = app.tenant()")


def _raise_walls() -> None:
    shared_wall("tenants", read="app.is_inside()", gateway="select")
    shared_wall("divisions", read="app.is_inside()", gateway="select")
    shared_wall(
        "bodies",
        read="app.is_inside()",
        write="home_tenant_id = app.tenant()",
        gateway="select, insert, update",
    )
    shared_wall("accounts", read="id = app.account()", gateway="select")
    shared_wall(
        "memberships",
        read="account_id = app.account() or tenant_id = app.tenant()",
        write="tenant_id = app.tenant()",
        gateway="select, insert, update",
    )
    _office_wall("places", gateway="select, insert, update")
    _office_wall("grid_buildings", gateway="select, insert, update, delete")
    tenant_wall("grid_moves", gateway="select, insert")
    tenant_wall("people", gateway="select, insert, update")
    tenant_wall("dwelling_holders", gateway="select, insert, update, delete")
    tenant_wall("households", gateway="select, insert, update")
    _office_wall("property_contracts", gateway="select, insert, update")
    _office_wall("position_kinds", gateway="select, insert, update")
    _office_wall("positions", gateway="select, insert, update")
