"""Calls out: where they may go, what they carry, and how they end when the other side is ill."""

from __future__ import annotations

import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import settings as bounds
from hypothesis import strategies as st
from urllib3.util import parse_url

from tests.workflows.recorder import Recorder, drip, running_recorder
from workflows.outbound import (
    CircuitBreaker,
    CircuitOpen,
    Client,
    Limits,
    Policy,
    Refused,
    Request,
    Response,
    Unavailable,
    policy_from_settings,
)
from workflows.outbound.addresses import is_public
from workflows.outbound.urls import read_url

# To read the certificates of all authorities takes longer than most of these tests.
TLS = ssl.create_default_context()
LOOPBACK = (ip_network("127.0.0.1/32"),)


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    with running_recorder() as recorder:
        yield recorder


@pytest.fixture
def strict(recorder: Recorder) -> Client:
    """Nothing private is allowed; only the recorder's port is open, so nothing else is to blame."""
    return Client(Policy(ports=frozenset({recorder.port})), tls=TLS)


@pytest.fixture
def client(strict: Client) -> Client:
    return replace(strict, policy=replace(strict.policy, networks=LOOPBACK))


def get(client: Client, url: str, **more: object) -> Response:
    return client.send(Request("GET", url, "goflow-1:1:pay", **more))


# Where a call may go


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "127.8.9.1", "[::1]", "[::]", "localhost", "localhost."),
        "0.0.0.0",  # noqa: S104  not bound to, but refused
        *("169.254.169.254", "[fe80::1]", "10.0.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1"),
        *("[fc00::7]", "[fd12:3456::1]", "[fec0::1]", "224.0.0.1", "[ff02::1]", "240.0.0.1"),
        *("255.255.255.255", "192.0.0.1", "192.0.2.1", "198.18.0.1", "192.88.99.1", "[100::1]"),
        *("[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]", "[64:ff9b::7f00:1]"),
        *("[64:ff9b:1::1]", "[2002:7f00:1::]", "[2001::1]", "[2001:db8::1]", "[3fff::1]"),
        *("2130706433", "0x7f000001", "017700000001", "0177.0.0.1", "127.1", "0x7f.0.0.1", "0"),
        *(
            "127.0.0.1.",
            "0x7f.1",
            "127.0.0.01",
            "1.1.1.1.1",
            "127.0.0.0x1",
            "①②⑦.0.0.1",
            "１２７.1",
        ),
        *("[fe80::1%25eth0]", "[::1", "a..b", "-a", "", "a b", "a\tb", "münchen.example"),
    ],
)
def test_an_address_of_the_inside_or_an_odd_one_is_never_reached(strict, recorder, host):
    with pytest.raises(Refused):
        get(strict, f"http://{host}:{recorder.port}/")

    assert (recorder.connections, recorder.hits) == (0, [])


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "gopher://127.0.0.1:{port}/_GET",
        "ftp://127.0.0.1:{port}/",
        "//127.0.0.1:{port}/",
        "127.0.0.1:{port}",
        "javascript:alert(1)",
        "http:127.0.0.1:{port}",
        "http://public.example@127.0.0.1:{port}/",
        "http://user:secret@public.example:{port}/",
        "http://127.0.0.1:{port}\\@public.example/",
        "http://public.example:{port}/a\r\nHost: inside",
        "http://public.example:{port}/a b",
        "http://public.example:0x50/",
        "http://public.example:99999/",
        "http://public.example:{port}/" + "a" * 9_000,
    ],
)
def test_an_address_of_another_kind_is_refused(strict, recorder, url):
    client = replace(strict, resolve=lambda host, port: ["127.0.0.1"])

    with pytest.raises(Refused):
        get(client, url.replace("{port}", str(recorder.port)))

    assert recorder.connections == 0


def test_an_address_that_names_a_user_is_refused_before_anything_else(client, recorder):
    with pytest.raises(Refused, match="names a user"):
        get(client, f"http://user:secret@127.0.0.1:{recorder.port}/")

    assert recorder.connections == 0


