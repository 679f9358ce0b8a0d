"""The register over HTTP: sites, who supplies them, their land, people and papers."""

from fastapi import APIRouter

from api.registry import (
    brokers,
    certificates,
    groups,
    harvest,
    links,
    merges,
    organisations,
    plots,
    sites,
    supply_base,
    workforce,
)

ROUTERS: tuple[APIRouter, ...] = (
    sites.producers,
    sites.mills,
    sites.sites,
    supply_base.mills,
    links.supply_links,
    groups.groups,
    groups.memberships,
    groups.site_groups,
    merges.merges,
    plots.plots,
    plots.site_plots,
    certificates.certificates,
    workforce.profiles,
    workforce.site_workforce,
    brokers.brokers,
    brokers.engagements,
    brokers.site_brokers,
    harvest.calendars,
    harvest.site_season,
    organisations.organisations,
)
