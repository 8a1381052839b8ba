"""Who is in the mall: agencies, places, people."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce, Now
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from mpp.core import clock
from mpp.core.constraints import in_order, no_overlap
from mpp.core.revision import bump_trigger
from mpp.core.text import validate_plain
from tenants.enums import PIN_TRIES, SERVING, AgencyKind, AgencyStatus, OwnerLevel, Role, Weekday
from tenants.querysets import AgencyQuerySet, CounterDutyQuerySet, PlacementQuerySet, sees_everything

code_validator = RegexValidator(r"^[A-Z0-9][A-Z0-9-]*$", _("Pakai huruf besar, angka, dan tanda hubung."))


class Zone(models.Model):
    """A part of the building, with its own display."""

    code = models.SlugField(_("kode"), max_length=40, unique=True)
    name = models.CharField(_("nama"), max_length=80, validators=[validate_plain])
    floor = models.CharField(_("lantai"), max_length=40, validators=[validate_plain])
    directions = models.CharField(_("petunjuk arah"), max_length=160, blank=True, validators=[validate_plain])
    position = models.PositiveSmallIntegerField(_("urutan"), default=0)

    class Meta:
        verbose_name = _("zona")
        verbose_name_plural = _("zona")
        ordering = ["position", "code"]
        triggers = [bump_trigger()]

    def __str__(self) -> str:
        return self.name


class Agency(models.Model):
    """A participating agency. Its code never changes and is never derived from its name."""

    code = models.CharField(_("kode"), max_length=12, unique=True, validators=[code_validator])
    slug = models.SlugField(_("alamat halaman"), max_length=80, unique=True)
    name = models.CharField(_("nama resmi"), max_length=160, validators=[validate_plain])
    short_name = models.CharField(_("sebutan"), max_length=60, validators=[validate_plain])
    kind = models.CharField(_("jenis"), max_length=12, choices=AgencyKind)
    owner_level = models.CharField(_("tingkat"), max_length=8, choices=OwnerLevel)
    is_bank = models.BooleanField(_("perbankan"), default=False)
    status = models.CharField(
        _("keadaan"), max_length=10, choices=AgencyStatus, default=AgencyStatus.CANDIDATE, editable=False
    )
    zone = models.ForeignKey(
        Zone, models.PROTECT, null=True, blank=True, related_name="agencies", verbose_name=_("zona")
    )
    summary = models.CharField(_("ringkasan"), max_length=60, blank=True, validators=[validate_plain])
    phone = models.CharField(_("telepon"), max_length=40, blank=True, validators=[validate_plain])
    website = models.URLField(_("situs"), blank=True)
    position = models.PositiveSmallIntegerField(_("urutan"), default=0)
    # Pushed down by agreements.actions; queueing reads them and has never heard of an agreement.
    agreement_from = models.DateField(_("naskah berlaku sejak"), null=True, blank=True, editable=False)
    agreement_to = models.DateField(_("naskah berlaku sampai"), null=True, blank=True, editable=False)
    # The last day on which it gives numbers: the end of its agreement and the mall's grace. Empty: that end.
    numbers_until = models.DateField(_("nomor keluar sampai"), null=True, blank=True, editable=False)
    # Likewise: how many officers the agency has promised a day. Unknown: one at each counter it uses.
    promised_officers = models.PositiveSmallIntegerField(
        _("petugas yang dijanjikan"), null=True, blank=True, editable=False
    )
    # Likewise: the day until which the trial runs that somebody must decide; none: no such trial.
    trial_until = models.DateField(_("uji coba sampai"), null=True, blank=True, editable=False)
    status_since = models.DateTimeField(_("keadaan sejak"), db_default=Now(), editable=False)
    is_sample = models.BooleanField(_("data contoh"), default=False)
    source = models.CharField(_("sumber"), max_length=240, blank=True, validators=[validate_plain])

    objects = AgencyQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("instansi")
        verbose_name_plural = _("instansi")
        ordering = ["position", "short_name"]
        constraints = [
            # R000-15: the agreement comes before the trial.
            models.CheckConstraint(
                name="tenants_agency_agreement_before_trial",
                condition=~Q(status__in=sorted(SERVING))
                | Q(kind=AgencyKind.OPD)
                | Q(agreement_from__isnull=False, agreement_to__isnull=False),
                violation_error_message=_("Instansi ini belum punya naskah kerja sama yang berlaku."),
            ),
            in_order(
                "tenants_agency_agreement_order",
                "agreement_from",
                "agreement_to",
                message=_("Masa berlaku naskah berakhir sebelum mulai."),
            ),
            in_order(
                "tenants_agency_numbers_until",
                "agreement_to",
                "numbers_until",
                message=_("Nomor tidak bisa berhenti sebelum naskah berakhir."),
            ),
            models.CheckConstraint(
                name="tenants_agency_trial_in_trial",
                condition=Q(trial_until__isnull=True) | Q(status=AgencyStatus.TRIAL),
                violation_error_message=_("Uji coba instansi ini masih berjalan. Putuskan dulu uji cobanya."),
            ),
        ]
        triggers = [bump_trigger()]

    def __str__(self) -> str:
        return self.short_name

    @property
    def needs_agreement(self) -> bool:
        """Tell whether an agreement in force is a condition: for every agency but the regency's own."""
        return self.kind != AgencyKind.OPD


