"""Files and messages in and out: bytes to values and back, nothing stored here."""
