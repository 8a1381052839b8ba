"""A service and the mall in the words of schema.org, for search engines."""

from __future__ import annotations

from typing import Any

from mpp.core.models import Mall
from services.enums import Audience, FeeKind
from services.models import Service, ServiceStandard

CONTEXT = "https://schema.org"
LANGUAGE = "id"
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


def office(mall: Mall, address: str) -> dict[str, Any]:
    """Return the mall itself, for its first page."""
    organisation = {"@type": "GovernmentOrganization", "name": mall.manager_name}
    return {"@context": CONTEXT, **building(mall), "url": address, "parentOrganization": organisation}


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
