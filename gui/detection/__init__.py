"""The view of detection: labels typed, boxes drawn, kept, corrected, searched on from."""
