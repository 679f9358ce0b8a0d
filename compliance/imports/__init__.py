"""Lists of producers and mills taken into the register: read, matched, decided, applied."""
