"""The settings of a real server, and the places at which a fault may strike."""

from tests.deploy.production_settings import *  # noqa: F403
from tests.deploy.production_settings import MIDDLEWARE

# Outermost: the answer is finished, the transaction committed, and nothing has been sent yet.
MIDDLEWARE = ["tests.faults.failpoint.DieBeforeTheAnswer", *MIDDLEWARE]
