from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class TicketState(TextChoices):
    WAITING = "WAITING", _("menunggu")
    CALLED = "CALLED", _("dipanggil")
    SERVING = "SERVING", _("dilayani")
    HELD = "HELD", _("ditahan")
    DONE = "DONE", _("selesai")
    NO_SHOW = "NO_SHOW", _("terlewat")
    CANCELLED = "CANCELLED", _("batal")
    EXPIRED = "EXPIRED", _("kedaluwarsa")


# At a counter now: a counter session has at most one of these.
AT_COUNTER = frozenset({TicketState.CALLED, TicketState.SERVING})
# Still to be dealt with today.
ACTIVE = frozenset({TicketState.WAITING, TicketState.CALLED, TicketState.SERVING, TicketState.HELD})
ENDED = frozenset({TicketState.DONE, TicketState.NO_SHOW, TicketState.CANCELLED, TicketState.EXPIRED})


class Step(TextChoices):
    """What happens to a number; the names are those of workflow.TICKET and of the API."""

    ISSUE = "issue", _("ambil")
    CALL = "call", _("panggil")
    RECALL = "recall", _("ulangi")
    START = "start", _("mulai")
    FINISH = "finish", _("selesai")
    NO_SHOW = "no-show", _("tidak hadir")
    HOLD = "hold", _("tahan")
    RESUME = "resume", _("lanjutkan")
    TRANSFER = "transfer", _("alihkan")
    REQUEUE = "requeue", _("kembalikan ke antrean")
    REENTER = "re-enter", _("masuk antrean lagi")
    STEP_BACK = "step-back", _("mundur")
    PRIORITISE = "prioritise", _("dahulukan")
    WAIVE = "waive", _("tidak lagi didahulukan")
    UNDO_CALL = "undo-call", _("urungkan panggilan")
    UNDO_FINISH = "undo-finish", _("urungkan selesai")
    UNDO_NO_SHOW = "undo-no-show", _("urungkan tidak hadir")
    CANCEL = "cancel", _("batalkan")
    CARRY = "carry", _("lanjutkan hari berikutnya")
    EXPIRE = "expire", _("kedaluwarsa")


class Lane(TextChoices):
    """In which of the lanes of its line a waiting number stands."""

    REGULAR = "R", _("reguler")
    # Priority by law, and booked numbers that came in time.
    EXPRESS = "X", _("didahulukan")
    # Sent on to one named counter.
    COUNTER = "C", _("ke loket tertentu")


class Outcome(TextChoices):
    """How serving ended."""

    DONE = "DONE", _("selesai")
    FILE_RECEIVED = "FILE_RECEIVED", _("berkas diterima")
    INCOMPLETE = "INCOMPLETE", _("berkas kurang")
    NOT_SERVABLE = "NOT_SERVABLE", _("tidak dapat dilayani")


# Which outcomes must say which paper or why.
NOTED_OUTCOMES = frozenset({Outcome.INCOMPLETE, Outcome.NOT_SERVABLE})


class Channel(TextChoices):
    ONLINE = "ONLINE", _("daring")
    KIOSK = "KIOSK", _("anjungan")
    STAFF = "STAFF", _("petugas")
    PAPER = "PAPER", _("kertas")


class ShareName(TextChoices):
    """The named parts of a day's quota; what no part reserves is the rest, for visitors on site."""

    ONLINE = "ONLINE", _("daring")
    KIOSK = "KIOSK", _("anjungan")
    STAFF = "STAFF", _("petugas")
    BOOKED = "BOOKED", _("pesanan")
    PRIORITY = "PRIORITY", _("prioritas")
    REST = "REST", _("di tempat")


class Leftover(TextChoices):
    """What happens to numbers that still wait when the counters close."""

    SERVE = "SERVE", _("tetap dilayani sesudah jam tutup")
    CARRY = "CARRY", _("dilanjutkan paling depan pada hari buka berikutnya")


class BookingState(TextChoices):
    BOOKED = "BOOKED", _("dipesan")
    CHECKED_IN = "CHECKED_IN", _("sudah hadir")
    CANCELLED = "CANCELLED", _("batal")
    EXPIRED = "EXPIRED", _("tidak datang")


class ClosedRule(TextChoices):
    """What becomes of a booking whose time is closed afterwards."""

    MOVE = "MOVE", _("dipindah ke waktu kosong berikutnya")
    CANCEL = "CANCEL", _("dibatalkan")


class Priority(TextChoices):
    """Codes of those who go first by law; names, sources and limits are rows (PriorityClass)."""

    NONE = "", _("reguler")
    ELDERLY = "ELDERLY", _("lansia")
    DISABILITY = "DISABILITY", _("disabilitas")
    PREGNANT = "PREGNANT", _("hamil")
    INFANT = "INFANT", _("menyusui atau membawa balita")
    CHILD = "CHILD", _("anak")
    DISASTER = "DISASTER", _("korban bencana")
    SUDDEN = "SUDDEN", _("sakit mendadak")
    GENERAL = "GENERAL", _("perlu didahulukan")


class NumberForm(TextChoices):
    """How the loudspeaker says the digits of a number."""

    DIGITS = "DIGITS", _("angka satu per satu")
    WORDS = "WORDS", _("sebagai bilangan")


class VoiceLanguage(TextChoices):
    """Languages that have a clip pack in static/audio/."""

    INDONESIAN = "id", _("Indonesia")
    ENGLISH = "en", _("Inggris")


class AudioFormat(TextChoices):
    """What a recording may be; the value ends its name."""

    WAV = "wav", "WAV"
    MP3 = "mp3", "MP3"
    OGG = "ogg", "OGG"


class HelpKind(TextChoices):
    """What a counter calls for help with."""

    COME = "COME", _("segera datang")
    SICK = "SICK", _("ada yang sakit")
    DEVICE = "DEVICE", _("alat atau sistem rusak")
    ASK = "ASK", _("perlu ditanyakan")


class HelpAnswer(TextChoices):
    COMING = "COMING", _("didatangi")
    WITHDRAWN = "WITHDRAWN", _("tidak jadi")


class AlertKind(TextChoices):
    """What the floor is warned of; the limit of each is a row (AlertRule)."""

    UNMANNED = "UNMANNED", _("loket tanpa petugas (menit)")
    CLOSING = "CLOSING", _("antrean selesai sesudah jam tutup (menit)")
    WAIT = "WAIT", _("menunggu paling lama (menit)")
    PEOPLE = "PEOPLE", _("orang menunggu dalam satu antrean")
    PAUSED = "PAUSED", _("loket jeda (menit)")
    DEVICE = "DEVICE", _("perangkat diam (menit)")
    LEFT = "LEFT", _("sisa nomor tinggal")


class AdviceKind(TextChoices):
    OPEN = "OPEN", _("isi loket")
    RESUME = "RESUME", _("akhiri jeda")
    MOVE = "MOVE", _("pindahkan loket")


class ScreenLayout(TextChoices):
    """How a hall display divides its room."""

    ONE = "ONE", _("satu panggilan besar")
    HALVES = "HALVES", _("dua bagian")
    LIST = "LIST", _("daftar saja")


class Half(TextChoices):
    """Where a source stands on a display of two halves; the others ignore it."""

    LEFT = "LEFT", _("kiri")
    RIGHT = "RIGHT", _("kanan")


class MediumKind(TextChoices):
    """What a file for the displays is, by its bytes."""

    PICTURE = "PICTURE", _("gambar")
    VIDEO = "VIDEO", _("video")
