"""Check visual-instruction data sets before a training job runs on them."""

from __future__ import annotations

try:
    from llava_check._version import version as __version__
except ImportError:  # a checkout that was not installed
    __version__ = "0+checkout"

__all__ = ["__version__"]
