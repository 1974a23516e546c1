"""A real browser against a real server. An error on the console, CSP violations included, fails the test."""

import os
import shutil
from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect, sync_playwright
from pytest_django.live_server_helper import LiveServer

from cartpath.accounts.models import User

# Playwright's loop makes Django believe that it runs inside async code.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

# A loaded machine is slow, not wrong.
expect.set_options(timeout=15_000)

QUIET = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DESKTOP = ViewportSize(width=1440, height=900)
TABLET = ViewportSize(width=1024, height=768)
PHONE = ViewportSize(width=390, height=844)

# A refused form, and a net that a test took away while the page was asking for something.
EXPECTED = ("422 (Unprocessable", "net::ERR_INTERNET_DISCONNECTED")

Open = Callable[..., Page]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium; a machine without it fails here rather than skipping silently."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    assert path, "Browser tests need Chromium: apt-get install chromium, or set CHROMIUM."
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture(autouse=True, scope="session")
def styles_are_asked_for_once() -> Iterator[None]:
    """The test's server lets a browser keep styles and scripts, as production does."""
    serve = StaticFilesHandler.serve

    def kept(self: StaticFilesHandler, request: HttpRequest) -> HttpResponseBase:
        answer = serve(self, request)
        # A test's clock may stand years before the browser's.
        answer["Cache-Control"] = "max-age=1000000000, immutable"
        return answer

    StaticFilesHandler.serve = kept  # type: ignore[method-assign]
    yield
    StaticFilesHandler.serve = serve  # type: ignore[method-assign]


@pytest.fixture
def open_as(browser: Browser, live_server: LiveServer, transactional_db: None) -> Iterator[Open]:
    """`open_as(ada, "/board/")` is a page in which Ada is signed in; `open_as(None)` one of nobody's."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def open_page(
        user: User | None, path: str = "/", *, size: ViewportSize = DESKTOP, scripts: bool = True
    ) -> Page:
        context = browser.new_context(
            viewport=size,
            base_url=live_server.url,
            timezone_id="Europe/Rome",
            java_script_enabled=scripts,
        )
        context.set_default_timeout(20_000)
        contexts.append(context)
        if user is not None:
            client = Client()
            client.force_login(user)
            cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
            context.add_cookies(
                [{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}]
            )
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
        page.on(
            "console",
            lambda message: (
                complaints.append(f"{page.url}: {message.text}")
                if message.type == "error" and not any(each in message.text for each in EXPECTED)
                else None
            ),
        )
        page.goto(path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []
