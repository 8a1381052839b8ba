"""The writer of an instrument's papers: each upload is the next version."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction

from agreements.models import Instrument, InstrumentFile
from mpp.core import audit, clock
from mpp.core.constraints import refused_by
from mpp.core.documents import attach

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile

    from tenants.models import User


def keep_file(
    *, instrument: Instrument, file: UploadedFile[Any], note: str, by: User | None = None
) -> InstrumentFile:
    """Keep a checked PDF (DocumentFormField) as the next version of the instrument on paper.

    Raises `Refusal` (409) when somebody else kept the same version in the same moment.
    """
    with refused_by(InstrumentFile), transaction.atomic():
        version = instrument.files.count() + 1
        kept = InstrumentFile(
            instrument=instrument, version=version, note=note, kept_at=clock.now(), kept_by=by
        )
        attach(kept, file)
        kept.save()
        audit.record(
            "instrument.file", by=by, target=instrument.code, version=version, sha256=kept.file_sha256
        )
    return kept
