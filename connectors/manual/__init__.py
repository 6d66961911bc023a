"""Values that a person wrote into the OKR file, with their dates, for what no tool knows."""
