"""The form of the mall's own row: a colour that can be read, an emblem and a photo that are pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldBooleanSwitchWidget

from mpp.core import palette, pictures
from mpp.core.mall import PictureKind
from mpp.core.models import Mall

if TYPE_CHECKING:
    MallBase = forms.ModelForm[Mall]
else:
    MallBase = forms.ModelForm


class MallForm(MallBase):
    """Refuses a colour on which white cannot be read, and files that are no pictures."""

    emblem_file = forms.FileField(
        label=_("Lambang"),
        required=False,
        widget=UnfoldAdminFileFieldWidget,
        help_text=_("PNG, JPEG, atau WebP, paling sedikit 192 piksel. Tampil di semua halaman."),
    )
    no_emblem = forms.BooleanField(label=_("Hapus lambang"), required=False, widget=UnfoldBooleanSwitchWidget)
    photo_file = forms.FileField(
        label=_("Foto gedung"),
        required=False,
        widget=UnfoldAdminFileFieldWidget,
        help_text=_("Mendatar, paling sedikit 800 × 450 piksel. Tampil di beranda dan pratinjau tautan."),
    )
    no_photo = forms.BooleanField(label=_("Hapus foto"), required=False, widget=UnfoldBooleanSwitchWidget)

    def clean_accent(self) -> str:
        accent: str = self.cleaned_data["accent"]
        try:
            palette.palette(accent)
        except palette.UnusableAccent as error:
            raise ValidationError(str(error)) from error
        return accent

    def clean_emblem_file(self) -> pictures.Files | None:
        return _drawn(self.cleaned_data["emblem_file"], PictureKind.EMBLEM)

    def clean_photo_file(self) -> pictures.Files | None:
        return _drawn(self.cleaned_data["photo_file"], PictureKind.PHOTO)

    @property
    def new_pictures(self) -> dict[PictureKind, pictures.Files]:
        """Return what is to be shown from now on; no files: none any more."""
        wanted = {
            PictureKind.EMBLEM: (self.cleaned_data["emblem_file"], self.cleaned_data["no_emblem"]),
            PictureKind.PHOTO: (self.cleaned_data["photo_file"], self.cleaned_data["no_photo"]),
        }
        return {kind: files or {} for kind, (files, is_dropped) in wanted.items() if files or is_dropped}


def _drawn(file: Any, kind: PictureKind) -> pictures.Files | None:
    if not file:
        return None
    draw = pictures.emblem_files if kind is PictureKind.EMBLEM else pictures.photo_files
    try:
        return draw(file, file.size)
    except pictures.Unusable as error:
        raise ValidationError(str(error)) from error
