"""`deploy/nginx.conf` in a real nginx, in front of a gunicorn with the web unit's flags."""

import http.client
import os
import shlex
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from portal.devtools.services.ports import accepts, free_port
from tests.support.files import PROJECT

pytestmark = [pytest.mark.sweep, pytest.mark.skipif(shutil.which("nginx") is None, reason="no nginx on the PATH")]

HOST = "portal.example.com"
TOKEN = "s3cr3t-token-of-a-link"
#: Answers with what it was sent, so that the test sees what reaches the portal.
UPSTREAM = """
import json, time
def application(environ, start_response):
    time.sleep(0.05)
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps({name: value for name, value in environ.items() if isinstance(value, str)}).encode()]
"""


@dataclass
class Site:
    folder: Path
    http: int
    https: int
    upstream: int
    web: subprocess.Popen[bytes]

    def get(self, path: str, *, method: str = "GET", **headers: str) -> tuple[int, str, dict[str, str]]:
        """Ask by the portal's name; two underscores in a header's name stand for a dash."""
        connection = http.client.HTTPConnection("127.0.0.1", self.https, timeout=10)
        connection.sock = tls(self.https, HOST)
        try:
            connection.putrequest(method, path, skip_host=True)
            for name, value in {"Host": HOST, **headers}.items():
                connection.putheader(name.replace("__", "-"), value)
            connection.endheaders()
            answer = connection.getresponse()
            return answer.status, answer.read().decode(), {name.lower(): value for name, value in answer.getheaders()}
        finally:
            connection.close()

    def logs(self) -> str:
        return "".join(path.read_text(errors="replace") for path in self.folder.glob("*.log"))


def tls(port: int, name: str) -> ssl.SSLSocket:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # the certificate is the test's own
    return context.wrap_socket(socket.create_connection(("127.0.0.1", port), timeout=10), server_hostname=name)


def wait_until(port: int) -> None:
    deadline = time.monotonic() + 20
    while not accepts(port):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def gunicorn(folder: Path, port: int) -> subprocess.Popen[bytes]:
    (unit,) = (PROJECT / "deploy" / "systemd").glob("portal-web.service")
    (line,) = (each for each in unit.read_text().splitlines() if each.startswith("ExecStart="))
    arguments = shlex.split(line)[1:]
    arguments[0] = "upstream"
    arguments[arguments.index("--bind") + 1] = f"127.0.0.1:{port}"
    (folder / "upstream.py").write_text(UPSTREAM)
    command = [sys.executable, "-m", "gunicorn", *arguments, "--chdir", str(folder)]
    home = {"HOME": str(folder / "home"), "XDG_RUNTIME_DIR": ""}
    with (folder / "gunicorn.log").open("ab") as log:
        return subprocess.Popen(command, cwd=PROJECT, stdout=log, stderr=log, env=os.environ | home)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("nginx")
    http_port, https_port, upstream = free_port(), free_port(), free_port()
    subprocess.run(
        [
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-days",
            "1",
            "-subj",
            f"/CN={HOST}",
            "-keyout",
            str(folder / "key.pem"),
            "-out",
            str(folder / "chain.pem"),
        ],
        check=True,
        capture_output=True,
    )
    server = (PROJECT / "deploy" / "nginx.conf").read_text()
    for old, new in {
        "listen 80": f"listen 127.0.0.1:{http_port}",
        "listen 443": f"listen 127.0.0.1:{https_port}",
        "/etc/ssl/portal/fullchain.pem": str(folder / "chain.pem"),
        "/etc/ssl/portal/privkey.pem": str(folder / "key.pem"),
        "/var/log/nginx/portal.log": str(folder / "access.log"),
        "127.0.0.1:8000": f"127.0.0.1:{upstream}",
    }.items():
        assert old in server
        server = server.replace(old, new)
    main = f"""
        pid {folder}/nginx.pid; error_log {folder}/error.log info; daemon off; master_process off;
        events {{}}
        http {{ access_log off; client_body_temp_path {folder}/b; proxy_temp_path {folder}/p;
                fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s; {server} }}"""
    (folder / "nginx.conf").write_text(main)
    found = Site(folder, http_port, https_port, upstream, gunicorn(folder, upstream))
    proxy = subprocess.Popen(["nginx", "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")])
    try:
        wait_until(upstream)
        wait_until(https_port)
        yield found
    finally:
        proxy.terminate()
        found.web.terminate()
        proxy.wait(10)
        found.web.wait(10)


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "POST"])
@pytest.mark.parametrize(
    "path",
    [
        f"/accounts/invitation/{TOKEN}/",
        f"/accounts/password/reset/key/5-{TOKEN}/?next=/",
        f"/%61ccounts/%69nvitation/{TOKEN}",
        f"//accounts//invitation/{TOKEN}/%20",
        f"/Accounts/Invitation/{TOKEN}",
        f"/%2561ccounts/%2569nvitation/{TOKEN}",
    ],
)
def test_links_that_let_somebody_in_stand_in_no_log(site: Site, method: str, path: str) -> None:
    site.get(path, method=method, Referer=f"https://{HOST}/accounts/invitation/{TOKEN}/")
    site.get("/last-line")
    assert "last-line" in site.logs()
    assert TOKEN not in site.logs()


