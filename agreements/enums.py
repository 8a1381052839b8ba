from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class InstrumentKind(TextChoices):
    NOTA_KESEPAKATAN = "NOTA_KESEPAKATAN", _("nota kesepakatan (sinergi)")
    RENCANA_KERJA = "RENCANA_KERJA", _("rencana kerja")
    KESEPAKATAN_BERSAMA = "KESEPAKATAN_BERSAMA", _("kesepakatan bersama")
    PKS = "PKS", _("perjanjian kerja sama")
    SURAT_PENUGASAN = "SURAT_PENUGASAN", _("surat penugasan")
    ADDENDUM = "ADDENDUM", _("addendum")


# With one of these in force an agency may serve; a work plan or an addendum needs its parent.
CARRYING = frozenset(
    {InstrumentKind.NOTA_KESEPAKATAN, InstrumentKind.KESEPAKATAN_BERSAMA, InstrumentKind.PKS}
)


class InstrumentState(TextChoices):
    DRAFT = "DRAFT", _("disusun")
    REVIEW = "REVIEW", _("telaah")
    READY = "READY", _("siap tanda tangan")
    SIGNED = "SIGNED", _("ditandatangani")
    IN_FORCE = "IN_FORCE", _("berlaku")
    EXPIRED = "EXPIRED", _("berakhir")
    TERMINATED = "TERMINATED", _("diakhiri")


SIGNED_STATES = frozenset(
    {InstrumentState.SIGNED, InstrumentState.IN_FORCE, InstrumentState.EXPIRED, InstrumentState.TERMINATED}
)


class SigningLevel(TextChoices):
    """Who signs for the regency: what the head signs stands above what a head of office signs."""

    REGENT = "REGENT", _("bupati atau wali kota")
    OFFICE = "OFFICE", _("kepala dinas")


class RuleRole(TextChoices):
    """What a kind of paper is for a kind of agency."""

    UMBRELLA = "UMBRELLA", _("payung")
    OPERATING = "OPERATING", _("pelaksanaan")
    ASSIGNMENT = "ASSIGNMENT", _("penugasan")


# Days before the end at which somebody is reminded, the farthest first; each once.
REMINDER_DAYS = (180, 90, 60, 30, 7, 0)


class FindingKind(TextChoices):
    """What sort of thing was found (R000-13)."""

    SHORTCOMING = "SHORTCOMING", _("kekurangan")
    OBSTACLE = "OBSTACLE", _("kendala")
    PROBLEM = "PROBLEM", _("permasalahan")


class FindingSource(TextChoices):
    TRIAL = "TRIAL", _("uji coba")
    EVALUATION = "EVALUATION", _("monev")
    COMPLAINT = "COMPLAINT", _("pengaduan")
    OBSERVATION = "OBSERVATION", _("pengamatan")


class FindingState(TextChoices):
    OPEN = "OPEN", _("terbuka")
    ANSWERED = "ANSWERED", _("menunggu pemeriksaan")
    CLOSED = "CLOSED", _("selesai")


class PeriodKind(TextChoices):
    """How long an evaluation looks back. Of one kind, no two periods overlap."""

    MONTH = "MONTH", _("bulanan")
    QUARTER = "QUARTER", _("triwulan")
    SEMESTER = "SEMESTER", _("semester")
    YEAR = "YEAR", _("tahunan")
    OTHER = "OTHER", _("masa lain")


class PeriodStanding(TextChoices):
    """How a period stands; derived from its dates and moments."""

    RUNNING = "RUNNING", _("berjalan")
    COUNTING = "COUNTING", _("sedang dihitung")
    WAITING = "WAITING", _("belum dihitung")
    COUNTED = "COUNTED", _("selesai dihitung")
    CLOSED = "CLOSED", _("ditutup")


class Indicator(TextChoices):
    """What an evaluation measures; how each is counted stands in agreements.indicators."""

    OFFICER_HOURS = "OFFICER_HOURS", _("Jam petugas")
    DAYS_OPEN = "DAYS_OPEN", _("Hari buka")
    LATE_OPENINGS = "LATE_OPENINGS", _("Terlambat buka")
    EMPTY_COUNTERS = "EMPTY_COUNTERS", _("Loket kosong saat ada yang menunggu")
    SERVED = "SERVED", _("Dilayani")
    WAIT_MEDIAN = "WAIT_MEDIAN", _("Waktu tunggu, tengah")
    WAIT_P90 = "WAIT_P90", _("Waktu tunggu, sembilan dari sepuluh")
    WITHIN_STANDARD = "WITHIN_STANDARD", _("Selesai dalam janji standar")
    NO_SHOWS = "NO_SHOWS", _("Tidak hadir saat dipanggil")
    QUOTA = "QUOTA", _("Kuota terpakai")