class AgencyName(models.Model):
    """What an agency was called, and when: names change, records stay."""

    agency = models.ForeignKey(Agency, models.CASCADE, related_name="names", verbose_name=_("instansi"))
    name = models.CharField(_("nama resmi"), max_length=160, validators=[validate_plain])
    short_name = models.CharField(_("sebutan"), max_length=60, validators=[validate_plain])
    valid_from = models.DateField(_("sejak"))
    valid_to = models.DateField(_("sampai"), null=True, blank=True)
    decree = models.CharField(_("dasar"), max_length=160, blank=True, validators=[validate_plain])

    class Meta:
        verbose_name = _("nama instansi")
        verbose_name_plural = _("nama instansi dari waktu ke waktu")
        triggers = [bump_trigger()]
        ordering = ["agency", "-valid_from"]
        constraints = [
            in_order(
                "tenants_agencyname_order",
                "valid_from",
                "valid_to",
                message=_("“Sampai” lebih awal dari “sejak”."),
            ),
            no_overlap(
                "tenants_agencyname_no_overlap",
                "agency",
                start="valid_from",
                end="valid_to",
                message=_("Pada tanggal itu instansi ini sudah punya nama lain."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Counter(models.Model):
    """A numbered desk."""

    code = models.CharField(_("kode"), max_length=12, unique=True, validators=[code_validator])
    number = models.CharField(_("nomor"), max_length=6, unique=True, validators=[validate_plain])
    zone = models.ForeignKey(Zone, models.PROTECT, related_name="counters", verbose_name=_("zona"))
    position = models.PositiveSmallIntegerField(_("urutan"), default=0)
    is_active = models.BooleanField(_("dipakai"), default=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("loket")
        verbose_name_plural = _("loket")
        ordering = ["position", "number"]
        triggers = [bump_trigger()]

    def __str__(self) -> str:
        return str(_("Loket %(number)s") % {"number": self.number})


class CounterDuty(models.Model):
    """Which agency uses a counter: every day, or on one weekday."""

    counter = models.ForeignKey(Counter, models.CASCADE, related_name="duties", verbose_name=_("loket"))
    agency = models.ForeignKey(Agency, models.CASCADE, related_name="duties", verbose_name=_("instansi"))
    weekday = models.PositiveSmallIntegerField(
        _("hari"), choices=Weekday, null=True, blank=True, help_text=_("Kosong: setiap hari.")
    )
    valid_from = models.DateField(_("sejak"))
    valid_to = models.DateField(_("sampai"), null=True, blank=True)
    # Pushed down by agreements.actions: the promise that this row follows. Empty: made by hand.
    origin = models.CharField(_("menurut"), max_length=60, blank=True, editable=False)

    objects = CounterDutyQuerySet.as_manager()

    class Meta:
        verbose_name = _("pemakaian loket")
        verbose_name_plural = _("pemakaian loket")
        ordering = ["counter", "weekday"]
        constraints = [
            models.CheckConstraint(
                name="tenants_counterduty_weekday",
                condition=Q(weekday__isnull=True) | Q(weekday__range=(1, 7)),
                violation_error_message=_("Hari ditulis 1 (Senin) sampai 7 (Minggu)."),
            ),
            in_order(
                "tenants_counterduty_order",
                "valid_from",
                "valid_to",
                message=_("“Sampai” lebih awal dari “sejak”."),
            ),
            no_overlap(
                "tenants_counterduty_no_overlap",
                "counter",
                (Coalesce(F("weekday"), Value(1)), Coalesce(F("weekday"), Value(7))),
                start="valid_from",
                end="valid_to",
                message=_("Loket ini sudah dipakai instansi lain pada hari itu."),
            ),
        ]
        triggers = [bump_trigger()]

    def __str__(self) -> str:
        return f"{self.counter} · {self.agency}"


class User(AbstractUser):
    """A person who works here. Citizens have no account."""

    role = models.CharField(_("peran"), max_length=16, choices=Role, default=Role.OFFICER)
    phone = models.CharField(_("telepon"), max_length=40, blank=True, validators=[validate_plain])
    # WCAG 2.1.4: whoever dictates or leans on the keys can switch the shortcuts off.
    uses_shortcuts = models.BooleanField(_("pintasan papan ketik"), default=True, db_default=True)

    class Meta:
        verbose_name = _("orang")
        verbose_name_plural = _("orang")

    def __str__(self) -> str:
        return self.get_full_name() or self.username

    @cached_property
    def reach(self) -> frozenset[int] | None:
        """The agencies to which what this person sees is cut; None: it is not cut."""
        if sees_everything(self):
            return None
        return frozenset(self.placements.on(clock.today()).values_list("agency", flat=True))


class DeskPin(models.Model):
    """The six digits with which a person unlocks their own screen; only the hash is kept.

    After `PIN_TRIES` wrong ones it is worth nothing until they sign in with their password.
    """

    user = models.OneToOneField(User, models.CASCADE, related_name="desk_pin", verbose_name=_("orang"))
    hash = models.CharField(max_length=200, editable=False)
    failures = models.PositiveSmallIntegerField(_("percobaan salah"), default=0)
    set_at = models.DateTimeField(_("dipasang"))

    class Meta:
        verbose_name = _("PIN layar")
        verbose_name_plural = _("PIN layar")
        constraints = [
            models.CheckConstraint(
                name="tenants_deskpin_failures",
                condition=Q(failures__lte=PIN_TRIES),
                violation_error_message=_("PIN salah terlalu sering. Masuk lagi dengan kata sandi."),
            ),
        ]

    def __str__(self) -> str:
        return str(self.user)

    @property
    def is_usable(self) -> bool:
        """Tell whether another try is left."""
        return self.failures < PIN_TRIES


class Placement(models.Model):
    """A person placed at an agency's counters for a period, by letter (R000-11)."""

    user = models.ForeignKey(User, models.PROTECT, related_name="placements", verbose_name=_("orang"))
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="placements", verbose_name=_("instansi"))
    counter = models.ForeignKey(
        Counter, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("loket biasanya")
    )
    starts_on = models.DateField(_("sejak"))
    ends_on = models.DateField(_("sampai"), null=True, blank=True)
    letter_number = models.CharField(
        _("nomor surat tugas"), max_length=100, blank=True, validators=[validate_plain]
    )
    competence = models.CharField(_("kompetensi"), max_length=200, blank=True, validators=[validate_plain])

    objects = PlacementQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("penempatan")
        verbose_name_plural = _("penempatan")
        ordering = ["-starts_on"]
        constraints = [
            in_order(
                "tenants_placement_order",
                "starts_on",
                "ends_on",
                message=_("“Sampai” lebih awal dari “sejak”."),
            ),
            no_overlap(
                "tenants_placement_no_overlap",
                "user",
                start="starts_on",
                end="ends_on",
                message=_("Orang ini sudah ditempatkan pada masa itu."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.agency}"


class Training(models.Model):
    """A training that a person has had: it stays theirs, wherever they are placed (R000-11)."""

    user = models.ForeignKey(User, models.CASCADE, related_name="trainings", verbose_name=_("orang"))
    name = models.CharField(_("pelatihan"), max_length=160, validators=[validate_plain])
    held_on = models.DateField(_("tanggal"))
    certificate = models.CharField(
        _("nomor sertifikat"), max_length=100, blank=True, validators=[validate_plain]
    )

    class Meta:
        verbose_name = _("pelatihan")
        verbose_name_plural = _("pelatihan")
        ordering = ["-held_on", "name"]
        constraints = [
            models.UniqueConstraint(
                name="tenants_training_once",
                fields=["user", "name", "held_on"],
                violation_error_message=_("Pelatihan ini sudah tercatat untuk orang itu."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ApiToken(models.Model):
    """An officer's key to the API; only its digest is kept."""

    user = models.ForeignKey(User, models.CASCADE, related_name="api_tokens", verbose_name=_("orang"))
    digest = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(_("dibuat"))
    expires_at = models.DateTimeField(_("berlaku sampai"))

    class Meta:
        verbose_name = _("kunci API")
        verbose_name_plural = _("kunci API")
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.user} · {self.created_at:%Y-%m-%d}"


class SignInAttempt(models.Model):
    """A try to sign in: the limit counts them, the auditor reads them. Not in Redis: limits must hold."""

    username = models.CharField(_("nama pengguna"), max_length=150)
    address = models.GenericIPAddressField(_("alamat jaringan"), null=True, blank=True)
    at = models.DateTimeField(_("waktu"))
    succeeded = models.BooleanField(_("berhasil"))

    class Meta:
        verbose_name = _("percobaan masuk")
        verbose_name_plural = _("percobaan masuk")
        ordering = ["-at"]
        indexes = [
            models.Index(fields=["username", "-at"], name="tenants_signin_username_at"),
            models.Index(fields=["address", "-at"], name="tenants_signin_address_at"),
        ]

    def __str__(self) -> str:
        return f"{self.username} {self.at:%Y-%m-%d %H:%M}"
