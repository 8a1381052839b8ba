"""The clips of the loudspeaker: where they are, and the mall's own recordings."""

from __future__ import annotations

from itertools import chain

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from mpp.core.errors import NotFound
from mpp.core.parts import stored_file
from queueing.enums import AudioFormat
from queueing.hall_voice import voice_of
from queueing.models import VoiceClip
from queueing.screens import scene_of
from queueing.voice_pack import manifest

CONTENT_TYPES = {AudioFormat.WAV: "audio/wav", AudioFormat.MP3: "audio/mpeg", AudioFormat.OGG: "audio/ogg"}


@login_not_required
@cache_control(no_cache=True)
@require_safe
def zone_manifest(request: HttpRequest, code: str) -> JsonResponse:
    """Answer where a display finds each clip; voice.js asks again every ten minutes."""
    scene = scene_of(code)
    if scene is None:
        raise NotFound(_("Layar ini tidak ada. Pilih dari daftar layar."))
    spoken = [voice_of(zone).speech.languages for zone in scene.voices()]
    return JsonResponse(manifest(dict.fromkeys(chain.from_iterable(spoken))))


@login_not_required
@require_safe
def voice_clip(request: HttpRequest, clip_id: int, version: str) -> HttpResponseBase:
    """Answer one recording: public, as everybody in the hall hears it, and never changed at its address."""
    clip = VoiceClip.objects.filter(pk=clip_id, version=version).first()
    if clip is None:
        raise NotFound(_("Rekaman ini sudah diganti. Muat ulang halaman."))
    kind = CONTENT_TYPES[AudioFormat(clip.format)]
    return stored_file(request, clip.file.open("rb"), content_type=kind, tag=version)
