"""Who may do what with trouble, and whose files are whose."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from mpp.core import clock
from mpp.core.codes import normal_code
from mpp.core.errors import Forbidden, NotFound
from services.models import Submission
from tenants.enums import Role
from tenants.models import Agency

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from tenants.models import User

TROUBLE_ROLES = frozenset({Role.ADMIN, Role.FLOOR_MANAGER})
FILE_ROLES = frozenset({Role.OFFICER, Role.AGENCY_MANAGER})
# As people may write it, with spaces and hyphens.
LONGEST_CODE = 40


def may_handle_trouble(user: Any) -> bool:
    """Tell whether this person may declare, change and end trouble."""
    return bool(user.is_active and (user.is_superuser or user.role in TROUBLE_ROLES))


def refuse_others(user: Any) -> None:
    """Raise `Forbidden` (403) unless this person may handle trouble; None is the portal itself."""
    if user is not None and not may_handle_trouble(user):
        raise Forbidden


def agencies_with_files(user: User) -> QuerySet[Agency]:
    """Return the agencies whose files this person moves on: those where an officer or manager is placed.

    Raises `Forbidden` for other roles: they follow files in the admin, or not at all.
    """
    if not user.is_active or user.role not in FILE_ROLES:
        raise Forbidden(_("Halaman ini untuk petugas instansi. Peran Anda tidak memakainya."))
    return Agency.objects.filter(placements__in=user.placements.on(clock.today())).distinct()


def access_submission(user: User, file_id: int) -> Submission:
    """Return a file of one's own agency; any other is 404, its existence is nobody's business."""
    submission = Submission.objects.of(agencies_with_files(user)).filter(pk=file_id).first()
    if submission is None:
        raise NotFound
    return submission


def find_submission(code: str) -> Submission:
    """Return the file that a citizen's code leads to; wrong, forgotten and taken back answer the same."""
    known = Submission.objects.known().select_related("service__agency__zone").defer("service__search")
    submission = known.filter(code=normal_code(code[:LONGEST_CODE])).first()
    if submission is None:
        raise NotFound(_("Kode berkas itu tidak dikenal. Periksa lagi tanda terimanya."))
    return submission
