"""Keep boundaries of grids, whether a point lay outside them, and what became of imported tickets."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from deploy.migrations.walls import office_wall, tenant_wall

revision = "0038"
down_revision = "0037"

_PURPOSES = "'ROSTER', 'CASE'"


def upgrade() -> None:
    """Make the tables, the column and a purpose of files."""
    op.execute("set local lock_timeout = '3s'")
    _boundaries()
    _tickets()
    op.add_column(
        "case_details", sa.Column("is_outside_grids", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )
    _purposes(f"{_PURPOSES}, 'TICKETS'")


def downgrade() -> None:
    """Drop them; files of tickets go."""
    op.execute("set local lock_timeout = '3s'")
    op.execute("delete from files where purpose = 'TICKETS'")
    _purposes(_PURPOSES)
    op.drop_column("case_details", "is_outside_grids")
    op.drop_table("ticket_problems")
    op.drop_table("ticket_imports")
    op.drop_table("grid_boundaries")


def _purposes(purposes: str) -> None:
    op.drop_constraint(op.f("ck_files_purpose"), "files")
    op.create_check_constraint(op.f("ck_files_purpose"), "files", f"purpose in ({purposes})")


def _boundaries() -> None:
    name = "grid_boundaries"
    op.create_table(
        name,
        *_keys(name, "street_id", "district_id"),
        sa.Column("outline", postgresql.JSON(), nullable=False),
        *(sa.Column(side, sa.Double(), nullable=False) for side in ("west", "south", "east", "north")),
        sa.CheckConstraint("west < east and south < north", name=op.f(f"ck_{name}_box")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "id"], ["places.tenant_id", "places.id"], name=op.f(f"fk_{name}_tenant_id_id")
        ),
    )
    op.create_index("ix_grid_boundaries_street", name, ["street_id"], unique=False)
    op.create_index("ix_grid_boundaries_district", name, ["district_id"], unique=False)
    office_wall(name, gateway="select, insert, update")


def _tickets() -> None:
    name = "ticket_imports"
    op.create_table(
        name,
        *_keys(name),
        sa.Column("at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        *(sa.Column(text, sa.Text(), nullable=False) for text in ("system", "status")),
        *(
            sa.Column(count, sa.Integer(), nullable=False)
            for count in ("rows_read", "created_count", "known_count", "bad_row_count")
        ),
        sa.CheckConstraint("status in ('DONE', 'CHECKED', 'REFUSED')", name=op.f(f"ck_{name}_status")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f(f"fk_{name}_account_id")),
    )
    tenant_wall(name, gateway="select, insert")
    name = "ticket_problems"
    op.create_table(
        name,
        *_keys(name),
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("sheet", sa.Text(), nullable=False),
        sa.Column("row_number", sa.Integer(), nullable=False),
        *(
            sa.Column(text, sa.Text(), nullable=False)
            for text in ("column_letter", "header", "code", "value", "message_zh", "message_en")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "import_id"],
            ["ticket_imports.tenant_id", "ticket_imports.id"],
            name=op.f(f"fk_{name}_tenant_id_import_id"),
        ),
    )
    op.create_index("ix_ticket_problems_import", name, ["tenant_id", "import_id", "ordinal", "id"], unique=False)
    tenant_wall(name, gateway="select, insert")


def _keys(table: str, *offices: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("tenant_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        *(sa.Column(office, sa.Integer(), nullable=True) for office in offices),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f(f"fk_{table}_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f(f"pk_{table}")),
    ]
