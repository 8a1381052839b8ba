"""Forms of the voice in the admin: settings in words a clerk understands, recordings checked by content."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminSelectWidget

from queueing import audio
from queueing.clip_packs import pack
from queueing.enums import VoiceLanguage
from queueing.models import VoiceClip, ZoneVoice

if TYPE_CHECKING:
    RowForm = forms.ModelForm[Any]
else:
    RowForm = forms.ModelForm

MOST_BYTES = 2_000_000
MOST_SECONDS = 8
VERSION_LETTERS = 12


def clip_choices() -> list[tuple[str, str]]:
    """Return the clips of all packs with the words they say, Indonesian first."""
    words: dict[str, str] = {}
    for language in VoiceLanguage.values:
        for name, clip in pack(language).items():
            words.setdefault(name, clip.words)
    return [("", "–"), *words.items()]


class ZoneVoiceForm(RowForm):
    """The voice of one zone."""

    class Meta:
        model = ZoneVoice
        fields = ["zone"]
        help_texts = {
            "is_on": gettext_lazy("Matikan bila ruangan harus tenang. Layar tetap menampilkan panggilan."),
            "volume": gettext_lazy("0 sampai 100. Dengarkan dari ujung ruangan, lalu sesuaikan."),
            "number_form": gettext_lazy(
                "A-012 menjadi “nol satu dua” atau “dua belas”. Nomor loket selalu bilangan."
            ),
            "second_language": gettext_lazy("Diucapkan sesudah bahasa Indonesia. Panggilan jadi lebih lama."),
        }


class RecordingWidget(UnfoldAdminFileFieldWidget):
    """Without a link to the stored file: it has no address of its own."""

    def is_initial(self, value: Any) -> bool:
        return False


class VoiceClipForm(RowForm):
    """A recording and what it stands for. What the file is, its bytes say, not its name."""

    clip = forms.ChoiceField(
        label=gettext_lazy("Klip bawaan"),
        required=False,
        choices=clip_choices,
        help_text=gettext_lazy("Pilih satu saja: klip bawaan, instansi, atau loket."),
        widget=UnfoldAdminSelectWidget,
    )
    file = forms.FileField(
        label=gettext_lazy("Rekaman"),
        widget=RecordingWidget(attrs={"accept": ".wav,.mp3,.ogg"}),
        help_text=gettext_lazy(
            "WAV, MP3, atau Ogg, paling lama 8 detik. Rekam di ruangan sepi; keras suara disamakan sendiri."
        ),
        error_messages={"required": gettext_lazy("Pilih berkas rekamannya.")},
    )

    class Meta:
        model = VoiceClip
        fields = ["language", "clip", "agency", "counter", "file"]

    def clean_file(self) -> Any:
        """Refuse what no display could play, and note what the rest is."""
        file = self.cleaned_data["file"]
        if not isinstance(file, UploadedFile):
            return file
        if (file.size or 0) > MOST_BYTES:
            raise ValidationError(_("Rekaman ini terlalu besar. Paling besar 2 MB."))
        data = file.read()
        file.seek(0)
        try:
            sound = audio.inspect(data)
        except audio.NotSound as error:
            raise ValidationError(
                _(
                    "Isi berkas ini bukan WAV, MP3, atau Ogg yang utuh. Rekaman ponsel sering M4A: "
                    "simpan dulu sebagai MP3, lalu unggah lagi."
                )
            ) from error
        if sound.seconds > MOST_SECONDS:
            words = _("Rekaman ini %(seconds)d detik. Potong menjadi paling lama %(most)d detik.")
            raise ValidationError(words % {"seconds": round(sound.seconds), "most": MOST_SECONDS})
        self.instance.format = sound.format
        self.instance.seconds = round(sound.seconds, 2)
        self.instance.version = hashlib.sha256(data).hexdigest()[:VERSION_LETTERS]
        return file

    def clean(self) -> dict[str, Any]:
        """Refuse a clip that the chosen language does not have."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        clip, language = cleaned.get("clip"), cleaned.get("language")
        if clip and language and clip not in pack(language):
            raise ValidationError({"clip": _("Klip ini tidak dipakai dalam bahasa itu.")})
        return cleaned
