"""The writers of who is in the mall, and of who has come in."""

from tenants.actions.agencies import set_agreement, set_status
from tenants.actions.devices import CODE_LENGTH, make_code, note_printer, note_sign, pair, revoke
from tenants.actions.signing_in import issue_api_token, sign_in, user_of_api_token

__all__ = [
    "CODE_LENGTH",
    "issue_api_token",
    "make_code",
    "note_printer",
    "note_sign",
    "pair",
    "revoke",
    "set_agreement",
    "set_status",
    "sign_in",
    "user_of_api_token",
]
