"""Where copies come from, and how a clip goes back."""
