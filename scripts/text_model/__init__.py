"""A text model out of its weights: a graph that turns tokens into one vector a text."""
