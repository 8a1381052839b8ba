"""Who is in the mall: agencies, places, people, and the devices of the hall."""

from tenants.models.devices import Device, DeviceState
from tenants.models.mall import (
    Agency,
    AgencyName,
    ApiToken,
    Counter,
    CounterDuty,
    DeskPin,
    Placement,
    SignInAttempt,
    Training,
    User,
    Zone,
    code_validator,
)

__all__ = [
    "Agency",
    "AgencyName",
    "ApiToken",
    "Counter",
    "CounterDuty",
    "DeskPin",
    "Device",
    "DeviceState",
    "Placement",
    "SignInAttempt",
    "Training",
    "User",
    "Zone",
    "code_validator",
]
