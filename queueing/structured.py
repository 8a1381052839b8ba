"""A service and the mall in the words of schema.org, for search engines."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import time
from typing import Any

from mpp.core.models import Mall
from services.enums import Audience, FeeKind
from services.models import OpeningHours, Service, ServiceStandard

CONTEXT = "https://schema.org"
LANGUAGE = "id"
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
PRICES = {FeeKind.FREE: 0}


def building(mall: Mall) -> dict[str, Any]:
    """Return the mall as the place where a service is given."""
    address = {
        "@type": "PostalAddress",
        "streetAddress": mall.address,
        "addressRegion": mall.region,
        "addressCountry": "ID",
    }
    return {"@type": "GovernmentOffice", "name": mall.name, "address": address} | (
        {"telephone": mall.phone} if mall.phone else {}
    )


def office(mall: Mall, address: str, week: Iterable[OpeningHours], picture: str = "") -> dict[str, Any]:
    """Return the mall itself, for its first page: with its ordinary week, and a picture when it has one."""
    data = {
        "@context": CONTEXT,
        **building(mall),
        "url": address,
        "parentOrganization": {"@type": "GovernmentOrganization", "name": mall.manager_name},
        "openingHoursSpecification": [_hours(row, *span) for row in week for span in _spans(row)],
    }
    return data | ({"image": picture} if picture else {})


def _spans(row: OpeningHours) -> list[tuple[time, time]]:
    """Return from when to when counters are open, the break left out."""
    if row.break_from is None or row.break_to is None:
        return [(row.opens_at, row.closes_at)]
    return [(row.opens_at, row.break_from), (row.break_to, row.closes_at)]


def _hours(row: OpeningHours, opens: time, closes: time) -> dict[str, str]:
    # Midnight as an end is the end of that day; schema.org writes it 23:59.
    end = "23:59" if closes == time(0) else f"{closes:%H:%M}"
    day = f"{CONTEXT}/{DAYS[row.weekday - 1]}"
    return {"@type": "OpeningHoursSpecification", "dayOfWeek": day, "opens": f"{opens:%H:%M}", "closes": end}


def government_service(
    service: Service, standard: ServiceStandard | None, mall: Mall, address: str
) -> dict[str, Any]:
    """Return the service: who gives it, where, to whom, at what price; nothing of any person."""
    channel: dict[str, Any] = {"@type": "ServiceChannel", "serviceLocation": building(mall)}
    if service.online_url:
        channel["serviceUrl"] = service.online_url
    data = {
        "@context": CONTEXT,
        "@type": "GovernmentService",
        "name": service.name,
        "description": service.summary,
        "url": address,
        "inLanguage": LANGUAGE,
        "provider": {"@type": "GovernmentOrganization", "name": service.agency.name},
        "areaServed": mall.region,
        "audience": {"@type": "Audience", "audienceType": str(Audience(service.audience).label)},
        "availableChannel": channel,
    }
    return data | (_promised(standard) if standard else {})


def _promised(standard: ServiceStandard) -> dict[str, Any]:
    price = PRICES.get(FeeKind(standard.fee_kind), standard.fee_amount)
    data: dict[str, Any] = {"serviceOutput": {"@type": "Thing", "name": standard.product}}
    if price is not None:
        data["offers"] = {"@type": "Offer", "price": price, "priceCurrency": "IDR"}
    return data
