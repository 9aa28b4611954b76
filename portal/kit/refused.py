"""What an action says when it cannot be done."""


class Refused(Exception):
    """The action cannot be done; the message says why, in words for the person who asked."""
