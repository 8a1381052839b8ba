"""The day: lines, numbers, what happened to them, who sits at which counter, and booked times."""

from queueing.models.bookings import Booking, ClosedTime, EarlierWish, Slot, SlotReturn
from queueing.models.floor import (
    Advice,
    AlertRule,
    Announcement,
    CounterMove,
    ExtraQuota,
    HelpCall,
    OfficerRequest,
)
from queueing.models.lines import NumberBlock, Queue, QueueDay, QueueService, WaitingBlock
from queueing.models.pool import NumberWish, PlaceReturn, QueueWave, Share
from queueing.models.rules import CounterLine, HallRules, PriorityClass
from queueing.models.screens import Medium, PlaylistItem, Screen, ScreenSource
from queueing.models.sessions import CounterPause, CounterSession, DeskScreen
from queueing.models.tickets import Performed, Ticket, TicketEvent, ToldLine, Visit
from queueing.models.voice import QuietHours, VoiceClip, ZoneVoice

__all__ = [
    "Advice",
    "AlertRule",
    "Announcement",
    "Booking",
    "ClosedTime",
    "CounterLine",
    "CounterMove",
    "CounterPause",
    "CounterSession",
    "DeskScreen",
    "EarlierWish",
    "ExtraQuota",
    "HallRules",
    "HelpCall",
    "Medium",
    "NumberBlock",
    "NumberWish",
    "OfficerRequest",
    "Performed",
    "PlaceReturn",
    "PlaylistItem",
    "PriorityClass",
    "Queue",
    "QueueDay",
    "QueueService",
    "QueueWave",
    "QuietHours",
    "Screen",
    "ScreenSource",
    "Share",
    "Slot",
    "SlotReturn",
    "Ticket",
    "TicketEvent",
    "ToldLine",
    "Visit",
    "VoiceClip",
    "WaitingBlock",
    "ZoneVoice",
]
