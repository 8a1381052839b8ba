"""What the holder of a file's code reads: where it is, what to do next, how it came there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _

from services.enums import WITH_AGENCY, SubmissionState
from services.models import Submission

# The way that most files take; what lies beside it is told in words.
WAY = (
    SubmissionState.RECEIVED,
    SubmissionState.IN_PROCESS,
    SubmissionState.READY,
    SubmissionState.COLLECTED,
)


@dataclass(frozen=True)
class Stage:
    """One stage of the way: when the file came there last, or not yet; `is_now` when it stands there."""

    name: str
    at: datetime | None
    is_now: bool


@dataclass(frozen=True)
class Story:
    """The file in words: `heading` where it is, `text` why, `next` what its holder does."""

    heading: str
    text: str
    next: str
    icon: str
    is_late: bool
    is_over: bool
    stages: Sequence[Stage]


def story_of(file: Submission, today: date) -> Story:
    """Return what the holder of `file` reads on `today`: one query."""
    is_late = file.state in WITH_AGENCY and file.promised_on is not None and file.promised_on < today
    heading, text, following, icon = _words(file, is_late=is_late)
    is_over = file.state in {SubmissionState.COLLECTED, SubmissionState.REJECTED}
    return Story(heading, text, following, icon, is_late, is_over, _stages(file))


def _words(file: Submission, *, is_late: bool) -> tuple[str, str, str, str]:
    agency = {"agency": file.service.agency.short_name}
    match file.state:
        case SubmissionState.INCOMPLETE:
            return (
                _("Kurang lengkap"),
                _("Yang kurang: %(papers)s") % {"papers": file.note},
                _("Bawa ke loket %(agency)s dan sebutkan kode ini.") % agency,
                "list-check",
            )
        case SubmissionState.READY:
            return (
                _("Siap diambil"),
                "",
                _("Datang ke loket %(agency)s. Bawa tanda terima atau kode ini.") % agency,
                "circle-check",
            )
        case SubmissionState.COLLECTED:
            return _("Sudah diambil"), "", _("Tidak ada lagi yang perlu Anda lakukan."), "check"
        case SubmissionState.REJECTED:
            return (
                _("Tidak dapat diproses"),
                _("Alasannya: %(reason)s") % {"reason": file.note},
                _("Tanyakan kepada loket %(agency)s. Anda boleh mengajukan lagi.") % agency,
                "info-circle",
            )
    if is_late:
        following = _("Maaf, ini lebih lama dari janji. Tanyakan kepada loket %(agency)s.") % agency
    else:
        following = _("Anda tidak perlu datang sekarang. Simpan kode ini.")
    if file.state == SubmissionState.RECEIVED:
        return _("Sudah diterima"), _("Menunggu giliran dikerjakan."), following, "file-text"
    return _("Sedang diproses"), _("Petugas sedang mengerjakannya."), following, "hourglass"


def _stages(file: Submission) -> list[Stage]:
    """Return the way of the file; what is not reached any more, as after a correction, has no time."""
    times = dict(file.events.order_by("pk").values_list("target", "at"))
    # Whoever completes the papers is in process again.
    here = SubmissionState.IN_PROCESS if file.state == SubmissionState.INCOMPLETE else file.state
    reached = WAY.index(SubmissionState(here)) if here in WAY else 0
    return [
        Stage(str(stage.label), times.get(stage) if place <= reached else None, stage == file.state)
        for place, stage in enumerate(WAY)
    ]
