"""The sample model: pictures that can be drawn, what is true of them, and two small towers.

Everything but ``towers``, ``training`` and ``export`` needs NumPy and Pillow alone, so that the
demo and the tests can draw without torch.
"""
