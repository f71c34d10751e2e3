"""The same in DuckDB."""

import json
import sys

import duckdb

connection = duckdb.connect()
rows = []
for statement in json.load(sys.stdin):
    result = connection.execute(statement)
    names = [column[0] for column in result.description or ()]
    rows.append([dict(zip(names, row, strict=True)) for row in result.fetchall()])
json.dump(rows, sys.stdout, default=str)
