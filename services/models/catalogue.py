"""What is offered: services and their standards."""

from __future__ import annotations

from typing import NamedTuple

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from mpp.core.constraints import in_order, no_overlap
from mpp.core.revision import bump_trigger
from mpp.core.text import validate_plain
from services.enums import Audience, Depth, FeeKind, LifeEvent, ServiceKind, StandardStatus
from services.querysets import ServiceQuerySet, ServiceStandardQuerySet
from tenants.models import Agency, code_validator


class Service(models.Model):
    """A service of one agency."""

    code = models.CharField(_("kode"), max_length=20, unique=True, validators=[code_validator])
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="services", verbose_name=_("instansi"))
    slug = models.SlugField(_("alamat halaman"), max_length=120, unique=True)
    name = models.CharField(_("nama"), max_length=160, validators=[validate_plain])
    summary = models.CharField(_("ringkasan"), max_length=240, blank=True, validators=[validate_plain])
    aliases = models.CharField(
        _("kata sehari-hari"),
        max_length=400,
        blank=True,
        validators=[validate_plain],
        help_text=_("Dipisah titik koma: bikin ktp; ktp hilang."),
    )
    kind = models.CharField(_("jenis"), max_length=16, choices=ServiceKind, default=ServiceKind.NON_LICENSING)
    audience = models.CharField(_("untuk"), max_length=8, choices=Audience, default=Audience.CITIZEN)
    depth = models.CharField(_("kedalaman"), max_length=12, choices=Depth, default=Depth.COMPLETE)
    limits = models.CharField(
        _("batasan di mal ini"), max_length=300, blank=True, validators=[validate_plain]
    )
    online_url = models.URLField(_("layanan daring"), blank=True)
    other_ways = models.CharField(_("cara lain"), max_length=300, blank=True, validators=[validate_plain])
    minutes = models.PositiveSmallIntegerField(
        _("menit di loket"),
        default=10,
        validators=[MinValueValidator(1)],
        help_text=_("Rata-rata, untuk perkiraan."),
    )
    life_events = ArrayField(
        models.CharField(max_length=12, choices=LifeEvent),
        verbose_name=_("peristiwa hidup"),
        default=list,
        blank=True,
    )
    position = models.PositiveSmallIntegerField(_("urutan"), default=0)
    is_published = models.BooleanField(_("ditampilkan"), default=True)
    is_sample = models.BooleanField(_("data contoh"), default=False)
    source = models.CharField(_("sumber"), max_length=240, blank=True, validators=[validate_plain])
    search = models.GeneratedField(
        expression=SearchVector("name", config="indonesian", weight="A")
        + SearchVector("aliases", config="indonesian", weight="A")
        + SearchVector("summary", config="indonesian", weight="C"),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    objects = ServiceQuerySet.as_manager()
    history = HistoricalRecords(excluded_fields=["search"])

    class Meta:
        verbose_name = _("layanan")
        verbose_name_plural = _("layanan")
        ordering = ["agency__position", "position", "name"]
        indexes = [GinIndex(fields=["search"], name="services_service_search")]
        constraints = [
            models.CheckConstraint(
                name="services_service_minutes",
                condition=Q(minutes__gte=1),
                violation_error_message=_("Menit di loket paling sedikit 1."),
            ),
        ]
        triggers = [bump_trigger()]

    def __str__(self) -> str:
        return self.name


class Requirement(NamedTuple):
    """One thing to bring: its name and a note."""

    name: str
    note: str


PUBLIC_COMPONENTS = ("requirements", "procedure", "time_text", "fee_basis", "product", "complaints")


class ServiceStandard(models.Model):
    """A version of the standard of a service: 14 components, six of them public (PermenPANRB 15/2014)."""

    service = models.ForeignKey(Service, models.CASCADE, related_name="standards", verbose_name=_("layanan"))
    version = models.PositiveSmallIntegerField(_("versi"))
    status = models.CharField(
        _("keadaan"), max_length=10, choices=StandardStatus, default=StandardStatus.DRAFT
    )
    valid_from = models.DateField(_("berlaku sejak"))
    valid_to = models.DateField(_("berlaku sampai"), null=True, blank=True)
    decree = models.CharField(_("nomor SK"), max_length=160, blank=True, validators=[validate_plain])

    # The six that must be published.
    requirements = models.TextField(
        _("1. persyaratan"),
        blank=True,
        validators=[validate_plain],
        help_text=_("Satu per baris: nama singkat | keterangan."),
    )
    procedure = models.TextField(
        _("2. prosedur"), blank=True, validators=[validate_plain], help_text=_("Satu langkah per baris.")
    )
    time_text = models.CharField(
        _("3. jangka waktu"), max_length=160, blank=True, validators=[validate_plain]
    )
    time_minutes = models.PositiveSmallIntegerField(_("janji menit di loket"), null=True, blank=True)
    time_days = models.PositiveSmallIntegerField(
        _("janji hari kerja"),
        null=True,
        blank=True,
        help_text=_("Sampai hasilnya siap. 0: hari itu juga. Kosong: berkas tanpa tanggal janji."),
    )
    fee_kind = models.CharField(_("4. biaya"), max_length=8, choices=FeeKind, default=FeeKind.FREE)
    fee_amount = models.PositiveIntegerField(_("jumlah (Rp)"), null=True, blank=True)
    fee_text = models.CharField(_("rincian biaya"), max_length=300, blank=True, validators=[validate_plain])
    fee_basis = models.CharField(_("dasar biaya"), max_length=200, blank=True, validators=[validate_plain])
    pay_to = models.CharField(
        _("dibayar ke"),
        max_length=160,
        blank=True,
        validators=[validate_plain],
        help_text=_("Misalnya: kasir Bank Kalsel di mal ini."),
    )
    product = models.CharField(
        _("5. produk pelayanan"), max_length=300, blank=True, validators=[validate_plain]
    )
    complaints = models.TextField(_("6. pengaduan, saran, masukan"), blank=True, validators=[validate_plain])
    # The eight for the organisation itself.
    legal_basis = models.TextField(_("7. dasar hukum"), blank=True, validators=[validate_plain])
    facilities = models.TextField(_("8. sarana dan prasarana"), blank=True, validators=[validate_plain])
    competence = models.TextField(_("9. kompetensi pelaksana"), blank=True, validators=[validate_plain])
    supervision = models.TextField(_("10. pengawasan internal"), blank=True, validators=[validate_plain])
    staffing = models.TextField(_("11. jumlah pelaksana"), blank=True, validators=[validate_plain])
    guarantee = models.TextField(_("12. jaminan pelayanan"), blank=True, validators=[validate_plain])
    safety = models.TextField(_("13. jaminan keamanan"), blank=True, validators=[validate_plain])
    evaluation = models.TextField(_("14. evaluasi kinerja"), blank=True, validators=[validate_plain])

    objects = ServiceStandardQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("standar pelayanan")
        verbose_name_plural = _("standar pelayanan")
        triggers = [bump_trigger()]
        ordering = ["service", "-version"]
        constraints = [
            models.UniqueConstraint(
                name="services_standard_version",
                fields=["service", "version"],
                violation_error_message=_("Versi ini sudah ada untuk layanan itu."),
            ),
            models.CheckConstraint(
                name="services_standard_public_complete",
                condition=~Q(status=StandardStatus.PUBLISHED)
                | ~Q(requirements="")
                & ~Q(procedure="")
                & ~Q(time_text="")
                & ~Q(fee_basis="")
                & ~Q(product="")
                & ~Q(complaints=""),
                violation_error_message=_("Isi dulu keenam komponen yang wajib diumumkan."),
            ),
            models.CheckConstraint(
                name="services_standard_fee",
                condition=Q(fee_kind=FeeKind.FREE, fee_amount__isnull=True)
                | Q(fee_kind=FeeKind.AMOUNT, fee_amount__isnull=False, fee_amount__gt=0)
                | Q(fee_kind=FeeKind.VARIABLE, fee_amount__isnull=True) & ~Q(fee_text=""),
                violation_error_message=_(
                    "Biaya: gratis tanpa jumlah, tetap dengan jumlah, lainnya dengan rincian."
                ),
            ),
            in_order(
                "services_standard_order",
                "valid_from",
                "valid_to",
                message=_("“Berlaku sampai” lebih awal dari “berlaku sejak”."),
            ),
            no_overlap(
                "services_standard_no_overlap",
                "service",
                start="valid_from",
                end="valid_to",
                condition=Q(status=StandardStatus.PUBLISHED),
                message=_("Sudah ada standar terbit lain pada masa itu."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.service} v{self.version}"

    @property
    def requirement_list(self) -> list[Requirement]:
        """Return what to bring, in order."""
        parts = (line.partition("|") for line in self.requirements.splitlines() if line.strip())
        return [Requirement(name.strip(), note.strip()) for name, _bar, note in parts]

    @property
    def step_list(self) -> list[str]:
        """Return the steps of the procedure, in order."""
        return [line.strip() for line in self.procedure.splitlines() if line.strip()]
