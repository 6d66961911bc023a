"""Counts issues by the jira library, ten at once: `with_jira.py estimate|paging QUESTIONS.json`.

By Atlassian's estimate, or by reading all ids in the largest pages that the library can be told.
"""

from __future__ import annotations

import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from jira import JIRA

AT_ONCE, A_PAGE = 10, 5000

client = JIRA(server=os.environ["JIRA_URL"], basic_auth=("okrsync@example.com", os.environ["JIRA_TOKEN"]))


def estimate(jql: str) -> int:
    return int(client.approximate_issue_count(jql))


def paging(jql: str) -> int:
    found, token = 0, None
    while True:
        page = client.enhanced_search_issues(jql, nextPageToken=token, maxResults=A_PAGE, fields="id")
        found += len(page)
        token = page.nextPageToken
        if not token:
            return found


if __name__ == "__main__":
    way = {"estimate": estimate, "paging": paging}[sys.argv[1]]
    questions = json.loads(Path(sys.argv[2]).read_text())
    with ThreadPoolExecutor(AT_ONCE) as pool:
        print(json.dumps(list(pool.map(way, questions))))
