"""The writers of who is in the mall, and of who has come in."""

from tenants.actions.agencies import set_agreement, set_status
from tenants.actions.signing_in import issue_api_token, sign_in, user_of_api_token

__all__ = [
    "issue_api_token",
    "set_agreement",
    "set_status",
    "sign_in",
    "user_of_api_token",
]
