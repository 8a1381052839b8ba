"""How agencies and places read in the API, and how a key is asked for."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from mpp.core.endpoints import StrictSerializer, Text
from tenants.actions.signing_in import PASSWORD_LENGTH, USERNAME_LENGTH


class AgencyRefSerializer(serializers.Serializer[Any]):
    """An agency, where something else is the subject."""

    code = serializers.CharField()
    slug = serializers.CharField()
    short_name = serializers.CharField()


class ZoneRefSerializer(serializers.Serializer[Any]):
    """A part of the building."""

    code = serializers.CharField()
    name = serializers.CharField()
    floor = serializers.CharField()
    directions = serializers.CharField()


class TokenRequestSerializer(StrictSerializer):
    """Who asks for a key."""

    username = Text(max_length=USERNAME_LENGTH)
    # As typed: a password may begin or end with a space.
    password = Text(max_length=PASSWORD_LENGTH, trim_whitespace=False)


class TokenSerializer(serializers.Serializer[Any]):
    """A key, shown this once."""

    token = serializers.CharField(help_text=_("Kirim sebagai `Authorization: Bearer <token>`."))
    expires_at = serializers.DateTimeField()
