"""A second script for mitmdump: whoever asks ``/remote`` commands the proxy, as its operator would."""

import json
from typing import Any

from mitmproxy import ctx, exceptions, http


class Remote:
    """``?call=COMMAND`` runs it, ``?set=OPTION`` sets it to the body, ``?get=OPTION`` is answered its value."""

    def request(self, flow: http.HTTPFlow) -> None:
        if flow.request.path_components != ("remote",):
            return
        [(verb, name)] = flow.request.query.items()
        try:
            flow.response = http.Response.make(200, json.dumps(self._do(verb, name, flow.request.get_text())))
        except (exceptions.OptionsError, exceptions.CommandError) as error:
            flow.response = http.Response.make(409, str(error))

    def _do(self, verb: str, name: str, value: str | None) -> Any:
        if verb == "call":
            return ctx.master.commands.execute(name)
        if verb == "set":
            ctx.options.update(**{name: value})
        return getattr(ctx.options, name)


addons = [Remote()]