def test_a_name_that_leads_inside_is_refused(strict, recorder):
    client = replace(strict, resolve=lambda host, port: ["127.0.0.1"])

    with pytest.raises(Refused, match=r"pay\.example leads to 127\.0\.0\.1"):
        get(client, f"http://pay.example:{recorder.port}/")

    assert recorder.connections == 0


def test_a_name_with_one_inner_address_among_public_ones_is_refused(strict, recorder):
    client = replace(strict, resolve=lambda host, port: ["1.1.1.1", "127.0.0.1"])

    with pytest.raises(Refused):
        get(client, f"http://pay.example:{recorder.port}/")

    assert recorder.connections == 0


class Rebinding:
    """A resolver that answers public first, and this machine ever after."""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self, host: str, port: int) -> list[str]:
        self.asked += 1
        # 198.18.0.0/15 leads nowhere; the policy below takes it for public.
        return ["198.18.0.1"] if self.asked == 1 else ["127.0.0.1"]


def test_a_name_that_changes_its_address_in_between_never_leads_inside(strict, recorder):
    rebinding = Rebinding()
    client = replace(
        strict,
        policy=replace(strict.policy, networks=(ip_network("198.18.0.0/15"),)),
        resolve=rebinding,
        limits=Limits(connect_seconds=0.3),
        breaker=CircuitBreaker(threshold=100),
    )
    outcomes = []
    for _ in range(10):
        with pytest.raises((Refused, Unavailable)) as caught:
            get(client, f"http://rebinds.example:{recorder.port}/")
        outcomes.append(caught.type)

    assert outcomes == [Unavailable] + [Refused] * 9
    assert rebinding.asked == 10
    assert (recorder.connections, recorder.hits) == (0, [])


