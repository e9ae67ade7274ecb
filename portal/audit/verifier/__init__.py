"""The stand-alone verifier, which every evidence pack carries; the portal reads and writes by the same definitions."""
