"""Version 4: models that work together."""

from __future__ import annotations

# Steps are noted for a set of models, vectors for each model by itself: a row is a set (or a
# model that works alone), or only stands for the vectors of one.
FOURTH = ("ALTER TABLE models ADD COLUMN has_steps INTEGER NOT NULL DEFAULT 1",)
