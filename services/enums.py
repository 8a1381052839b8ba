from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class ServiceKind(TextChoices):
    LICENSING = "LICENSING", _("perizinan")
    NON_LICENSING = "NON_LICENSING", _("non-perizinan")


class Audience(TextChoices):
    CITIZEN = "CITIZEN", _("warga")
    BUSINESS = "BUSINESS", _("pelaku usaha")
    BOTH = "BOTH", _("warga dan pelaku usaha")


class Depth(TextChoices):
    """How far a service goes at this mall (Ombudsman: not just consultation)."""

    COMPLETE = "COMPLETE", _("selesai di sini")
    INTAKE = "INTAKE", _("terima berkas di sini")
    CONSULTATION = "CONSULTATION", _("konsultasi di sini")


class LifeEvent(TextChoices):
    BIRTH = "BIRTH", _("Lahir")
    MARRIAGE = "MARRIAGE", _("Menikah")
    MOVING = "MOVING", _("Pindah")
    WORK = "WORK", _("Bekerja")
    BUSINESS = "BUSINESS", _("Usaha")
    VEHICLE = "VEHICLE", _("Kendaraan")
    LAND = "LAND", _("Tanah")
    DEATH = "DEATH", _("Meninggal")


class FeeKind(TextChoices):
    FREE = "FREE", _("gratis")
    AMOUNT = "AMOUNT", _("jumlah tetap")
    VARIABLE = "VARIABLE", _("menurut aturan")


class StandardStatus(TextChoices):
    DRAFT = "DRAFT", _("rancangan")
    PUBLISHED = "PUBLISHED", _("terbit")


class CalendarKind(TextChoices):
    NATIONAL_HOLIDAY = "NATIONAL_HOLIDAY", _("libur nasional")
    JOINT_LEAVE = "JOINT_LEAVE", _("cuti bersama")
    LOCAL_HOLIDAY = "LOCAL_HOLIDAY", _("libur daerah")
    ELECTION = "ELECTION", _("pemilu")
    SPECIAL_OPENING = "SPECIAL_OPENING", _("buka khusus")
    CLOSURE = "CLOSURE", _("tutup sementara")


class Scope(TextChoices):
    """Whose row decides about a date."""

    SERVICE = "SERVICE", _("layanan")
    AGENCY = "AGENCY", _("instansi")
    MALL = "MALL", _("seluruh mal")


class Openness(TextChoices):
    """The answer to "is it open now?"; each has its own mark and word on every screen."""

    OPEN = "OPEN", _("Buka")
    UNSTAFFED = "UNSTAFFED", _("Belum ada petugas")
    BREAK = "BREAK", _("Istirahat")
    DISRUPTED = "DISRUPTED", _("Gangguan")
    CLOSED = "CLOSED", _("Tutup")
    FULL = "FULL", _("Penuh")
    NOT_OPERATING = "NOT_OPERATING", _("Belum buka")
    NO_AGREEMENT = "NO_AGREEMENT", _("Belum buka")


class SubmissionState(TextChoices):
    """Where a file in process is."""

    RECEIVED = "RECEIVED", _("diterima")
    IN_PROCESS = "IN_PROCESS", _("diproses")
    INCOMPLETE = "INCOMPLETE", _("kurang lengkap")
    READY = "READY", _("siap diambil")
    COLLECTED = "COLLECTED", _("sudah diambil")
    REJECTED = "REJECTED", _("ditolak")
    # The officer took the number's end back within its seconds.
    WITHDRAWN = "WITHDRAWN", _("tidak jadi dicatat")


# The agency has to do something: these can be late.
WITH_AGENCY = frozenset({SubmissionState.RECEIVED, SubmissionState.IN_PROCESS})
SUBMISSION_ENDED = frozenset({SubmissionState.COLLECTED, SubmissionState.REJECTED, SubmissionState.WITHDRAWN})
# Which states must say what is missing, or why.
NOTED_STATES = frozenset({SubmissionState.INCOMPLETE, SubmissionState.REJECTED})


class SubmissionStep(TextChoices):
    """What happens to a file; the names are those of workflow.SUBMISSION and of the page's addresses."""

    RECEIVE = "receive", _("terima")
    WITHDRAW = "withdraw", _("urungkan terima")
    PROCESS = "process", _("mulai proses")
    LACK = "lack", _("catat yang kurang")
    COMPLETE = "complete", _("sudah lengkap")
    READY = "ready", _("siap diambil")
    NOT_READY = "not-ready", _("belum siap")
    HAND_OVER = "hand-over", _("serahkan")
    TAKE_BACK = "take-back", _("belum diambil")
    REJECT = "reject", _("tolak")
