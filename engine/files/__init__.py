"""What is on disk: scanning, watching, decoding, thumbnails. PIL and watchdog only here."""
