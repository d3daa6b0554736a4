"""Keeps the agent running without anybody looking: systemd, launchd, Windows, or autostart."""
