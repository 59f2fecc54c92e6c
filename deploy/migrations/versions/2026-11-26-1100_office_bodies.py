"""Let a body represent a tenant: the one that answers for a case when nobody else does."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0014"

_KINDS = (
    "'party_organization', 'residents_committee', 'property_company', 'owners_committee', 'department', 'partner', "
    "'volunteer_team'"
)


def upgrade() -> None:
    """Add the column, and offices as a kind of body; `jinlin migrate` then sees to it that every tenant has one."""
    op.execute("set local lock_timeout = '3s'")
    op.drop_constraint(op.f("ck_bodies_kind"), "bodies", type_="check")
    op.create_check_constraint(op.f("ck_bodies_kind"), "bodies", f"kind in ({_KINDS}, 'office')")
    op.add_column("bodies", sa.Column("represents_tenant_id", sa.Integer(), nullable=True))
    op.create_check_constraint(op.f("ck_bodies_represents"), "bodies", "represents_tenant_id = home_tenant_id")
    op.create_unique_constraint(op.f("uq_bodies_represents_tenant_id"), "bodies", ["represents_tenant_id"])
    op.create_foreign_key(op.f("fk_bodies_represents_tenant_id"), "bodies", "tenants", ["represents_tenant_id"], ["id"])


def downgrade() -> None:
    """Drop the column; offices are no longer a kind of body."""
    op.execute("set local lock_timeout = '3s'")
    op.drop_column("bodies", "represents_tenant_id")
    op.drop_constraint(op.f("ck_bodies_kind"), "bodies", type_="check")
    op.execute("delete from bodies where kind = 'office'")
    op.create_check_constraint(op.f("ck_bodies_kind"), "bodies", f"kind in ({_KINDS})")
