"""On what terms agencies are in the mall."""

from agreements.models.instruments import Instrument, InstrumentParty

__all__ = ["Instrument", "InstrumentParty"]
