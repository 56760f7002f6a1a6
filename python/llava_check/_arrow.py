"""Arrow streams of the library: exported as capsules, and read here without pyarrow.

The reader supports only the types that occur in the library's tables.
"""

from __future__ import annotations

import ctypes
from typing import Any, Iterator, Optional, cast

from llava_check import _structs as structs
from llava_check._errors import Error
from llava_check._library import call, decode

# ---- capsules ----

_STREAM = b"arrow_array_stream"
_SCHEMA = b"arrow_schema"
_ARRAY = b"arrow_array"

_new_capsule = ctypes.pythonapi.PyCapsule_New
_new_capsule.restype = ctypes.py_object
_new_capsule.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p]
_capsule_pointer = ctypes.pythonapi.PyCapsule_GetPointer
_capsule_pointer.restype = ctypes.c_void_p
_capsule_pointer.argtypes = [ctypes.c_void_p, ctypes.c_char_p]

_pointer_in = ctypes.PYFUNCTYPE(ctypes.c_void_p, ctypes.py_object, ctypes.c_char_p)(
    ("PyCapsule_GetPointer", ctypes.pythonapi)
)

# What capsules point to, by address, until they are destroyed
_exported: dict[int, ctypes.Structure] = {}


def _destroy(capsule: int, name: bytes) -> None:
    struct = cast(Any, _exported.pop(_capsule_pointer(capsule, name), None))
    if struct is not None and struct.release:  # no consumer has moved it
        struct.release(ctypes.byref(struct))


_destroy_stream = ctypes.PYFUNCTYPE(None, ctypes.c_void_p)(
    lambda capsule: _destroy(capsule, _STREAM)
)
_destroy_schema = ctypes.PYFUNCTYPE(None, ctypes.c_void_p)(
    lambda capsule: _destroy(capsule, _SCHEMA)
)


def _capsule(struct: ctypes.Structure, name: bytes, destroy: Any) -> object:
    address = ctypes.addressof(struct)
    _exported[address] = struct
    return _new_capsule(address, name, ctypes.cast(destroy, ctypes.c_void_p))


def stream_capsule(stream: structs.ArrowArrayStream) -> object:
    """Return a capsule that takes ownership of a stream."""
    return _capsule(stream, _STREAM, _destroy_stream)


def schema_capsule(schema: structs.ArrowSchema) -> object:
    """Return a capsule that takes ownership of a schema."""
    return _capsule(schema, _SCHEMA, _destroy_schema)


def schema_pointer(capsule: object) -> Any:
    """Return the address of the schema in a capsule, valid as long as the capsule."""
    return _pointer_in(capsule, _SCHEMA)


def next_array(stream: structs.ArrowArrayStream, out: structs.ArrowArray) -> bool:
    """Set ``out`` to the next batch of a stream; return False at its end."""
    if stream.get_next(ctypes.byref(stream), ctypes.byref(out)):
        raise Error(decode(stream.get_last_error(ctypes.byref(stream))))
    return bool(out.release)


def array_pointers(capsules: tuple[object, object]) -> tuple[Any, Any]:
    """Return the addresses of the schema and the array in the capsules of ``__arrow_c_array__``."""
    return _pointer_in(capsules[0], _SCHEMA), _pointer_in(capsules[1], _ARRAY)


# ---- reading ----

# Type codes of ctypes by Arrow's formats
_NUMBERS = {"c": "b", "C": "B", "i": "i", "I": "I", "l": "q", "L": "Q", "tsn:UTC": "q"}


class Field:
    """A column: its name and its type."""

    def __init__(self, schema: structs.ArrowSchema) -> None:
        self.name = decode(schema.name)
        self.format = decode(schema.format)
        self.is_dictionary = bool(schema.dictionary)
        self.inner: list[Field] = []  # of a list of structs
        if self.format == "+l":
            self.inner = fields_of(schema.children[0].contents)

    @property
    def type(self) -> str:
        """The name of its type, for people."""
        if self.is_dictionary:
            return "dictionary"
        if self.inner:
            return "list of structs"
        words = {"u": "string", "b": "bool", "+l": "list of strings", "tsn:UTC": "timestamp"}
        return words.get(self.format, "integer")


