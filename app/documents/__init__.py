"""The documents in the service's keeping: their folder, their runs, their editions."""
