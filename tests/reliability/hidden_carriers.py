"""Every way to hide text that is tried."""

from tests.reliability import (
    hidden_in_files,
    hidden_in_pages,
    hidden_in_pdf,
    hidden_in_tables,
    hidden_in_text,
)

# What starts a program for each file goes last: they are a third of the time.
CARRIERS = (
    *hidden_in_text.CARRIERS,
    *hidden_in_pages.CARRIERS,
    *hidden_in_pdf.CARRIERS,
    *hidden_in_tables.CARRIERS,
    *hidden_in_files.CARRIERS,
)