def test_the_portal_sees_the_proxys_own_headers_only(site: Site) -> None:
    forged = {"X__Forwarded__For": "1.2.3.4", "X__Real__IP": "1.2.3.4", "Forwarded": "for=1.2.3.4"}
    status, body, headers = site.get("/tenants/", SCRIPT_NAME="/tenants", **forged)
    assert status == 200
    assert "1.2.3.4" not in body
    assert '"HTTP_X_REAL_IP": "127.0.0.1"' in body
    assert '"HTTP_X_FORWARDED_PROTO": "https"' in body
    assert '"SCRIPT_NAME": ""' in body
    assert headers["server"] == "nginx"


def test_the_web_process_itself_takes_no_script_name_from_outside(site: Site) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", site.upstream, timeout=10)
    connection.request("GET", "/tenants/metrics", headers={"SCRIPT_NAME": "/tenants"})
    body = connection.getresponse().read().decode()
    connection.close()
    assert '"SCRIPT_NAME": ""' in body
    assert '"PATH_INFO": "/tenants/metrics"' in body


def test_the_web_unit_leaves_nothing_in_a_home_folder(site: Site) -> None:
    """The unit has none: gunicorn's control socket would be an error at each start."""
    assert site.get("/tenants/")[0] == 200
    assert not (site.folder / "home").exists()
    assert "Control" not in (site.folder / "gunicorn.log").read_text()


def test_another_name_gets_no_answer(site: Site) -> None:
    with pytest.raises(ssl.SSLError, match=r"(?i)unrecognized"):
        tls(site.https, "elsewhere.example.com")


def test_a_load_balancers_probe_is_answered_over_http_and_nothing_else(site: Site) -> None:
    def ask(path: str, host: str) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", site.http, timeout=10)
        try:
            connection.request("GET", path, headers={"Host": host})
            return connection.getresponse().status
        finally:
            connection.close()

    for path in ("/healthz", "/readyz"):
        assert (ask(path, "10.2.3.4"), ask(path, HOST)) == (200, 200)
    for path in ("/metrics", "/healthz/x", "/accounts/login/"):
        assert ask(path, HOST) == 301
        with pytest.raises(http.client.RemoteDisconnected):
            ask(path, "10.2.3.4")


def test_a_flood_of_sign_ins_is_told_to_wait(site: Site) -> None:
    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(lambda _: site.get("/accounts/login/")[0], range(120)))
    assert set(statuses) == {200, 429}
    assert site.get("/tenants/")[0] == 200


def test_a_reload_of_the_web_unit_loses_no_request(site: Site) -> None:
    statuses: list[int] = []
    ended = threading.Event()

    def ask() -> None:
        while not ended.is_set():
            statuses.append(site.get("/tenants/")[0])

    askers = [threading.Thread(target=ask) for _ in range(3)]
    for each in askers:
        each.start()
    site.web.send_signal(signal.SIGHUP)
    time.sleep(3)
    ended.set()
    for each in askers:
        each.join()
    assert set(statuses) == {200}
    assert "Hang up" in site.logs()


def test_a_restart_is_told_in_words(site: Site) -> None:
    site.web.send_signal(signal.SIGTERM)
    site.web.wait(10)
    status, body, headers = site.get("/tenants/")
    site.web = gunicorn(site.folder, site.upstream)
    wait_until(site.upstream)
    assert (status, headers["retry-after"]) == (503, "5")
    assert "The portal is being restarted" in body
    assert site.get("/tenants/")[0] == 200
