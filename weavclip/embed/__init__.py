"""Vectors from ONNX CLIP, and the models it takes."""
