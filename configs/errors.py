"""The one exception family that copydesk raises on purpose."""


class CopydeskError(Exception):
    """A fault in what the user gave: the input, the codebook, the model or an option.

    The message names the input, says what is wrong and what to do. The command line prints it without a traceback and
    exits with code 2.

    :param message: What is wrong, with the offending value.
    :param remedy: What the user can do about it.
    :param source: The input that it is about (a file name, ``file:line``, an article id), where known.
    """

    def __init__(self, message: str, *, remedy: str = "", source: str = "") -> None:
        self.message = message
        self.remedy = remedy
        self.source = source
        super().__init__(": ".join(part for part in (source, message) if part) + (f" {remedy}" if remedy else ""))


class InputError(CopydeskError):
    """An article or a table that can't be read."""


class CodebookError(CopydeskError):
    """A codebook or label that is unknown, malformed or unfit for the job."""


class ModelError(CopydeskError):
    """A model that can't be found, loaded or used for the job."""


class ConfigError(CopydeskError):
    """A recipe or an option with a wrong value."""