def test_the_address_that_was_checked_is_the_one_that_is_connected_to(client, recorder):
    asked = []

    def once(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"]

    get(replace(client, resolve=once), f"http://pay.example:{recorder.port}/a")

    assert asked == ["pay.example"]
    assert recorder.hits[0].headers["host"] == f"pay.example:{recorder.port}"


def test_a_redirect_to_the_inside_is_not_followed(client, recorder):
    with running_recorder() as inside:
        recorder.status = 302
        recorder.headers = {"Location": f"{inside.url}/secret"}
        response = get(client, f"{recorder.url}/")

    assert response.status == 302
    assert inside.connections == 0


def test_proxies_of_the_environment_are_not_asked(client, recorder, monkeypatch):
    with running_recorder() as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY", "https_proxy"):
            monkeypatch.setenv(name, proxy.url)
        get(client, f"{recorder.url}/direct")

    assert proxy.connections == 0
    assert recorder.hits[0].path == "/direct"


def test_a_port_that_is_not_allowed_is_refused(client, recorder):
    with running_recorder() as other, pytest.raises(Refused, match="GOFLOW_OUTBOUND_PORTS"):
        get(client, f"{other.url}/")

    assert other.connections == 0


def test_an_inner_host_is_reached_where_it_is_named(strict, recorder):
    policy = replace(strict.policy, inside_hosts=frozenset({"ledger.internal"}))
    client = replace(strict, policy=policy, resolve=lambda host, port: ["127.0.0.1"])

    get(client, f"http://ledger.internal:{recorder.port}/")

    assert len(recorder.hits) == 1


def test_an_inner_host_by_name_does_not_open_what_clouds_keep_on_link_local_addresses(strict):
    policy = replace(strict.policy, inside_hosts=frozenset({"ledger.internal"}))
    client = replace(strict, policy=policy, resolve=lambda host, port: ["169.254.169.254"])

    with pytest.raises(Refused):
        get(client, f"http://ledger.internal:{next(iter(policy.ports))}/")


def test_where_public_hosts_are_named_no_other_is_looked_up(strict, recorder):
    asked = []
    policy = replace(strict.policy, public_hosts=frozenset({"api.example", ".example.org"}))
    client = replace(
        strict, policy=policy, resolve=lambda host, port: asked.append(host) or ["127.0.0.1"]
    )
    for host in ("evil.example", "api.example.evil", "example.org", "evilexample.org", "1.1.1.1"):
        with pytest.raises(Refused, match="GOFLOW_OUTBOUND_HOSTS"):
            get(client, f"http://{host}:{recorder.port}/")
    for host in ("api.example", "a.example.org", "API.Example"):
        with pytest.raises(Refused, match="leads to"):
            get(client, f"http://{host}:{recorder.port}/")

    assert asked == ["api.example", "a.example.org", "api.example"]


def test_the_settings_name_hosts_networks_and_ports(settings):
    settings.GOFLOW_OUTBOUND_ALLOW = ["Ledger.internal", "10.1.0.0/16", "127.0.0.1", "fd00::/8"]
    settings.GOFLOW_OUTBOUND_HOSTS = [".Example.com"]
    settings.GOFLOW_OUTBOUND_PORTS = [443, 8443]

    policy = policy_from_settings()

    assert policy.inside_hosts == {"ledger.internal"}
    assert [str(network) for network in policy.networks] == [
        "10.1.0.0/16",
        "127.0.0.1/32",
        "fd00::/8",
    ]
    assert policy.public_hosts == {".example.com"}
    assert policy.ports == {443, 8443}


@pytest.mark.parametrize(
    "address", ["1.1.1.1", "93.184.215.14", "2606:4700::1111", "64:ff9b::101:101", "::ffff:1.1.1.1"]
)
def test_an_ordinary_host_is_public(address):
    assert is_public(ip_address(address))


def test_letters_outside_ascii_go_as_percent_signs():
    url = read_url("https://Example.com/straße?q=größe&r=%20#part")

    assert (url.host, url.path) == ("example.com", "/stra%C3%9Fe?q=gr%C3%B6%C3%9Fe&r=%20")
    assert url.authority == "example.com"


pieces = st.sampled_from(
    [*"/:@?#[]%.\\;&=+-_0x1aA~!$'()*, \t\n\r\x00", "//", "..", "http:", "https://", "127.0.0.1"]
    + [
        "::1",
        "localhost",
        "public.example",
        "%2e",
        "%40",
        "@@",
        "\u2100",
        "\uff0e",
        "\u3002",
        "\u00ad",
    ]
)


@bounds(max_examples=1_000)
@given(st.lists(pieces, max_size=12).map("".join))
@example("public.example#@127.0.0.1/")
@example("public.example?@127.0.0.1/")
@example("public.example;@127.0.0.1/")
@example("public.example[127.0.0.1]/")
@example("public.example[::1]")
@example("public.example:80#@127.0.0.1:22/")
def test_an_address_that_is_read_is_read_the_same_by_another_reader(rest):
    text = f"http://{rest}"
    try:
        url = read_url(text)
    except Refused:
        return

    other = parse_url(text)
    assert (other.host or "").strip("[]").removesuffix(".") == url.host
    assert (80 if other.port is None else other.port) == url.port
    assert url.path.startswith("/")
    assert url.path.isascii()
    assert url.path.isprintable()


# What a request carries


def test_every_request_carries_its_key_and_says_who_asks(client, recorder):
    request = Request("POST", f"{recorder.url}/pay", "goflow-7:2:pay", {"X-A": "1"}, b"{}")
    client.send(request)

    (hit,) = recorder.hits
    assert hit.headers["idempotency-key"] == "goflow-7:2:pay"
    assert hit.headers["user-agent"] == "Goflow"
    assert (hit.method, hit.path, hit.body, hit.headers["x-a"]) == ("POST", "/pay", b"{}", "1")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("X-A", "1\r\nX-Evil: 1"),
        ("X-A", "1\r\n folded"),
        ("X-A", "1\n"),
        ("X-A", "nul\x00"),
        ("X-A", "snow \N{SNOWMAN}"),
        ("X A", "1"),
        ("X-A:", "1"),
        ("X-A\r\nX-Evil", "1"),
        ("", "1"),
        ("Host", "inside.example"),
        ("content-length", "0"),
        ("Transfer-Encoding", "chunked"),
        ("Idempotency-Key", "another"),
        ("Proxy-Authorization", "x"),
    ],
)
def test_a_header_that_could_change_the_request_is_refused(client, recorder, name, value):
    with pytest.raises(Refused):
        get(client, f"{recorder.url}/", headers={name: value})

    assert recorder.connections == 0


