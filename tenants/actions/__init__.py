"""The writers of who is in the mall, and of who has come in."""

from tenants.actions.agencies import set_agreement, set_promised_officers, set_status, set_trial_end
from tenants.actions.desk import prove_pin, set_pin, switch_shortcuts
from tenants.actions.devices import (
    CODE_LENGTH,
    ask_for_test_print,
    change_roll,
    make_code,
    note_printer,
    note_sign,
    pair,
    revoke,
)
from tenants.actions.duties import end_duties, follow_duties
from tenants.actions.signing_in import issue_api_token, prove_password, sign_in, user_of_api_token

__all__ = [
    "CODE_LENGTH",
    "ask_for_test_print",
    "change_roll",
    "end_duties",
    "follow_duties",
    "issue_api_token",
    "make_code",
    "note_printer",
    "note_sign",
    "pair",
    "prove_password",
    "prove_pin",
    "revoke",
    "set_agreement",
    "set_pin",
    "set_promised_officers",
    "set_status",
    "set_trial_end",
    "sign_in",
    "switch_shortcuts",
    "user_of_api_token",
]
