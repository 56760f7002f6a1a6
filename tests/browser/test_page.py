"""Test the HTML report in a browser, by clicking and typing; scripts/browser.sh runs this.

LC_BROWSER_SHOTS names a folder for screenshots; by default they go to the test's own folder.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
from pathlib import Path
from typing import Iterator

import pytest
from PIL import Image

from chromium import Page

sys.path.append(str(Path(__file__).resolve().parents[1] / "cli"))

from program import DEMO, FIXTURES, GOOD_JPEG, copy_fixture, row, run, write_rows  # noqa: E402
from test_html_report import HOSTILE  # noqa: E402

MANY = 60_000
FRAME_MS = 100


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    copy_fixture(DEMO, folder / "demo")
    run("demo", "--no-index", "-q", "-o", "demo.html", cwd=folder)
    return folder / "demo.html"


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("many")
    (folder / "images").mkdir()
    with open(folder / "rows.jsonl", "w", encoding="utf-8") as rows:
        for n in range(MANY):
            text = HOSTILE[n] if n < len(HOSTILE) else str(n)
            rows.write(json.dumps(row(text, f"{n % 97:02}/{text}.jpg")) + "\n")
        rows.write(json.dumps({"id": "odd", "conversations": []}) + "\n")
    run("rows.jsonl", "--images", "images", "--no-index", "-q", "-o", "many.html", cwd=folder)
    return folder / "many.html"


@pytest.fixture
def page() -> Iterator[Page]:
    with Page() as made:
        yield made
        assert made.complaints == []
        assert all(request.startswith("file:") for request in made.requests), made.requests
        assert len(made.requests) == 1


def shots(scratch: Path) -> Path:
    folder = Path(os.environ.get("LC_BROWSER_SHOTS") or scratch)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def count(page: Page) -> str:
    return str(page.run("document.getElementById('count').textContent"))


def cells(page: Page, column: int) -> list[str]:
    """Return the texts of one column, for the rows in view."""
    rows = "[...document.querySelectorAll('#rows tr:not(.space)')]"
    found: list[str] = page.run(f"{rows}.map(r => r.cells[{column}].textContent)")
    return found


def test_search_and_filters(demo: Path, page: Page) -> None:
    page.open(demo)
    assert count(page) == "17 findings"
    page.click("#search")
    page.type("coco TRAIN")
    assert count(page) == "2 of 17 findings"
    assert all("coco/train2017" in text for text in cells(page, 2))
    page.type("zzz")
    assert count(page) == "0 of 17 findings"
    assert "No finding matches" in page.run("document.getElementById('rows').textContent")
    page.click("#clear")
    assert count(page) == "17 findings"
    page.run("(() => { const s = document.getElementById('level'); s.value = 'warning';"
             "s.dispatchEvent(new Event('change')); })()")  # fmt: skip
    assert set(cells(page, 0)) == {"warning"}


def test_ids_of_the_filtered_findings_are_copied_and_saved(many: Path, page: Page) -> None:
    page.open(many)
    page.run("""(() => {
        window.given = [];
        navigator.clipboard.writeText = async (text) => { window.given.push(text); };
        URL.createObjectURL = (blob) => { blob.text().then((t) => window.given.push(t));
                                          return '#'; };
    })()""")
    page.click("#search")
    page.type("odd")
    page.click("#copy-ids")
    page.click("#download-ids")
    given = page.run("window.given")
    assert given == ["odd\n", "odd\n"]
    status = "document.getElementById('ids-status').textContent"
    assert page.run(status) == "Saved 1 id"
    page.click("#clear")
    assert page.run("document.getElementById('ids-status').hidden")
    page.run("navigator.clipboard.writeText = async () => { throw new Error('refused'); }")
    page.click("#copy-ids")
    assert page.run(status).startswith("Copied ")
    assert "of the findings shown name no id" in page.run(status)


def test_order(demo: Path, page: Page) -> None:
    page.open(demo)
    levels = cells(page, 0)
    assert levels == sorted(levels)  # error before warning
    page.click("#table th:nth-child(2) button")
    codes = cells(page, 1)
    assert codes == sorted(codes) and len(codes) == 17
    page.click("#table th:nth-child(2) button")
    assert cells(page, 1) == sorted(codes, reverse=True)
    heads = page.run("[...document.querySelectorAll('#table th')].map(h => h.ariaSort)")
    assert heads == [None, "descending", None, None, None]


def test_rules_open_and_lead_to_their_findings(demo: Path, page: Page) -> None:
    page.open(demo)
    assert page.run("document.querySelectorAll('details[open]').length") == 0
    page.click("#rows a")
    target = page.run("location.hash.slice(1)")
    assert page.run(f"document.getElementById('{target}').open") is True
    page.click(f"#{target} .show-rule")
    assert set(cells(page, 1)) == {target.removeprefix("rule-")}
    page.click("#places tbody tr:nth-child(2) a")
    assert count(page) == "2 of 17 findings"


def test_keyboard(many: Path, page: Page) -> None:
    page.open(many)
    page.press("Tab", 9)
    assert page.run("document.activeElement.className") == "skip"
    page.press("Enter", 13)
    assert page.run("document.activeElement.id") == "findings"
    page.run("document.getElementById('table').focus()")
    page.press("ArrowDown", 40)
    page.press("ArrowDown", 40)
    active = "document.getElementById('table').getAttribute('aria-activedescendant')"
    assert page.run(active) == "finding-1"
    page.press("End", 35)
    page.settle()
    last = page.run(active)
    assert int(last.removeprefix("finding-")) > 49_000
    seen = page.run(f"(() => {{ const r = document.getElementById('{last}').getBoundingClientRect(),"
                    "v = document.getElementById('view').getBoundingClientRect();"
                    "return r.top >= v.top && r.bottom <= v.bottom + 1; })()")  # fmt: skip
    assert seen
    page.press("Enter", 13)
    assert page.run("document.getElementById('detail').hidden") is False
    page.press("Escape", 27)
    assert page.run("document.getElementById('detail').hidden") is True
    page.press("PageUp", 33)
    assert int(page.run(active).removeprefix("finding-")) < 50_000


def test_hostile_text_is_shown_as_text(many: Path, page: Page) -> None:
    page.open(many)
    page.run("window.alert = () => { throw new Error('alert'); }")
    page.click("#search")
    page.type("alert(1)")
    assert count(page).startswith(("4 of", "5 of", "3 of"))
    page.click("#rows tr:nth-child(2) td:nth-child(4)")
    assert page.run("document.querySelectorAll('#findings script, #findings img, img').length") == 0
    assert "<script>" in page.run("document.getElementById('rows').textContent")
    assert page.run("document.getElementById('detail').textContent.includes('The image file does not exist')")


def test_many_findings_are_fluid(many: Path, page: Page) -> None:
    began = time.monotonic()
    page.open(many)
    assert time.monotonic() - began < 5
    assert count(page) == "50,000 listed findings"
    assert len(cells(page, 0)) < 100
    worst = page.run("""new Promise(done => {
        const view = document.getElementById('view');
        let frames = 0, worst = 0, last = performance.now();
        const step = (now) => {
            worst = Math.max(worst, frames > 1 ? now - last : 0);
            last = now;
            view.scrollTop += 20000;
            if (++frames < 60) requestAnimationFrame(step); else done(worst);
        };
        requestAnimationFrame(step);
    })""")
    assert worst < FRAME_MS, worst
    assert len(cells(page, 0)) > 10
    took = page.run("""(() => {
        const began = performance.now();
        document.querySelector('#table th:nth-child(4) button').click();
        return performance.now() - began;
    })()""")
    assert took < 1500, took


@pytest.mark.parametrize("width", [360, 800, 1600])
def test_nothing_is_wider_than_the_window(width: int, demo: Path, thumbnails: Path) -> None:
    for path in (demo, thumbnails):
        with Page() as page:
            page.resize(width, 740)
            page.open(path)
            page.run("document.querySelectorAll('details').forEach(d => { d.open = true; })")
            assert page.run("document.documentElement.scrollWidth") <= width


def test_without_script(demo: Path, page: Page) -> None:
    """The page shows the verdict and the rules with findings."""
    page.call("Emulation.setScriptExecutionDisabled", value=True)
    page.call("Page.navigate", url=demo.resolve().as_uri())
    time.sleep(1)
    page.print(shots(demo.parent) / "no-script.pdf")
    page.screenshot(shots(demo.parent) / "no-script.png", whole=True)
    page.call("Emulation.setScriptExecutionDisabled", value=False)
    hidden = "[...document.querySelectorAll('.script-only')].map(e => getComputedStyle(e).display)"
    assert set(page.run(hidden)) == {"none"}
    assert "15 errors, 2 warnings" in page.run("document.querySelector('.verdict').textContent")
    rows = page.run("[...document.querySelectorAll('noscript tbody tr')].map(r => r.innerText)")
    assert len(rows) == 17 and rows[0].split("\t")[:2] == ["error", "JSN101"]


@pytest.fixture(scope="module")
def thumbnails(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a report with thumbnails of images from fixtures/rules, and of a cut image that has an intact copy."""
    folder = tmp_path_factory.mktemp("thumbnails")
    (folder / "damaged/0-train").mkdir(parents=True)
    (folder / "damaged/0-whole").mkdir()
    for path in (FIXTURES / "rules/images").glob("IMG5[01]*.*g"):
        if path.is_file():
            shutil.copy(path, folder / "damaged")
    shutil.copy(GOOD_JPEG, folder / "damaged/0-whole/a.jpg")
    exif = Image.Exif()
    exif[0x0112] = 6
    with Image.open(GOOD_JPEG) as image:
        turned = image.transpose(Image.Transpose.ROTATE_90)
        turned.save(folder / "damaged/0-turned.jpg", exif=exif)
        image.putalpha(Image.radial_gradient("L").resize(image.size))
        image.save(folder / "damaged/0-clear.png")
    whole = GOOD_JPEG.read_bytes()
    (folder / "damaged/0-train/a.jpg").write_bytes(whole[: len(whole) // 2])
    names = sorted(p.relative_to(folder / "damaged").as_posix()
                   for p in (folder / "damaged").rglob("*") if p.is_file())  # fmt: skip
    write_rows(folder / "damaged/rows.json", [row(name, name) for name in names])
    run("damaged", "--no-index", "-q", "--show", "info", "--thumbnails", "-o", "thumbnails.html",
        cwd=folder)  # fmt: skip
    return folder / "thumbnails.html"


IMAGES = "[...document.querySelectorAll('.thumbs img')]"


def test_thumbnails(thumbnails: Path, tmp_path: Path) -> None:
    with Page() as page:
        page.open(thumbnails)
        page.run("document.querySelector('#rule-IMG514 summary').focus()")
        first = "document.querySelector('#rule-IMG514 .thumbs img').checkVisibility()"
        assert page.run(first) is False
        page.press("Enter", 13)
        page.settle()
        assert page.run(first) is True
        page.run("document.querySelectorAll('details').forEach(d => { d.open = true; })")
        page.run(f"Promise.all({IMAGES}.map(i => i.decode()))")
        sizes = page.run(f"{IMAGES}.map(i => [i.naturalWidth, i.naturalHeight, i.width,"
                         "i.height, +i.getAttribute('width'), +i.getAttribute('height')])")  # fmt: skip
        assert len(sizes) > 15
        for wide, high, shown_wide, shown_high, said_wide, said_high in sizes:
            assert 0 < wide == said_wide <= 96 and 0 < high == said_high <= 96
            assert shown_wide == max(wide, 16) and shown_high == max(high, 16)
        assert set(page.run(f"{IMAGES}.map(i => i.alt.slice(0, 11))")) == {"The image, "}
        pair = page.run("document.querySelector('#rule-IMG507 .thumbs').textContent")
        assert "what can be decoded" in pair and "0-whole/a.jpg" in pair
        page.print(tmp_path / "paper.pdf")
        assert (tmp_path / "paper.pdf").read_bytes().count(b"/Subtype /Image") >= 15
        assert page.complaints == []
        kinds = {request.split(":")[0] for request in page.requests}
        assert kinds == {"file", "data"}
        blocked = page.run("""new Promise(done => {
            addEventListener('securitypolicyviolation', e => done(e.effectiveDirective));
            new Image().src = 'https://example.com/a.jpg';
        })""")
        assert blocked == "img-src"


def contrast(one: str, other: str) -> float:
    def light(color: str) -> float:
        parts = [int(p) / 255 for p in color[color.index("(") + 1 : -1].split(",")[:3]]
        r, g, b = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
        return 0.2126 * r + 0.7152 * g + 0.0722 * b

    a, b = sorted((light(one), light(other)))
    return (b + 0.05) / (a + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("data", ["demo", "thumbnails"])
def test_contrast(data: str, scheme: str, request: pytest.FixtureRequest) -> None:
    """Text has the contrast that WCAG AA requires, 4.5."""
    with Page() as page:
        page.prefer(scheme)
        page.open(request.getfixturevalue(data))
        page.run("document.querySelectorAll('details').forEach(d => { d.open = true; })")
        look_at_contrast(page)


def look_at_contrast(page: Page) -> None:
    pairs = page.run("""[...document.querySelectorAll('body *')].filter(e =>
        !e.closest('svg') && [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim())
        && !e.closest('script, style, noscript, option, [hidden]')).map(e => {
            let ground = e;
            const clear = (c) => c === 'rgba(0, 0, 0, 0)';
            while (ground && clear(getComputedStyle(ground).backgroundColor))
                ground = ground.parentElement;
            return [e.className + ' ' + e.textContent.slice(0, 30), getComputedStyle(e).color,
                    getComputedStyle(ground || document.body).backgroundColor];
        })""")
    assert len(pairs) > 200
    poor = [(what, a, b) for what, a, b in pairs if contrast(a, b) < 4.5]
    assert poor == []


def test_screenshots(demo: Path, many: Path, thumbnails: Path, tmp_path: Path) -> None:
    """Write screenshots for people to look at."""
    folder = shots(tmp_path)
    for name, path in (("demo", demo), ("many", many), ("thumbnails", thumbnails)):
        with Page() as page:
            page.open(path)
            page.run("document.querySelectorAll('details').forEach(d => {"
                     "d.open = d.querySelector('.thumbs') !== null; })")  # fmt: skip
            page.screenshot(folder / f"{name}-light.png", whole=True)
            page.prefer("dark")
            page.screenshot(folder / f"{name}-dark.png", whole=True)
            page.prefer("light")
            page.print(folder / f"{name}.pdf")
            page.resize(360, 740)
            page.settle()
            page.screenshot(folder / f"{name}-phone.png", whole=True)
            assert page.complaints == []
    assert len(list(folder.glob("*.png"))) >= 6
    if shutil.which("pdftoppm"):
        for name in ("demo", "thumbnails"):
            os.system(f"pdftoppm -r 60 -png {folder}/{name}.pdf {folder}/{name}-print")