@pytest.mark.parametrize("method", ["CONNECT", "TRACE", "get", "GET / HTTP/1.1\r\nX: "])
def test_another_method_is_refused(client, recorder, method):
    with pytest.raises(Refused):
        client.send(Request(method, f"{recorder.url}/", "key"))

    assert recorder.connections == 0


# How a call ends


def test_an_answer_is_taken_with_its_numbers_exact(client, recorder):
    recorder.body = b'{"total": 0.1000000000000000000001}'
    recorder.headers = {"X-Rate": "1"}

    response = get(client, f"{recorder.url}/")

    assert str(response.json()["total"]) == "0.1000000000000000000001"
    assert (response.status, response.headers["x-rate"]) == (200, "1")


def test_an_answer_of_more_than_a_megabyte_is_refused(client, recorder):
    recorder.body = b"x" * 1_000_001

    with pytest.raises(Refused, match="more than 1,000,000 bytes"):
        get(client, f"{recorder.url}/")


def test_an_answer_that_breaks_off_is_none(client, recorder):
    recorder.headers = {"Content-Length": "1000", "Connection": "close"}
    recorder.before_answer = lambda handler: setattr(handler, "close_connection", True)

    with pytest.raises(Unavailable):
        get(client, f"{recorder.url}/")


def test_a_host_that_does_not_answer_is_left_in_time(client, recorder):
    recorder.before_answer = lambda handler: time.sleep(2)
    client = replace(client, limits=Limits(read_seconds=0.3))
    began = time.monotonic()

    with pytest.raises(Unavailable, match="does not answer in time"):
        get(client, f"{recorder.url}/")

    assert time.monotonic() - began < 1.5


def test_a_host_that_sends_a_letter_now_and_then_is_left_in_time(client, recorder):
    recorder.before_answer = drip
    client = replace(client, limits=Limits(read_seconds=1, total_seconds=0.6))
    began = time.monotonic()

    with pytest.raises(Unavailable, match=r"took longer than 0\.6 s"):
        get(client, f"{recorder.url}/")

    assert time.monotonic() - began < 2


def test_a_body_that_trickles_in_is_left_in_time(client, recorder):
    def trickle(handler: object) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        drip(handler)

    recorder.before_answer = trickle
    client = replace(client, limits=Limits(read_seconds=1, total_seconds=0.6))

    with pytest.raises(Unavailable, match=r"took longer than 0\.6 s"):
        get(client, f"{recorder.url}/")


def test_a_closed_port_is_unavailable(client):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    client = replace(client, policy=replace(client.policy, ports=frozenset({port})))

    with pytest.raises(Unavailable, match="cannot be reached"):
        get(client, f"http://127.0.0.1:{port}/")


def test_a_name_that_cannot_be_looked_up_is_unavailable(client, recorder):
    def fails(host: str, port: int) -> list[str]:
        raise socket.gaierror(-2, "Name or service not known")

    with pytest.raises(Unavailable, match="cannot be looked up"):
        get(replace(client, resolve=fails), f"http://gone.example:{recorder.port}/")


# TLS


@pytest.fixture(scope="module")
def certificate(tmp_path_factory) -> Path:
    """A key and a certificate for pay.example, in one file."""
    path = tmp_path_factory.mktemp("tls") / "pay.pem"
    command = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=pay.example"
    words = [*command.split(), "-addext", "subjectAltName=DNS:pay.example"]
    subprocess.run(
        [*words, "-keyout", f"{path}.key", "-out", f"{path}.crt"], check=True, capture_output=True
    )
    path.write_bytes(Path(f"{path}.key").read_bytes() + Path(f"{path}.crt").read_bytes())
    return path


@pytest.fixture
def tls_recorder(certificate: Path) -> Iterator[Recorder]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with running_recorder(lambda s: context.wrap_socket(s, server_side=True)) as recorder:
        yield recorder


def tls_client(recorder: Recorder, **more: object) -> Client:
    policy = Policy(ports=frozenset({recorder.port}), networks=LOOPBACK)
    return Client(policy, resolve=lambda host, port: ["127.0.0.1"], **more)


def test_the_host_proves_its_name_and_not_its_address(tls_recorder, certificate):
    context = ssl.create_default_context(cafile=f"{certificate}.crt")

    response = get(
        tls_client(tls_recorder, tls=context), f"https://pay.example:{tls_recorder.port}/"
    )

    assert response.status == 200


