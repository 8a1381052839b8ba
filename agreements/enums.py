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
