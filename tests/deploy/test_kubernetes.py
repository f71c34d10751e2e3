"""What `kubectl kustomize` makes of deploy/kubernetes: Kubernetes takes it, and the real `serve` takes what it says."""

import re
import shutil
import subprocess
import tomllib
import urllib.request
from collections import ChainMap

import pytest
from ruamel.yaml import YAML

from balancer import admin_port
from jira_compat.policy.files import shipped_policies
from jira_compat.proxy.settings.limits import Limits
from jira_compat.standin import StandIn
from live import BIN, ROOT, exchange, request, start

KUSTOMIZATION = ROOT / "deploy" / "kubernetes"
README = (ROOT / "deploy" / "README.md").read_text()
DOCKERFILE = (ROOT / "deploy" / "container" / "Dockerfile").read_text()
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
OLDEST = re.search(r"Kubernetes (1\.\d+) or newer", (KUSTOMIZATION / "kustomization.yaml").read_text())
[HOME] = re.findall(r"^ENV .* HOME=(\S+)$", DOCKERFILE, re.MULTILINE)
TO_CLOSE = 5
"""Seconds after --drain-timeout, when workers that have not ended are killed."""

pytestmark = pytest.mark.skipif(
    shutil.which("kubectl") is None, reason="kubectl is not installed; put kubectl 1.27 or newer on PATH"
)


def kustomize(folder):
    """What kubectl writes."""
    made = subprocess.run(["kubectl", "kustomize", folder], capture_output=True, text=True, check=False)
    assert (made.returncode, made.stderr) == (0, "")
    return made.stdout


def read(text):
    """Each object by its kind and its name, without the hash that a ConfigMap's ends in."""
    found = {}
    for one in YAML(typ="safe", pure=True).load_all(text):
        name = re.sub("-[a-z0-9]{10}$", "", one["metadata"]["name"])
        assert (name != one["metadata"]["name"]) == (one["kind"] == "ConfigMap")
        found[one["kind"], name] = one
    return found


@pytest.fixture(scope="module")
def rendered(tmp_path_factory):
    file = tmp_path_factory.mktemp("rendered") / "all.yaml"
    file.write_text(kustomize(KUSTOMIZATION))
    return file


@pytest.fixture(scope="module")
def objects(rendered):
    return read(rendered.read_text())


@pytest.fixture(scope="module")
def pod(objects):
    return objects["Deployment", "jira-compat"]["spec"]["template"]["spec"]


@pytest.fixture(scope="module")
def container(pod):
    [one] = pod["containers"]
    return one


@pytest.fixture(scope="module")
def by_full_name(objects):
    return {one["metadata"]["name"]: one["data"] for (kind, _), one in objects.items() if kind == "ConfigMap"}


@pytest.fixture
def mounted(pod, container, by_full_name, tmp_path):
    """What stands at each mount, as the kubelet writes it: links to files in a folder that it swaps."""
    volumes = {one["name"]: one for one in pod["volumes"]}
    places = {}
    for mount in container["volumeMounts"]:
        folder = places[mount["mountPath"]] = tmp_path / mount["name"]
        (folder / "..one").mkdir(parents=True)
        (folder / "..data").symlink_to("..one")
        for name, text in by_full_name.get(volumes[mount["name"]].get("configMap", {}).get("name"), {}).items():
            (folder / "..one" / name).write_text(text)
            (folder / name).symlink_to(f"..data/{name}")
    return places


@pytest.mark.parametrize("version", [OLDEST[1] if OLDEST else None, "1.37"])
def test_kubernetes_takes_every_object(rendered, version):
    command = [BIN / "kubernetes-validate", "--strict", "--kubernetes-version", version, rendered]
    checked = subprocess.run(command, capture_output=True, text=True, check=False)

    assert checked.returncode == 0, checked.stdout
    assert set(re.findall(r"^(\w+) ", checked.stdout, re.MULTILINE)) == {"INFO"}  # nothing was of an unknown kind
    assert len(checked.stdout.splitlines()) == 7


def test_the_policies_are_those_that_ship(objects):
    shipped = {path.name: path.read_text() for path in shipped_policies().glob("*.yaml")}
    assert objects["ConfigMap", "jira-compat-policies"]["data"] == shipped


