"""The values that pass between the rooms, the ports they meet in, and the errors they raise."""
