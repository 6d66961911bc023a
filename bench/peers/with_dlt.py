"""Counts issues by dlt's rest_api source: `with_dlt.py QUESTIONS.json`.

Rows are extracted side by side and counted, and loaded nowhere: a real pipeline would normalize and load them too.
"""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from dlt.sources.rest_api import rest_api_source  # type: ignore[import-not-found]

questions = json.loads(Path(sys.argv[1]).read_text())
config: dict[str, Any] = {
    "client": {
        "base_url": f"{os.environ['JIRA_URL']}/rest/api/3/",
        "auth": {"type": "http_basic", "username": "okrsync@example.com", "password": os.environ["JIRA_TOKEN"]},
        "paginator": {"type": "cursor", "cursor_path": "nextPageToken", "cursor_body_path": "nextPageToken"},
    },
    "resources": [
        {
            "name": f"question_{number}",
            "parallelized": True,
            "endpoint": {
                "path": "search/jql",
                "method": "POST",
                "json": {"jql": jql, "fields": ["id"], "maxResults": 5000},
                "data_selector": "issues",
            },
        }
        for number, jql in enumerate(questions)
    ],
}


def marked(number: int) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda row: {**row, "question": number}


source = rest_api_source(config)
for number in range(len(questions)):
    source.resources[f"question_{number}"].add_map(marked(number))
counted = Counter(row["question"] for row in source)
print(json.dumps([counted[number] for number in range(len(questions))]))
