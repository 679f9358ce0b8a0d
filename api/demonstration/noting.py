"""The land, people, papers and groups of a season, each noted as a request would."""

from collections.abc import Mapping, Sequence

from sqlalchemy.orm import Session

from api.demonstration.details import STATED_BY, Details
from compliance.identity.scope import Scope
from compliance.registry.brokers.actions import engage, register_broker
from compliance.registry.certificates.actions import register_certificate
from compliance.registry.groups.actions import join_group
from compliance.registry.harvest.actions import state_calendar
from compliance.registry.harvest.queries import Place
from compliance.registry.plots.actions import register_plot
from compliance.registry.workforce.actions import state_workforce


def note_details(
    names: Mapping[str, str], session: Session, scope: Scope, season: Sequence[Details]
) -> None:
    """Note the details of every chain; `names` are the ids that tasks before gave."""
    for details in season:
        _note_place(session, scope, details)
        _note_sites(names, session, scope, details)
        _note_papers(names, session, scope, details)
        _note_brokers(names, session, scope, details)


def _note_place(session: Session, scope: Scope, details: Details) -> None:
    if details.months:
        state_calendar(
            session,
            scope,
            place=Place(details.country, details.chain.admin1),
            commodity=details.chain.commodity,
            months=details.months,
            stated_by=STATED_BY,
        )


def _note_sites(
    names: Mapping[str, str], session: Session, scope: Scope, details: Details
) -> None:
    for plot in details.plots:
        register_plot(
            session,
            scope,
            site=names[plot.site_key],
            geometry=plot.geometry,
            declared_area_square_metres=plot.square_metres,
        )
    for profile in details.profiles:
        state_workforce(
            session,
            scope,
            site=names[profile.site_key],
            season=details.season,
            workforce=profile.workforce,
        )
    for key in details.members:
        join_group(
            session,
            scope,
            group_id=names[details.chain.group],
            site=names[key],
            season=details.season,
        )


def _note_papers(
    names: Mapping[str, str], session: Session, scope: Scope, details: Details
) -> None:
    for paper in details.papers:
        register_certificate(
            session,
            scope,
            site=names[paper.site_key] if paper.site_key else None,
            group=names[paper.group] if paper.group else None,
            scheme=paper.scheme,
            number=paper.number,
            certifying_body=STATED_BY,
            valid_from=paper.valid_from,
            valid_until=paper.valid_until,
        )


def _note_brokers(
    names: Mapping[str, str], session: Session, scope: Scope, details: Details
) -> None:
    for one in details.brokers:
        broker = register_broker(
            session, scope, kind=one.kind, name=one.name, country=one.country
        )
        for key in one.site_keys:
            engage(
                session,
                scope,
                broker=broker.public_id,
                site=names[key],
                season=details.season,
            )
