"""Where providers call: receipts, and what people answer. Each proves first who it is."""

from __future__ import annotations

import functools
import hashlib
import hmac
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from mpp.core.errors import NotFound
from mpp.notifications import receipts
from mpp.notifications.enums import Delivery, Kind

FINE = "ok\n"
# What gateways call the stations of a message.
STATES: Mapping[str, Delivery] = {
    "delivered": Delivery.DELIVERED,
    "received": Delivery.DELIVERED,
    "read": Delivery.READ,
    "failed": Delivery.FAILED,
    "undelivered": Delivery.FAILED,
    "rejected": Delivery.FAILED,
    "invalid": Delivery.FAILED,
    "expired": Delivery.FAILED,
}


def _provider(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Open an address to a provider: without a session, and plain words back."""

    @csrf_exempt
    @login_not_required
    @functools.wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response["Content-Type"] = "text/plain; charset=utf-8"
        response["Cache-Control"] = "no-store"
        return response

    return answer


@_provider
@require_http_methods(["GET", "POST"])
def whatsapp(request: HttpRequest) -> HttpResponse:
    """Answer Meta's challenge, and take in signed receipts and answers."""
    if not settings.WHATSAPP_APP_SECRET:
        raise NotFound
    if request.method == "GET":
        return _challenge(request)
    mac = hmac.new(settings.WHATSAPP_APP_SECRET.encode(), request.body, hashlib.sha256).hexdigest()
    if not constant_time_compare(request.headers.get("X-Hub-Signature-256", ""), f"sha256={mac}"):
        return HttpResponse("bad signature\n", status=403)
    for value in _values(_json(request)):
        for status in _dicts(value.get("statuses")):
            _receipt(status)
        for message in _dicts(value.get("messages")):
            _answer(message)
    return HttpResponse(FINE)


def _challenge(request: HttpRequest) -> HttpResponse:
    token = request.GET.get("hub.verify_token", "")
    is_right = bool(settings.WHATSAPP_VERIFY_TOKEN) and constant_time_compare(
        token, settings.WHATSAPP_VERIFY_TOKEN
    )
    if request.GET.get("hub.mode") != "subscribe" or not is_right:
        return HttpResponse("bad token\n", status=403)
    return HttpResponse(request.GET.get("hub.challenge", "")[:200])


def _values(body: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for entry in _dicts(body.get("entry")):
        for change in _dicts(entry.get("changes")):
            if isinstance(value := change.get("value"), dict):
                yield value


def _receipt(status: dict[str, Any]) -> None:
    delivery = STATES.get(str(status.get("status", "")).lower())
    if delivery is None:
        return
    reasons = [f"{error.get('code')} {error.get('title', '')}" for error in _dicts(status.get("errors"))]
    receipts.delivered(
        provider_id=str(status.get("id", "")),
        key=str(status.get("biz_opaque_callback_data", "")),
        delivery=delivery,
        reason="; ".join(reasons),
    )


def _answer(message: dict[str, Any]) -> None:
    written = [(message.get("text"), "body"), (message.get("button"), "text")]
    said = [str(part.get(name, "")) for part, name in written if isinstance(part, dict)]
    if any(map(receipts.is_stop, said)):
        sender, at = str(message.get("from", "")), _moment(message.get("timestamp"))
        receipts.stop(recipient=sender, channel=Kind.WHATSAPP, at=at)


def _moment(value: object) -> datetime | None:
    digits = str(value)
    return datetime.fromtimestamp(int(digits), UTC) if digits.isdecimal() and len(digits) <= 10 else None


@_provider
@require_POST
def fonnte(request: HttpRequest, key: str) -> HttpResponse:
    """Take in Fonnte's receipts and answers; it signs nothing, so its address is a secret."""
    _require_key(key, settings.FONNTE_WEBHOOK_KEY)
    fields = _fields(request)
    _note(Kind.WHATSAPP, fields, number="id", state="state", sender="sender", text="message")
    _note(Kind.WHATSAPP, fields, number="id", state="status", sender="", text="")
    return HttpResponse(FINE)


@_provider
@require_POST
def sms(request: HttpRequest, key: str) -> HttpResponse:
    """Take in the SMS gateway's receipts and answers, under the names in SMS_FIELDS."""
    _require_key(key, settings.SMS_WEBHOOK_KEY)
    _note(Kind.SMS, _fields(request), **settings.SMS_FIELDS)
    return HttpResponse(FINE)


def _require_key(key: str, expected: str) -> None:
    if not expected or not constant_time_compare(key, expected):
        raise NotFound


def _note(
    channel: Kind, fields: Mapping[str, Any], *, number: str, state: str, sender: str, text: str
) -> None:
    delivery = STATES.get(str(fields.get(state, "")).lower())
    if delivery is not None and fields.get(number):
        receipts.delivered(provider_id=str(fields[number])[:120], delivery=delivery)
    if fields.get(sender) and receipts.is_stop(str(fields.get(text, ""))):
        receipts.stop(recipient=str(fields[sender]), channel=channel)


def _fields(request: HttpRequest) -> Mapping[str, Any]:
    if request.content_type == "application/json":
        return _json(request)
    return {name: str(value) for name, value in request.POST.items()}


def _json(request: HttpRequest) -> dict[str, Any]:
    try:
        body = json.loads(request.body)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _dicts(value: object) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
