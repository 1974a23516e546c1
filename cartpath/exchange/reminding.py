"""A reminder that was put off, in a journey file."""

from dataclasses import dataclass
from typing import Annotated

from annotated_types import MaxLen, MinLen

from cartpath.core.inputs import INPUT_CONFIG
from cartpath.core.moments import Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class PutOff:
    """Until when nobody is told, and why it can wait."""

    __pydantic_config__ = INPUT_CONFIG

    until: Moment
    reason: Annotated[str, MinLen(1), MaxLen(300)]
