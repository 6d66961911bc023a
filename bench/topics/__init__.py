"""What is measured, a module for each topic.

A topic has TITLE, ABOUT (what a reader must know to believe the table), and `run(bench, page)`, which adds tables to
the page, and rows to the tables as they are measured. To add one, write its module and name it here.
"""

USUAL = ("starting", "asking", "peers", "hooks", "pages", "assessing", "sizes")
FULL = ("growing", "assessing", "sizes")
