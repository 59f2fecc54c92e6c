"""Let categories say more: working time, conditions, handler, evidence, other lists' codes, whether they are in use."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"

_TEXTS = (
    "basis",
    "filing_condition",
    "closing_condition",
    "default_handler_kind",
    "code_system",
    "external_code",
)
# What is in a group is sorted behind the group's own key. Until now groups held categories to file under alone.
_SORT_WITHIN = """
    update case_categories as child set sort_key = parent.sort_key || ' ' || child.sort_key
    from case_categories as parent
    where parent.tenant_id = child.tenant_id and parent.id = child.parent_id
"""
_SORT_ALONE = "update case_categories set sort_key = code"


def upgrade() -> None:
    """Add the columns; categories that there are keep their terms."""
    op.execute("set local lock_timeout = '3s'")
    for name in _TEXTS:
        op.add_column("case_categories", sa.Column(name, sa.Text(), nullable=True))
    for name, default in (("is_evidence_required", "false"), ("is_active", "true")):
        column: sa.Column[bool] = sa.Column(name, sa.Boolean(), server_default=sa.text(default), nullable=False)
        op.add_column("case_categories", column)
    _check_units("'WORKING_HOUR', 'WORKING_DAY', 'HOUR', 'DAY'")
    op.create_check_constraint(
        op.f("ck_case_categories_external_code"), "case_categories", "external_code is null or code_system is not null"
    )
    op.create_check_constraint(
        op.f("ck_case_categories_default_handler_kind"),
        "case_categories",
        "default_handler_kind ~ '^[a-z][a-z0-9_-]*$'",
    )
    connection = op.get_bind()
    count = connection.exec_driver_sql("select count(*) from case_categories where parent_id is not null").scalar()
    changed = connection.exec_driver_sql(_SORT_WITHIN).rowcount
    if changed != count:
        raise RuntimeError(f"{count} categories lie in groups, {changed} were sorted there")


def downgrade() -> None:
    """Forget what categories said beyond that; limits in working time become the calendar's."""
    op.execute("set local lock_timeout = '3s'")
    op.execute("update case_categories set limit_unit = 'HOUR' where limit_unit = 'WORKING_HOUR'")
    op.execute("update case_categories set limit_unit = 'DAY' where limit_unit = 'WORKING_DAY'")
    op.execute(_SORT_ALONE)
    _check_units("'HOUR', 'DAY'")
    for name in ("is_active", "is_evidence_required", *reversed(_TEXTS)):
        op.drop_column("case_categories", name)


def _check_units(units: str) -> None:
    op.drop_constraint(op.f("ck_case_categories_limit_unit"), "case_categories", type_="check")
    op.create_check_constraint(op.f("ck_case_categories_limit_unit"), "case_categories", f"limit_unit in ({units})")
