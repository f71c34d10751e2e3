"""Endpoint templates: the path of a call with what differs from call to call taken out.

``/rest/api/2/issue/ABC-1/comment`` is ``/rest/api/2/issue/{id}/comment``. Of Jira's own APIs only Jira's own words
stay, so that no template tells a user's name; of an app's API also what looks like the word for its resource.
"""

import re
from collections.abc import Sequence

from jira_compat.message.target.target import Target, read_target
from jira_compat.policy.index import PolicySet

ID = "{id}"
FURTHER = "…"
PAGES = "pages and files"
"""The template of everything outside the APIs."""
FURTHER_ENDPOINTS = "further endpoints"
"""The name for all endpoints beyond the limit."""
_METHOD = re.compile(r"[A-Z]{1,12}")
_OTHER_METHOD = "OTHER"
_MOST_SEGMENTS = 12
_RESOURCE = 3
"""The position of a path's resource: ``/rest/MODULE/VERSION/RESOURCE``; deeper segments may be anybody's name."""
_PLAIN_WORD = re.compile(r"[a-z][a-zA-Z]*(?:-[a-zA-Z]+)*")
_LONGEST_WORD = 32
_VERSION = re.compile(r"latest|[0-9]{1,2}(?:\.[0-9]{1,2}){0,2}(?:\.alpha[0-9])?")

_PLATFORM = """
    actor actors addNote addon addons admin aliases all allowed alternatives analyse announcementBanner app
    application application-properties applicationrole approximate-count archive archived associations assign
    assignable assignee assignedPermissionSchemes atlassian-connect attachment attachments auditing
    authorizationscheme auth autocompletedata avatar avatars avatar2 backlog banner bulk bulkedit bulkfetch
    bulktransition cancel capabilities category changelog changelogs clear cluster clause collect columns comment
    comments commentproperties component components componentwithcounts config configuration configurations content
    context contexts count counts create createmeta customField customFields customFieldOption custom custom-fields
    dashboard dashboards data-policy data default defaultShareScope defaults delete delivery details directory draft
    drafts edit editmeta email eval events expression expand explain export favourite favourites feature features
    field fieldconfiguration fieldconfigurationscheme fields filter filters forge forgePublishDraft fetch function
    gadget gadgets global global-value group groups grouporuserpicker groupsuggestions groupuserpicker hierarchy
    highlight history holders human id import incoming index indexes index-snapshot instance inquire instructions
    internal isWatching issue issueLink issueLinkType issues issuesecurity issuesecurityschemes issueType issuetype
    issuetypes issuetypescheme issuetypescreenscheme items jira-forms jql key keys lastViewed latest layout length
    level levels license licenseValidator link linked links list locales locale lookup mapping mappings match meta
    metadata member migration modified move moveToBacklog multiProjectSearch my myFilters mypermissions
    mypreferences myself notification notifications notificationscheme nodes nps number oauth oauth2 oldest
    operations option optimisation options order orgs outgoing owner panel parse password pdcleaner permission
    permissions permissionscheme permitted personaldata picker pin plan plans policy position preference preferences
    preferred priority priorities priorityschemes progress project projectCategory projects projectvalidate
    projectconfiguration projectKey projectroles properties property props publish queue rank raw recent redaction
    refresh reindex relatedIssueCounts related release remotelink remoteIssueLink remotelinks remove removeAndSwap
    removeFromWatchers rename resolution resolutions restore result role roles sanitize saved schema scheme schemes
    screen screens screenscheme search searchable security securitylevel securitylevels select serverInfo session
    settings sharePermission sharing snapshot sprint state status statuscategory statuses statuscategories strength
    subtask suggestions support system systemavatar tab tabs task temporary terminology themes timetracking
    timetrackingoptions totals toggle transition transitions trash type types ui unarchive unassociated unlink
    unresolvedIssueCount updated upgrade uiModifications usage user userinfo users ua used validate validateProject
    value values verify version versions viewable viewissue visibility vote votes watcher watchers watching webhook
    webhooks workflow workflows workflowscheme workflowschemes worklog worklogs write agile board boards epic epics
    estimation none quickfilter refined reports rapid rapidview rapidviews velocity xboard plan work allData chart
    charts scopechangeburndownchart burndown customer customers organization organizations participant portal queues
    request requesttype requesttypes servicedesk servicedesks sla slas feedback approval approvals articles
    knowledgebase subscribe createUser updateUser columnsConfig
"""

WORDS = frozenset(_PLATFORM.split())
"""Resource words of Jira's platform, software and service management APIs."""

_JIRAS_OWN = frozenset({"api", "auth", "agile", "greenhopper", "servicedeskapi", "internal", "gadget"})
_TRANSPORTS = re.compile(
    r"(/rpc/(?:soap|json-rpc|xmlrpc)|/sr/|/si/|/plugins/servlet/[a-z][a-zA-Z-]{0,31}(?![^/])|/secure/attachment/)"
)
"""Prefixes that scripts call besides REST: SOAP, JSON-RPC, search and issue views, servlets of apps, attachments."""


def words_of(policies: PolicySet) -> frozenset[str]:
    """The words that rules name."""
    paths = (path for entry in policies.entries for path in entry.rule.endpoint.paths())
    return frozenset(word for path in paths for word in path if word is not None)


def endpoint_template(method: str, target: bytes, rule_words: frozenset[str], read: Target | None = None) -> str:
    """Method and template of a request, ``GET /rest/api/2/issue/{id}``, or :data:`PAGES`.

    Args:
        method: As sent; what is none that anybody uses is ``OTHER``, being the client's own words.
        target: As sent.
        rule_words: Words that stay besides Jira's own: :func:`words_of`.
        read: The target, if it has been read.
    """
    read = read_target(target) if read is None else read
    path = rest_template(read.segments, rule_words) if read.segments else other_template(read.path.decode("latin-1"))
    if path is None:
        return PAGES
    return f"{method if _METHOD.fullmatch(method) else _OTHER_METHOD} {path}"


def rest_template(segments: Sequence[str], rule_words: frozenset[str] = frozenset()) -> str:
    """The template of an API path, from ``rest`` on."""
    module = segments[1] if len(segments) > 1 else ""
    shown = [segment_template(module, place, segment, rule_words) for place, segment in enumerate(segments)]
    if len(shown) > _MOST_SEGMENTS:
        shown[_MOST_SEGMENTS:] = [FURTHER]
    return "/" + "/".join(shown)


def segment_template(module: str, place: int, segment: str, rule_words: frozenset[str] = frozenset()) -> str:
    """One segment, or ``{id}``; ``place`` counts from ``rest``, ``module`` is the word behind it."""
    if segment in rule_words or (place == 0 and segment == "rest"):
        return segment
    if place == 2 and _VERSION.fullmatch(segment):
        return segment
    if place > _RESOURCE or (place > 1 and module in _JIRAS_OWN):
        return segment if segment in WORDS else ID
    return segment if len(segment) <= _LONGEST_WORD and _PLAIN_WORD.fullmatch(segment) else ID


def other_template(path: str) -> str | None:
    """The template of a path that is none of REST; ``None`` for pages and files."""
    found = _TRANSPORTS.search(path)
    return None if found is None else f"{found[1].rstrip('/')}/{FURTHER}"
