"""What can go wrong before the portal is there to say it."""


class RuntimeTrouble(Exception):
    """The local servers or the process group cannot go on; the text is for the person who started them."""
