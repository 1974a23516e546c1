"""Vendored files are the ones we checked, and our own keep the house rules the browser would punish."""

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "static"
VENDOR = STATIC / "vendor"
SPRITE = VENDOR / "tabler-icons" / "icons.svg"
UNCHECKED = {"CHECKSUMS", "README.md"}


def checksums() -> dict[str, str]:
    lines = (VENDOR / "CHECKSUMS").read_text().splitlines()
    return {path: digest for digest, path in (line.split("  ", 1) for line in lines)}


def our_templates() -> Iterator[Path]:
    return (ROOT / "templates").rglob("*.html")


def our_stylesheets() -> Iterator[Path]:
    return (STATIC / "css").glob("*.css")


def test_every_vendored_file_is_the_one_that_was_checked() -> None:
    found = {
        str(path.relative_to(VENDOR)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in VENDOR.rglob("*")
        if path.is_file() and path.name not in UNCHECKED
    }
    assert found == checksums()


def test_every_vendored_package_brings_its_license() -> None:
    packages = [path for path in VENDOR.iterdir() if path.is_dir()]
    assert packages
    assert all((package / "LICENSE").stat().st_size > 300 for package in packages)


def test_no_template_carries_inline_style_script_or_handler() -> None:
    forbidden = re.compile(r"""\sstyle=|<style|<script(?![^>]*\ssrc=)|\son[a-z]+=|javascript:|hx-on""")
    offenders = [
        str(path.relative_to(ROOT)) for path in our_templates() if forbidden.search(path.read_text())
    ]
    assert offenders == []


def test_every_icon_that_a_page_names_is_in_the_sprite() -> None:
    drawn = set(re.findall(r'<symbol id="([^"]+)"', SPRITE.read_text()))
    named = {name for path in our_templates() for name in re.findall(r'{% icon "([^"]+)"', path.read_text())}
    assert named - drawn == set()


def test_every_icon_that_a_component_chooses_is_in_the_sprite() -> None:
    from cartpath.web import components

    drawn = set(re.findall(r'<symbol id="([^"]+)"', SPRITE.read_text()))
    tables = (components.DUE_LOOKS, components.VERDICT_LOOKS, components.MESSAGE_LOOKS)
    chosen = {look.icon for table in tables for look in table.values()} | set(components.STEP_ICONS.values())
    assert chosen - {""} <= drawn


def test_colors_are_named_in_the_tokens_only() -> None:
    color = re.compile(r"#[0-9a-fA-F]{3,8}\b|\brgba?\(|\bhsla?\(")
    offenders = [
        path.name
        for path in our_stylesheets()
        if path.name not in {"tokens.css", "print.css"} and color.search(path.read_text())
    ]
    assert offenders == []


def test_every_token_that_is_used_exists() -> None:
    defined = set(
        re.findall(r"^\s+(--[a-z0-9-]+):", (STATIC / "css" / "tokens.css").read_text(), re.MULTILINE)
    )
    used = {
        name for path in our_stylesheets() for name in re.findall(r"var\((--[a-z0-9-]+)", path.read_text())
    }
    assert used - defined == set()


@pytest.mark.parametrize("stylesheet", sorted(our_stylesheets()), ids=lambda path: path.name)
def test_every_stylesheet_is_loaded_and_short(stylesheet: Path) -> None:
    assert any(f"css/{stylesheet.name}" in path.read_text() for path in our_templates())
    assert len(stylesheet.read_text().splitlines()) <= 400
