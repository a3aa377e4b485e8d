"""What a function or class may run, as far as names in its code show: other code of the project that it refers to by name."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from types import CodeType, FunctionType, MethodType, ModuleType
from typing import Any

from django.contrib.auth import get_user_model

#: Packages whose code is not read. Their classes are noted.
_LIBRARIES = {"django", "rest_framework", "rest_framework_simplejwt", "dms_live", *sys.stdlib_module_names}
#: How many functions and classes are read for one view. More is no login view.
_MOST = 400


@dataclass
class Reach:
    #: The names that code uses: of functions, attributes, modules.
    names: set[str] = field(default_factory=set)
    #: The strings in it.
    words: set[str] = field(default_factory=set)
    classes: list[type] = field(default_factory=list)


def reach_of(entries: Iterable[Any], is_followed_whole: Callable[[type], bool]) -> Reach:
    """Reads entries with all their methods. Of a class that they refer to, only methods that some code names are read.

    :param is_followed_whole: for a class of which a library calls the methods.
    """
    reach = Reach()
    todo, seen = list(entries), set[int]()
    named: list[type] = [get_user_model()]
    whole = [entry for entry in todo if isinstance(entry, type)]
    while todo and len(seen) < _MOST:
        item = _plain(todo.pop())
        if id(item) in seen:
            continue
        seen.add(id(item))
        if isinstance(item, type):
            reach.classes.append(item)
            is_whole = item in whole or is_followed_whole(item)
            todo += _methods_of(item) if is_whole else []
            named += [] if is_whole else [item]
        elif isinstance(item, FunctionType):
            todo += _held_by(item)
            if not _is_of_library(item):
                todo += _named_by(item, reach)
        if not todo:
            todo = [method for cls in named for method in _methods_of(cls, reach.names) if id(method) not in seen]
    return reach


def _plain(item: Any) -> Any:
    while isinstance(item, (partial, MethodType, staticmethod, classmethod, property)):
        item = getattr(item, "func", None) or getattr(item, "__func__", None) or getattr(item, "fget", None)
    return item


def _is_of_library(item: Any) -> bool:
    return str(getattr(item, "__module__", "")).split(".")[0] in _LIBRARIES


def _methods_of(cls: type, names: set[str] | None = None) -> Iterator[Any]:
    for base in cls.__mro__:
        if not _is_of_library(base):
            for name, value in vars(base).items():
                if names is None or name in names:
                    value = _plain(value)
                    if isinstance(value, (FunctionType, type)):
                        yield value


def _held_by(function: FunctionType) -> Iterator[Any]:
    """What a decorator wrapped: REST framework's ``api_view`` holds the view in a closure."""
    for cell in function.__closure__ or ():
        try:
            yield cell.cell_contents
        except ValueError:  # it is not filled yet
            continue
    yield getattr(function, "__wrapped__", None)


def _named_by(function: FunctionType, reach: Reach) -> Iterator[Any]:
    """The functions and classes that a function's code names."""
    for code in _codes_in(function.__code__):
        reach.names.update(code.co_names)
        reach.words.update(_words_in(code.co_consts))
        for name in code.co_names:
            value = function.__globals__.get(name, _imported_within(function, name))
            if isinstance(value, ModuleType):
                yield from (getattr(value, part) for part in code.co_names if hasattr(value, part))
            elif value is not None:
                yield value


def _imported_within(function: FunctionType, name: str) -> ModuleType | None:
    """A module that the function imports itself, if it is loaded: its name is among the names in the code."""
    package = function.__globals__.get("__package__") or ""
    return sys.modules.get(name) or sys.modules.get(f"{package}.{name}")


def _words_in(constants: Iterable[Any]) -> Iterator[str]:
    for constant in constants:
        if isinstance(constant, str):
            yield constant
        elif isinstance(constant, tuple):  # the keys of a dict
            yield from _words_in(constant)


def _codes_in(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes_in(constant)
