"""CLIP: what runs its two towers, and where its models are kept."""
