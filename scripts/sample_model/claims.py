"""What phrases allow: of which drawings are they true?

A claim is one mask an attribute, in the order of ``ATTRIBUTES``: the values that the phrase
allows. A phrase is true of a drawing if one of its claims allows all of the drawing's bits, so
that training knows for every phrase and picture whether they belong together.
"""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from scripts.sample_model.spec import ANYTHING, ATTRIBUTES, VALUES, Drawing

Claim = tuple[int, ...]
NEVER: Claim = (0,) * len(ATTRIBUTES)


def claim(allowed: Mapping[str, str | Iterable[str] | None]) -> Claim:
    """The claim that allows the named values and, in other attributes, anything."""
    masks = [ANYTHING] * len(ATTRIBUTES)
    for name, value in allowed.items():
        values = (value,) if isinstance(value, str) else value or ()
        masks[ATTRIBUTES.index(name)] = sum(1 << VALUES[name].index(each) for each in values)
    return tuple(masks)


def truth(claims: Sequence[Sequence[Claim]], drawings: Sequence[Drawing]) -> NDArray[np.bool_]:
    """Which phrase is true of which drawing.

    Args:
        claims: For each of T phrases any number of claims.
        drawings: B drawings.

    Returns:
        bool, shape (T, B).
    """
    most = max([1, *map(len, claims)])
    masks = np.array([(*each, *(NEVER,) * (most - len(each))) for each in claims], np.uint16)
    bits = np.array([drawing.bits() for drawing in drawings], np.uint16)
    hits = np.ones((*masks.shape[:2], len(bits)), np.bool_)
    for i in range(len(ATTRIBUTES)):
        hits &= (masks[:, :, i, None] & bits[None, None, :, i]) != 0
    return np.asarray(hits.any(axis=1))
