"""``mitmdump -s addon/main.py``: beside the package, because mitmproxy loads scripts by path."""

from jira_compat.proxy.addons.compat import JiraCompat

addons = [JiraCompat(is_script=True)]