class LeaveKind(TextChoices):
    """Why an officer is excused."""

    LEAVE = "LEAVE", _("cuti")
    SICK = "SICK", _("sakit")
    ELSEWHERE = "ELSEWHERE", _("dinas luar")


class Stage(TextChoices):
    """The way of a mall from the first word to the yearly look back (Perpres 89/2021)."""

    COMMITMENT = "COMMITMENT", _("komitmen")
    STUDY = "STUDY", _("kajian")
    APPROVAL = "APPROVAL", _("usulan dan persetujuan")
    PREPARATION = "PREPARATION", _("penyiapan")
    SIGNING = "SIGNING", _("penandatanganan")
    TRIAL = "TRIAL", _("uji coba")
    REVIEW = "REVIEW", _("tinjauan")
    INAUGURATION = "INAUGURATION", _("peresmian")
    OPERATION = "OPERATION", _("operasional")
    MONITORING = "MONITORING", _("monitoring dan evaluasi")


class Direction(TextChoices):
    IN = "IN", _("masuk")
    OUT = "OUT", _("keluar")


class MeetingKind(TextChoices):
    MEETING = "MEETING", _("rapat")
    FGD = "FGD", _("diskusi kelompok terpumpun (FGD)")
    WORKING_SESSION = "WORKING_SESSION", _("konsinyering")
    VISIT = "VISIT", _("kunjungan atau peninjauan")


class ReportKind(TextChoices):
    PREPARATION = "PREPARATION", _("kemajuan persiapan")
    REGISTER = "REGISTER", _("daftar naskah kerja sama")
    ATTENDANCE = "ATTENDANCE", _("kehadiran terhadap janji")
    EVALUATION = "EVALUATION", _("lembar evaluasi instansi")


class ReportState(TextChoices):
    QUEUED = "QUEUED", _("menunggu")
    RUNNING = "RUNNING", _("sedang disusun")
    DONE = "DONE", _("selesai")
    FAILED = "FAILED", _("gagal")


class RoadStage(TextChoices):
    """Where an agency stands on its road into the mall, in the order of the road."""

    CANDIDATE = "CANDIDATE", _("calon")
    WILLING = "WILLING", _("bersedia")
    DRAFTED = "DRAFTED", _("naskah disusun")
    REVIEWED = "REVIEWED", _("telaah")
    READY = "READY", _("siap tanda tangan")
    SIGNED = "SIGNED", _("ditandatangani")
    IN_FORCE = "IN_FORCE", _("berlaku")
    PREPARING = "PREPARING", _("persiapan")
    TRIAL = "TRIAL", _("uji coba")
    OPERATING = "OPERATING", _("operasional")
    PAUSED = "PAUSED", _("jeda")
    ENDED = "ENDED", _("berakhir")


class Heading(TextChoices):
    """The four headings of readiness (R002-9)."""

    PEOPLE = "SDM", _("SDM")
    PROCEDURE = "SOP", _("SOP")
    FACILITIES = "SARANA", _("sarana")
    FEEDBACK = "KANAL", _("kanal masukan")


class CheckState(TextChoices):
    CLAIMED = "CLAIMED", _("menunggu pemeriksaan")
    VERIFIED = "VERIFIED", _("terverifikasi")
    RETURNED = "RETURNED", _("dikembalikan")


class Verdict(TextChoices):
    """What is decided about a trial."""

    EXTEND = "EXTEND", _("perpanjang uji coba")
    OPERATE = "OPERATE", _("mulai operasional")
    STOP = "STOP", _("hentikan uji coba")
    CANCEL = "CANCEL", _("batalkan rencana uji coba")


class StepKey(TextChoices):
    """The steps of the way in, in their order."""

    AGENCY = "AGENCY", _("Instansi")
    INSTRUMENT = "INSTRUMENT", _("Naskah")
    SCHEDULE = "SCHEDULE", _("Jadwal")
    SERVICES = "SERVICES", _("Layanan")
    COUNTERS = "COUNTERS", _("Loket")
    PEOPLE = "PEOPLE", _("Petugas")
    READINESS = "READINESS", _("Kesiapan")
    TRIAL = "TRIAL", _("Uji coba")
