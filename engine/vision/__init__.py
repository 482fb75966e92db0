"""What models see: arrays in, arrays out. torch and transformers only here."""
