"""A real Chromium, spoken to through its own pipe (Chrome DevTools Protocol over file descriptors 3 and 4)."""

import base64
import contextlib
import json
import os
import queue
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from live import PATIENCE, wait_until

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

_QUIET = (
    "--headless",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--remote-debugging-pipe",
)
_KEYS = {"Tab": 9, "Enter": 13, "Escape": 27, " ": 32, "ArrowDown": 40}


class Chromium:
    """One browser with one page; keeps what the page says on its console and asks the network for."""

    def __init__(self, send: int, receive: int) -> None:
        self._send = send
        self._messages: queue.Queue[dict[str, Any]] = queue.Queue()
        self._number = 0
        self._session: str | None = None
        self.said: list[str] = []
        self.asked: list[str] = []
        threading.Thread(target=self._read, args=(receive,), daemon=True).start()
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def _read(self, receive: int) -> None:
        held = b""
        with contextlib.suppress(OSError):
            while chunk := os.read(receive, 1 << 16):
                *whole, held = (held + chunk).split(b"\0")
                for text in whole:
                    self._messages.put(json.loads(text))
        os.close(receive)

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Do something, and give what it answers."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._send, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._messages.get(timeout=PATIENCE)
            self._note(answer)
            if answer.get("id") == self._number:
                assert "error" not in answer, answer
                result: dict[str, Any] = answer["result"]
                return result

    def _note(self, message: dict[str, Any]) -> None:
        parameters = message.get("params", {})
        match message.get("method"):
            case "Runtime.consoleAPICalled":
                self.said.append(str(parameters["args"]))
            case "Runtime.exceptionThrown":
                self.said.append(str(parameters["exceptionDetails"]))
            case "Log.entryAdded":
                self.said.append(parameters["entry"]["text"])
            case "Network.requestWillBeSent":
                self.asked.append(parameters["request"]["url"])

    def open(self, path: Path, *, script: bool = True) -> None:
        """Open a file, and wait for it; what was said and asked before is forgotten."""
        self.call("Emulation.setScriptExecutionDisabled", value=not script)
        self.said.clear()
        self.asked.clear()
        self.call("Page.navigate", url=path.as_uri())
        ready = f"location.href === {json.dumps(path.as_uri())} && document.readyState === 'complete'"
        wait_until(lambda: self.value(ready), f"{path} to be loaded")

    def value(self, expression: str) -> Any:
        """What an expression gives; that of a promise is waited for."""
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def press(self, *keys: str) -> None:
        """Press keys, one after the other: names of keys, or text."""
        for key in keys:
            if key not in _KEYS:
                self.call("Input.insertText", text=key)
                continue
            text = {"Enter": "\r", " ": " "}.get(key)
            facts: dict[str, Any] = {"key": key, "windowsVirtualKeyCode": _KEYS[key]} | ({"text": text} if text else {})
            self.call("Input.dispatchKeyEvent", type="keyDown", **facts)
            self.call("Input.dispatchKeyEvent", type="keyUp", key=key, windowsVirtualKeyCode=_KEYS[key])

    def prefer(self, scheme: str) -> None:
        """Prefer ``light`` or ``dark``."""
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    def resize(self, width: int, height: int) -> None:
        """Give the page this size."""
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.call("Emulation.setDeviceMetricsOverride", **size)

    def picture(self) -> bytes:
        """What is seen, as PNG."""
        return base64.b64decode(self.call("Page.captureScreenshot")["data"])


@contextlib.contextmanager
def chromium(profile: Path) -> Iterator[Chromium]:
    """Start one with a new profile, and end it."""
    assert CHROMIUM is not None
    root = ["--no-sandbox"] if os.geteuid() == 0 else []
    read_by_it, send = os.pipe()
    receive, written_by_it = os.pipe()
    command = [CHROMIUM, *_QUIET, *root, f"--user-data-dir={profile}", "about:blank"]
    script = f'exec "$@" 3<&{read_by_it} 4>&{written_by_it}'
    process = subprocess.Popen(
        ["bash", "-c", script, "bash", *command],
        pass_fds=(read_by_it, written_by_it),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(read_by_it)
    os.close(written_by_it)
    try:
        yield Chromium(send, receive)
    finally:
        os.close(send)  # tells it to end
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
