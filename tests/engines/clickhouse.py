"""Runs statements in ClickHouse, in the folder it is started in: a JSON list of them comes in, their rows go out."""

import json
import sys

from chdb.session import Session

session = Session()
session.query("CREATE DATABASE audit")
session.query("USE audit")
rows = []
for statement in json.load(sys.stdin):
    returns = statement.startswith("SELECT")
    result = session.query(f"{statement} FORMAT JSONEachRow" if returns else statement)
    rows.append([json.loads(line) for line in str(result).splitlines()] if returns else [])
json.dump(rows, sys.stdout)
