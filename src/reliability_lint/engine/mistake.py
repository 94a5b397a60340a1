"""The user's mistakes, under the name by which the engine and the fronts know them."""

from ..mistake import Mistake, closest, did_you_mean, in_text

__all__ = ["Mistake", "closest", "did_you_mean", "in_text"]
