"""
Opens the HTML report in a headless Chromium and tries its filters: `python -m tools.page --screenshot page.png`.

What is asked of the page: every filter shows what it should and nothing else, alone and with others; nothing is written to the console; no request is made but for the
page itself. The exit status is 1 if one of these does not hold. Chromium is no dependency of the tests, so this is run by hand after the page was changed.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
QUIET = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
)

_NOBODY = "not an origin"

# Does with the page what somebody would do, and leaves what is wrong in an attribute of the document.
TRIED = """
<script>
addEventListener("load", () => {
  const wrong = [];
  let asked = 0;
  const cards = [...document.querySelectorAll("article.card")];
  const shown = () => cards.filter(card => !card.hidden && card.getClientRects().length > 0);
  const holds = (what, condition) => { asked += 1; if (!condition) wrong.push(what); };
  const set = (element, value) => { element.value = value; element.dispatchEvent(new Event("input", {bubbles: true})); };
  const is = (what, fits) => {
    const expected = cards.filter(fits);
    holds(what, expected.length === shown().length && expected.every(card => !card.hidden));
    const told = expected.length === cards.length ? `${cards.length} shown` : `${expected.length} of ${cards.length} shown`;
    holds(what + ": the number", document.getElementById("shown").textContent === told);
    holds(what + ": the line for nothing", document.getElementById("none").hidden === expected.length > 0);
  };
  is("all at first", () => true);
  for (const name of ["family", "rule", "folder"]) {
    const choice = document.getElementById(name);
    for (const option of choice.options) {
      const folder = card => card.dataset.folder === option.value || card.dataset.folder.startsWith(option.value + "/");
      set(choice, option.value);
      is(`${name} ${option.value}`, card => !option.value || (name === "folder" ? folder(card) : card.dataset[name] === option.value));
    }
    set(choice, "");
  }
  const boxes = [...document.querySelectorAll("[name=severity]")];
  for (const box of boxes) {
    box.click();
    is(`without ${box.value}`, card => card.dataset.severity !== box.value);
    box.click();
  }
  boxes.forEach(box => box.click());
  is("no severity", () => false);
  boxes.forEach(box => box.click());
  const words = document.getElementById("words");
  set(words, "NOTHING HAS these words");
  is("words that are nowhere", () => false);
  set(words, "shop TIMEOUT");
  is("words", card => ["shop", "timeout"].every(word => card.textContent.toLowerCase().includes(word)));
  for (const button of document.querySelectorAll("[data-family]:is(button)")) {
    button.click();
    is(`chart ${button.dataset.family} and words`, card => card.dataset.family === button.dataset.family && /shop/i.test(card.textContent) && /timeout/i.test(card.textContent));
    holds("the button is pressed", button.getAttribute("aria-pressed") === "true");
    button.click();
    holds("the button is not pressed", button.getAttribute("aria-pressed") === "false");
  }
  for (const button of document.querySelectorAll("[data-folder]:is(button)")) {
    button.click();
    holds("the list of folders and its button agree", document.getElementById("folder").value === button.dataset.folder);
    button.click();
  }
  document.querySelector("[type=reset]").click();
  setTimeout(() => {
    is("all again", () => true);
    holds("there are marks in the code", document.querySelectorAll("pre mark").length >= cards.length);
    holds("the chart has bars", [...document.querySelectorAll(".chart rect")].every(bar => bar.getBoundingClientRect().width > 0));
    document.documentElement.dataset.asked = asked;
    document.documentElement.dataset.wrong = wrong.join("; ");
  }, 50);
});
</script>
</body>"""


def problems(chromium: str, page: str, screenshot: Path | None, size: str) -> list[str]:
    """What is wrong with a page."""
    with tempfile.TemporaryDirectory() as folder:
        path, log = Path(folder, "page.html"), Path(folder, "net.json")
        path.write_text(page.replace("</body>", TRIED), encoding="utf-8")
        common = [chromium, *QUIET, f"--user-data-dir={folder}/profile"]
        command = [*common, "--enable-logging=stderr", f"--log-net-log={log}", "--virtual-time-budget=4000", "--dump-dom", path.as_uri()]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
        found = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
        asked = re.search(r'<html[^>]* data-asked="(\d+)"', done.stdout)
        wrong = re.search(r'<html[^>]* data-wrong="([^"]*)"', done.stdout)
        if asked is None or wrong is None:
            found.append("the filters were not tried to the end")
        else:
            print(f"{asked[1]} questions about filters")
            found += [one for one in wrong[1].split("; ") if one]
        found += [f"asks for {url}" for url in _requested(log) if url != path.as_uri()]
        if screenshot is not None:
            path.write_text(page, encoding="utf-8")
            picture = [*common, f"--window-size={size}", f"--screenshot={screenshot.resolve()}", path.as_uri()]
            subprocess.run(picture, capture_output=True, timeout=120, check=True)
    return found


def _requested(log: Path) -> set[str]:
    """What the page asked for, by Chromium's own log of its network; what the browser wants for itself has no page that began it."""
    events = json.loads(log.read_text(encoding="utf-8"))["events"]
    parameters = [event["params"] for event in events if isinstance(event.get("params"), dict)]
    return {str(one["url"]) for one in parameters if "url" in one and one.get("initiator", _NOBODY) != _NOBODY}


def main() -> int:
    """Makes a report of the shop and opens it."""
    parser = argparse.ArgumentParser(prog="tools.page", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--chromium", default=shutil.which("chromium") or shutil.which("google-chrome") or "chromium")
    parser.add_argument("--screenshot", type=Path, help="write a picture of the page to this file")
    parser.add_argument("--size", default="1100,900", help="width and height of the window, in pixels")
    parser.add_argument("--page", type=Path, help="open this report instead of that of the shop")
    arguments = parser.parse_args()
    if arguments.page:
        page = arguments.page.read_text(encoding="utf-8")
    else:
        command = [sys.executable, "-m", "reliability_lint", "check", "fixtures/shop/before", "--isolated", "--no-cache", "-f", "html"]
        page = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=False).stdout
    found = problems(arguments.chromium, page, arguments.screenshot, arguments.size)
    print("\n".join(found) or "nothing is wrong")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