def fields_of(schema: structs.ArrowSchema) -> list[Field]:
    """Return the columns that a schema describes."""
    return [Field(schema.children[i].contents) for i in range(schema.n_children)]


_WIDTHS = {"b": 1, "B": 1, "i": 4, "I": 4, "q": 8, "Q": 8}


def _view(address: Optional[int], size: int, code: str) -> memoryview:
    """Return a view of a buffer of numbers, valid as long as its array."""
    raw: Any = b""
    if address and size:
        raw = (ctypes.c_char * (size * _WIDTHS[code])).from_address(address)
    view: Any = memoryview(raw).cast("B")
    return cast(memoryview, view.cast(code))


def _bits(address: Optional[int], length: int) -> list[bool]:
    data = _view(address, (length + 7) // 8, "B")
    return [bool(data[i >> 3] >> (i & 7) & 1) for i in range(length)]


def _texts(array: structs.ArrowArray) -> list[str]:
    offsets = _view(array.buffers[1], array.length + 1, "i")
    if not array.length:
        return []
    data = bytes(_view(array.buffers[2], offsets[array.length], "B"))
    return [
        data[offsets[i] : offsets[i + 1]].decode("utf-8") for i in range(array.length)
    ]


def numbers(array: structs.ArrowArray, field: Field) -> memoryview:
    """Return a view of a column's numbers, or of its indices into its dictionary."""
    return _view(array.buffers[1], array.length, _NUMBERS[field.format])


def names(array: structs.ArrowArray) -> list[str]:
    """Return the dictionary of a column."""
    return _texts(array.dictionary.contents)


def _values(array: structs.ArrowArray, field: Field) -> list[Any]:
    values: list[Any]
    if field.is_dictionary:
        texts = names(array)
        values = [texts[i] if texts else None for i in numbers(array, field)]
    elif field.format == "u":
        values = _texts(array)
    elif field.format == "b":
        values = _bits(array.buffers[1], array.length)
    elif field.format == "+l":
        offsets = _view(array.buffers[1], array.length + 1, "i")
        child = array.children[0].contents
        items: list[Any] = _structs(child, field.inner) if field.inner else _texts(child)
        values = [items[offsets[i] : offsets[i + 1]] for i in range(array.length)]
    else:
        values = list(numbers(array, field))
    if array.null_count:
        valid = _bits(array.buffers[0], array.length)
        values = [value if there else None for value, there in zip(values, valid)]
    return values


def _structs(array: structs.ArrowArray, fields: list[Field]) -> list[dict[str, Any]]:
    columns = [_values(array.children[i].contents, field) for i, field in enumerate(fields)]
    keys = [field.name for field in fields]
    return [dict(zip(keys, values)) for values in zip(*columns)]


class Batch:
    """Some rows of a stream; its buffers are valid until the next batch."""

    def __init__(self, array: structs.ArrowArray, fields: list[Field]) -> None:
        self._array = array
        self.fields = fields

    def __len__(self) -> int:
        return int(self._array.length)

    def column(self, name: str) -> tuple[structs.ArrowArray, Field]:
        """Return the array of a column and its type."""
        for i, field in enumerate(self.fields):
            if field.name == name:
                return self._array.children[i].contents, field
        raise KeyError(name)

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield its rows as dicts."""
        yield from _structs(self._array, self.fields)


def batches(stream: structs.ArrowArrayStream) -> Iterator[Batch]:
    """Yield the batches of a stream, which is released at the end."""
    pointer = ctypes.byref(stream)
    schema = structs.ArrowSchema()
    array = structs.ArrowArray()
    try:
        if stream.get_schema(pointer, ctypes.byref(schema)):
            raise Error(decode(stream.get_last_error(pointer)))
        fields = fields_of(schema)
        schema.release(ctypes.byref(schema))
        while next_array(stream, array):
            yield Batch(array, fields)
            array.release(ctypes.byref(array))
    finally:
        if array.release:
            array.release(ctypes.byref(array))
        stream.release(pointer)


def schema_of(table: int) -> structs.ArrowSchema:
    """Return the schema of one of the library's tables; the caller releases it."""
    schema = structs.ArrowSchema()
    call("lc_arrow_schema", table, ctypes.byref(schema))
    return schema
