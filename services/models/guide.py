"""What the mall says of itself: its pages, facilities, news, answers, and the words of its people."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from mpp.core.constraints import in_order
from mpp.core.revision import bump_trigger
from mpp.core.text import validate_plain
from services.querysets import ShownQuerySet
from tenants.models import code_validator

# Addresses beside the pages: /mal/<slug>/.
OWN_ADDRESSES = ("fasilitas", "kabar", "tanya-jawab")
MARKUP = _("Baris kosong memisahkan paragraf. “- ” di awal baris membuat daftar, “## ” membuat judul.")


class GuidePage(models.Model):
    """A page of the mall's own: its pledge, the way here, help for people with a disability."""

    slug = models.SlugField(_("alamat halaman"), max_length=60, unique=True)
    title = models.CharField(_("judul"), max_length=80, validators=[validate_plain])
    summary = models.CharField(_("ringkasan"), max_length=200, blank=True, validators=[validate_plain])
    body = models.TextField(_("isi"), validators=[validate_plain], help_text=MARKUP)
    position = models.PositiveSmallIntegerField(_("urutan"), default=0)
    is_published = models.BooleanField(_("ditampilkan"), default=True)
    is_sample = models.BooleanField(_("data contoh"), default=False)

    objects = ShownQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("halaman mal")
        verbose_name_plural = _("halaman mal")
        ordering = ["position", "slug"]
        constraints = [
            models.CheckConstraint(
                name="services_page_own_address",
                condition=~Q(slug__in=OWN_ADDRESSES),
                violation_error_message=_("Alamat itu sudah dipakai portal. Pilih alamat lain."),
            ),
        ]
        triggers = [bump_trigger()]

    def __str__(self) -> str:
        return self.title


class Facility(models.Model):
    """Something in the building that people look for."""

    code = models.CharField(_("kode"), max_length=20, unique=True, validators=[code_validator])
    name = models.CharField(_("nama"), max_length=80, validators=[validate_plain])
    place = models.CharField(
        _("tempat"),
        max_length=120,
        validators=[validate_plain],
        help_text=_("Misalnya: Lantai 1, kanan pintu masuk."),
    )
    note = models.CharField(_("keterangan"), max_length=200, blank=True, validators=[validate_plain])
    is_accessible = models.BooleanField(_("dapat dicapai kursi roda"), default=False)
    position = models.PositiveSmallIntegerField(_("urutan"), default=0)
    is_published = models.BooleanField(_("ditampilkan"), default=True)
    is_sample = models.BooleanField(_("data contoh"), default=False)

    objects = ShownQuerySet.as_manager()

    class Meta:
        verbose_name = _("fasilitas")
        verbose_name_plural = _("fasilitas")
        ordering = ["position", "code"]
        triggers = [bump_trigger()]

    def __str__(self) -> str:
        return self.name


class Question(models.Model):
    """A question that people ask at the door, with its answer; the search finds it too."""

    code = models.CharField(_("kode"), max_length=20, unique=True, validators=[code_validator])
    question = models.CharField(_("pertanyaan"), max_length=160, validators=[validate_plain])
    answer = models.TextField(_("jawaban"), validators=[validate_plain], help_text=MARKUP)
    aliases = models.CharField(
        _("kata sehari-hari"),
        max_length=400,
        blank=True,
        validators=[validate_plain],
        help_text=_("Dipisah titik koma: bikin paspor; pasport."),
    )
    position = models.PositiveSmallIntegerField(_("urutan"), default=0)
    is_published = models.BooleanField(_("ditampilkan"), default=True)
    is_sample = models.BooleanField(_("data contoh"), default=False)

    objects = ShownQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("tanya jawab")
        verbose_name_plural = _("tanya jawab")
        ordering = ["position", "code"]
        triggers = [bump_trigger()]

    def __str__(self) -> str:
        return self.question


class News(models.Model):
    """An announcement of the mall that lasts days; what lasts minutes is announced from the floor."""

    code = models.CharField(_("kode"), max_length=20, unique=True, validators=[code_validator])
    title = models.CharField(_("judul"), max_length=120, validators=[validate_plain])
    text = models.TextField(_("isi"), validators=[validate_plain], help_text=MARKUP)
    shown_from = models.DateField(_("tampil sejak"))
    shown_to = models.DateField(_("tampil sampai"), null=True, blank=True)
    is_published = models.BooleanField(_("ditampilkan"), default=True)
    is_sample = models.BooleanField(_("data contoh"), default=False)

    objects = ShownQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("kabar")
        verbose_name_plural = _("kabar")
        ordering = ["-shown_from", "code"]
        constraints = [
            in_order(
                "services_news_order",
                "shown_from",
                "shown_to",
                message=_("“Tampil sampai” lebih awal dari “tampil sejak”."),
            ),
        ]
        triggers = [bump_trigger()]

    def __str__(self) -> str:
        return self.title


class Synonym(models.Model):
    """A word of the region, and the word of the catalogue that it means."""

    word = models.CharField(_("kata warga"), max_length=40, unique=True, validators=[validate_plain])
    means = models.CharField(
        _("berarti"),
        max_length=60,
        blank=True,
        validators=[validate_plain],
        help_text=_("Kosong: kata ini tidak dicari, seperti “handak” (ingin)."),
    )

    class Meta:
        verbose_name = _("padanan kata")
        verbose_name_plural = _("padanan kata")
        ordering = ["word"]
        constraints = [
            models.CheckConstraint(
                name="services_synonym_one_small_word",
                condition=Q(word=Lower("word")) & ~Q(word__contains=" ") & ~Q(word=""),
                violation_error_message=_("Tulis satu kata dengan huruf kecil."),
            ),
        ]
        triggers = [bump_trigger()]

    def __str__(self) -> str:
        return self.word
