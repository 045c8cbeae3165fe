"""What the log may say: that and why a page failed, never which page somebody asked for."""

import logging


class WithoutAddress(logging.Filter):
    """Takes the address, the method and the request out of Django's record of an error; the trace stays."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = "A page failed with status %s", (getattr(record, "status_code", "unknown"),)
        record.__dict__.pop("request", None)
        return True
