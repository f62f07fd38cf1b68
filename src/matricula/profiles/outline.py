"""The outline of documents: which settings there are at which place, read off their models."""

from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel


def bare(annotation: Any) -> Any:
    """A type without what is said beside it, and without `None` where that is the only other thing possible."""
    while get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    if get_origin(annotation) in (UnionType, Union):
        others = [each for each in get_args(annotation) if each is not NoneType]
        return bare(others[0]) if len(others) == 1 else annotation
    return annotation


def inner(annotation: Any) -> Any:
    """What stands in a list or table, as a bare type; None for anything else."""
    annotation = bare(annotation)
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is dict:
        return bare(arguments[1])
    return bare(arguments[0]) if origin in (tuple, list) else None


def is_model(annotation: Any) -> bool:
    """Whether a bare type is a document or a part of one."""
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def step(annotation: Any, part: str | int) -> Any:
    """The bare type of one setting, or of one entry of a list or table; None where there is no such thing.

    Args:
        annotation: bare type of what it stands in.
        part: name of the setting, key or number of the entry.
    """
    if is_model(annotation):
        field = annotation.model_fields.get(part)
        return bare(field.annotation) if field else None
    return inner(annotation)