def test_all_select_the_same_pods(objects):
    deployment = objects["Deployment", "jira-compat"]["spec"]
    label = deployment["template"]["metadata"]["labels"]

    assert deployment["selector"]["matchLabels"] == label
    assert deployment["template"]["spec"]["topologySpreadConstraints"][0]["labelSelector"]["matchLabels"] == label
    assert objects["Service", "jira-compat"]["spec"]["selector"] == label
    assert objects["PodDisruptionBudget", "jira-compat"]["spec"]["selector"]["matchLabels"] == label
    assert objects["NetworkPolicy", "jira-compat"]["spec"]["podSelector"]["matchLabels"] == label


def test_the_image_is_the_one_that_is_built(container):
    ports = {str(one["containerPort"]) for one in container["ports"]}

    assert container["image"] == f"registry.example.com/jira-compat:{PROJECT['version']}"
    assert ports == set(re.findall(r"^EXPOSE (\d+) (\d+)$", DOCKERFILE, re.MULTILINE)[0])
    assert "command" not in container  # the image's own


def test_who_breaks_out_has_nothing(pod, container):
    assert pod["automountServiceAccountToken"] is False
    assert pod["securityContext"] == {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }


def test_it_is_killed_later_than_it_ends(pod, container):
    sleep = container["lifecycle"]["preStop"]["sleep"]["seconds"]
    assert pod["terminationGracePeriodSeconds"] >= sleep + Limits().drain_timeout + TO_CLOSE


def arguments(container, by_full_name, put):
    """The container's, with variables put in as the kubelet does, and then what is other on this machine."""
    variables = ChainMap(*(by_full_name[one["configMapRef"]["name"]] for one in container["envFrom"]))
    for word in container["args"]:
        full = re.sub(r"\$\((\w+)\)", lambda match: variables[match[1]], word)
        yield re.sub("|".join(map(re.escape, put)), lambda match: put[match[0]], full)


def test_what_the_pod_starts_serves(container, mounted, by_full_name, tmp_path):
    with StandIn() as jira:
        put = {place: str(folder) for place, folder in mounted.items()}
        put |= {"https://your-site.atlassian.net": jira.url}
        put |= {"0.0.0.0:8080": "127.0.0.1:0", "0.0.0.0:9090": "127.0.0.1:0"}
        words = list(arguments(container, by_full_name, put))
        environment = {"HOME": str(mounted[HOME]), "JIRA_COMPAT_IDENTITY_KEY": "k" * 32}
        with start([str(BIN / "jira-compat"), *words], tmp_path / "none", environment, cwd=tmp_path) as proxy:
            admin = admin_port(proxy)
            for probe in ("readinessProbe", "livenessProbe"):
                asked = container[probe]["httpGet"]
                with urllib.request.urlopen(f"http://127.0.0.1:{admin}{asked['path']}") as answer:
                    assert (answer.status, asked["port"]) == (200, "admin")
            answered = exchange(proxy.port, request("PUT", "/rest/api/2/user/password?username=fred", "{}"))
            assert b"X-Jira-Compat" not in answered
        assert [one.method for one in jira.received] == ["PUT"]  # at first it only observes
    assert '"event": "request_refused"' in proxy.text()
    assert {path.name for path in mounted[HOME].iterdir()} == {"..one", "..data", ".mitmproxy"}


def test_the_overlay_of_the_readme_adds_what_it_says(tmp_path):
    [overlay] = re.findall("```yaml\n(# kustomization.yaml\n.*?)```", README, re.DOTALL)
    (tmp_path / "kustomization.yaml").write_text(overlay)
    (tmp_path / "jira-compat").symlink_to(ROOT)
    (tmp_path / "override.yaml").write_text("refuse-password-change: {mode: observe}\n")
    (tmp_path / "our-policy.yaml").write_text("policy: ours\n")

    made = read(kustomize(tmp_path))

    data = {name: one["data"] for (kind, name), one in made.items() if kind == "ConfigMap"}
    deployment = made["Deployment", "jira-compat"]
    [container] = deployment["spec"]["template"]["spec"]["containers"]
    assert data["jira-compat"]["MODE"] == "enforce"
    assert data["jira-compat"]["IDENTITY"] == "shown"
    assert data["jira-compat-override"] == {"override.yaml": "refuse-password-change: {mode: observe}\n"}
    assert data["jira-compat-policies"].keys() == {"user-management.yaml", "search.yaml", "our-policy.yaml"}
    assert container["args"][-1] == "--trusted-proxy=10.244.0.0/16"
    assert container["image"] == f"registry.your-company.example/jira-compat:{PROJECT['version']}"
    assert {one["metadata"]["namespace"] for one in made.values()} == {"jira-compat"}
