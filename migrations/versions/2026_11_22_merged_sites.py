"""Who operates a site, or is shown it, sees the records that were merged into it too.

A policy on a table cannot look into that table, so the operator of the kept row is told
by a function, which looks as system work does and tells one id of one row.
"""

from alembic import op

from migrations.row_level_security import NOW, ORGANISATION, SYSTEM, exists, owned_by

revision = "merged_sites"
down_revision = "evidence"
branch_labels = None
depends_on = None

# Not safe in parallel, because it changes a setting and puts it back.
FUNCTION = """
CREATE FUNCTION operator_of_site(wanted uuid) RETURNS uuid
LANGUAGE plpgsql STABLE PARALLEL UNSAFE AS $$
DECLARE
    before text := coalesce(current_setting('app.system', true), '');
    operator uuid;
BEGIN
    PERFORM set_config('app.system', 'yes', true);
    SELECT operator_id INTO operator FROM site WHERE id = wanted;
    PERFORM set_config('app.system', before, true);
    RETURN operator;
END
$$
"""
# For system work never asked, or the function would ask for itself without end.
OF_KEPT = (
    f"CASE WHEN {SYSTEM} OR site.kept_id = site.id THEN false"
    f" ELSE operator_of_site(site.kept_id) = {ORGANISATION} END"
)
PERSONAL = "'tax_number', 'national_coffee_register', 'own_number'"
OWN = owned_by("owner_id")
FROM_CONSENT = (
    f" consent.grantee_id = {ORGANISATION} AND consent.revoked_at IS NULL"
    f" AND consent.valid_from <= {NOW} AND consent.valid_until > {NOW}"
)


def shared(site: str, *subjects: str) -> str:
    """Return the clause of what a consent in force shows of a site."""
    wanted = ", ".join(f"'{subject}'" for subject in subjects)
    return exists(
        f"consent WHERE consent.site_id = {site}"
        f" AND consent.subject IN ({wanted}) AND {FROM_CONSENT}"
    )


def operated(table: str, *, merged: bool) -> str:
    """Return the clause of what belongs to a site that the organisation operates."""
    operates = f"site.operator_id = {ORGANISATION}"
    if merged:
        operates = f"({operates} OR {OF_KEPT})"
    return exists(f"site WHERE site.id = {table}.site_id AND {operates}")


def clauses(*, merged: bool) -> dict[tuple[str, str], str]:
    """Return the clause of each policy that changes, with or without merged records."""
    seen_site = (
        f"{owned_by('owner_id', 'operator_id')}"
        f" OR {shared('site.id', 'risk', 'scorecard')}"
    )
    seen_card = (
        f"{OWN} OR {operated('scorecard', merged=merged)}"
        f" OR {shared('scorecard.site_id', 'scorecard')}"
    )
    if merged:
        seen_site += f" OR {shared('site.kept_id', 'risk', 'scorecard')} OR {OF_KEPT}"
        seen_card += " OR " + exists(
            "site JOIN consent ON consent.site_id = site.kept_id"
            " WHERE site.id = scorecard.site_id"
            f" AND consent.subject = 'scorecard' AND {FROM_CONSENT}"
        )
    of_site = exists("site WHERE site.id = site_identifier.site_id")
    finding = f"{OWN} OR {operated('finding', merged=merged)}"
    return {
        ("site", "seen"): seen_site,
        ("site_identifier", "seen"): (
            f"{OWN} OR {operated('site_identifier', merged=merged)}"
            f" OR (scheme NOT IN ({PERSONAL}) AND {of_site})"
        ),
        ("plot", "seen"): f"{OWN} OR {operated('plot', merged=merged)}",
        ("workforce_profile", "seen"): (
            f"{OWN} OR {operated('workforce_profile', merged=merged)}"
        ),
        ("finding", "seen"): finding,
        ("finding", "changed"): finding,
        ("scorecard", "seen"): seen_card,
    }


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(FUNCTION)
        _alter(merged=True)


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        _alter(merged=False)
        op.execute("DROP FUNCTION operator_of_site(uuid)")


def _alter(*, merged: bool) -> None:
    for (table, name), clause in clauses(merged=merged).items():
        check = f" WITH CHECK ({clause})" if name == "changed" else ""
        op.execute(f"ALTER POLICY {table}_{name} ON {table} USING ({clause}){check}")