def test_a_host_of_another_name_is_not_told_anything(tls_recorder, certificate):
    context = ssl.create_default_context(cafile=f"{certificate}.crt")

    with pytest.raises(Unavailable, match="cannot prove its name"):
        get(tls_client(tls_recorder, tls=context), f"https://other.example:{tls_recorder.port}/")

    assert tls_recorder.hits == []


def test_a_host_that_nobody_vouches_for_is_not_told_anything(tls_recorder):
    with pytest.raises(Unavailable, match="cannot prove its name"):
        get(tls_client(tls_recorder), f"https://pay.example:{tls_recorder.port}/")

    assert tls_recorder.hits == []


# F29: the other side is down for long


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_f29_a_host_that_is_down_is_asked_a_few_times_and_then_hardly_at_all(client, recorder):
    clock = Clock()
    recorder.status = 500
    client = replace(client, breaker=CircuitBreaker(clock=clock))

    for _ in range(3_600):
        clock.now += 1
        with suppress(CircuitOpen):
            get(client, f"{recorder.url}/")

    # Without the circuit it would be asked 3,600 times in this hour.
    assert len(recorder.hits) <= 25


def test_f29_a_host_that_does_not_answer_at_all_is_left_alone_as_well(client, recorder):
    recorder.before_answer = lambda handler: handler.wfile.close()
    client = replace(client, breaker=CircuitBreaker(threshold=2))
    for _ in range(2):
        with pytest.raises(Unavailable):
            get(client, f"{recorder.url}/")

    with pytest.raises(CircuitOpen):
        get(client, f"{recorder.url}/")
    assert len(recorder.hits) == 2


def test_f29_one_call_finds_out_that_the_host_is_back_and_the_others_wait(recorder):
    clock = Clock()
    breaker = CircuitBreaker(threshold=1, first_pause=10, clock=clock)
    breaker.enter("pay")
    breaker.failed("pay")
    clock.now += 11

    breaker.enter("pay")
    for _ in range(50):
        with pytest.raises(CircuitOpen):
            breaker.enter("pay")
    breaker.succeeded("pay")

    breaker.enter("pay")


def test_f29_those_who_wait_come_back_at_different_moments():
    breaker = CircuitBreaker(threshold=1, first_pause=10, clock=Clock())
    breaker.failed("pay")
    moments = []
    for _ in range(100):
        with pytest.raises(CircuitOpen) as caught:
            breaker.enter("pay")
        moments.append(caught.value.after)

    assert min(moments) >= timedelta(seconds=10)
    assert max(moments) - min(moments) > timedelta(seconds=5)


def test_a_call_that_was_not_made_does_not_keep_the_circuit_open():
    clock = Clock()
    breaker = CircuitBreaker(threshold=1, first_pause=10, clock=clock)
    breaker.failed("pay")
    clock.now += 11
    breaker.enter("pay")
    breaker.left("pay")

    breaker.enter("pay")


def test_the_one_call_that_finds_out_may_end_without_an_answer_that_counts(client, recorder):
    clock = Clock()
    client = replace(client, breaker=CircuitBreaker(threshold=1, clock=clock))
    client.breaker.failed(f"127.0.0.1:{recorder.port}")
    clock.now += 60
    recorder.body = b"x" * 1_000_001
    with pytest.raises(Refused):
        get(client, f"{recorder.url}/")
    recorder.body = b"{}"

    assert get(client, f"{recorder.url}/").status == 200


def test_one_host_that_is_down_does_not_hold_up_another(client, recorder):
    client = replace(client, breaker=CircuitBreaker(threshold=1))
    client.breaker.failed("127.0.0.1:1")

    assert get(client, f"{recorder.url}/").status == 200


def test_a_thousand_hosts_that_fail_are_forgotten_one_by_one():
    breaker = CircuitBreaker(threshold=1)
    for number in range(1_500):
        breaker.failed(f"host{number}")

    assert len(breaker._troubled) == 1_000
    breaker.enter("host0")
    with pytest.raises(CircuitOpen):
        breaker.enter("host1499")
