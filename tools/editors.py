"""
What the page about editors has people copy, in the editors themselves: `python -m tools.editors`.

Neovim (0.11 or newer) and Emacs (with Eglot, with lsp-mode) are started without a window, with the block of `docs/editors.md` and nothing else, on a file in which
something is found; tells whether it arrives, and where. Those that are not installed are passed over. The exit status is 1 if one hears nothing.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

PAGE = Path(__file__).resolve().parent.parent / "docs" / "editors.md"
FILE = "import requests\n\n\ndef größe(a): return '😀', requests.get(a)\n"
PLACE = FILE.splitlines()[3].index("requests")
PATIENCE = 90
_MISSING = "not installed"

_NEOVIM = """
vim.cmd.edit("rates.py")
vim.wait(30000, function() return #vim.diagnostic.get(0) > 0 end)
for _, one in ipairs(vim.diagnostic.get(0)) do
  local line = vim.api.nvim_buf_get_lines(0, one.lnum, one.lnum + 1, false)[1]
  io.stdout:write("found ", one.code, " ", vim.str_utfindex(line, "utf-32", one.col), "\\n")
end
vim.cmd("qa!")
"""
_EGLOT = """
(setq eglot-sync-connect t)
(find-file "rates.py")
(python-mode)
(apply #'eglot (eglot--guess-contact))
(let ((left 300))
  (while (and (> left 0) (null (flymake-diagnostics)))
    (accept-process-output nil 0.1)
    (flymake-start)
    (setq left (1- left))))
(dolist (one (flymake-diagnostics))
  (goto-char (flymake-diagnostic-beg one))
  (when (string-match "REL[0-9]+" (flymake-diagnostic-text one))
    (princ (format "found %s %d\\n" (match-string 0 (flymake-diagnostic-text one)) (- (point) (line-beginning-position))))))
"""
_LSP_MODE = """
(setq lsp-auto-guess-root t lsp-enable-file-watchers nil lsp-enable-snippet nil lsp-diagnostics-provider :none
      lsp-enabled-clients '(reliability-lint))
(find-file "rates.py")
(python-mode)
(lsp)
(let ((left 300))
  (while (and (> left 0) (zerop (hash-table-count (lsp-diagnostics))))
    (accept-process-output nil 0.1)
    (setq left (1- left))))
(maphash (lambda (_ found)
           (dolist (one found)
             (goto-char (lsp--position-to-point (lsp:range-start (lsp:diagnostic-range one))))
             (princ (format "found %s %d\\n" (lsp:diagnostic-code? one) (- (point) (line-beginning-position))))))
         (lsp-diagnostics))
"""


class Trial(NamedTuple):
    """An editor: its program, the beginning of the block that is tried in it, what it is to do then, and in which column it shows what is found."""

    name: str
    program: str
    block: str
    script: str
    place: int = PLACE


TRIALS = (
    Trial("Neovim", "nvim", "vim.lsp.config", _NEOVIM),
    Trial("Emacs, Eglot", "emacs", "(with-eval-after-load 'eglot", _EGLOT),
    # lsp-mode takes units of UTF-16 for characters, so it is one off behind each letter that has two.
    Trial("Emacs, lsp-mode", "emacs", "(with-eval-after-load 'lsp-mode", _LSP_MODE, PLACE + 1),
)


def main() -> int:
    """Tries each editor, and says by its exit status whether all that are there have heard."""
    heard = True
    for trial in TRIALS:
        said = tried(trial)
        print(f"{trial.name}: {said or 'what is found arrives, in its place'}")
        heard = heard and (not said or said.startswith(_MISSING))
    return 0 if heard else 1


def tried(trial: Trial) -> str:
    """What has gone wrong; empty where nothing has."""
    program = shutil.which(trial.program)
    if program is None:
        return _MISSING
    if trial.program == "nvim":
        asked = [program, "--headless", "--clean", "-c", "lua io.stdout:write(vim.lsp.config and 'new' or 'old')", "-c", "qa!"]
        if (
            "new"
            not in subprocess.run(asked, capture_output=True, text=True, timeout=PATIENCE, stdin=subprocess.DEVNULL, check=False).stdout
        ):
            return f"{_MISSING}, but for a version before 0.11"
    (block,) = [block for block in blocks() if block.startswith(trial.block)]
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch, "shop")
        folder.mkdir()
        (folder / "pyproject.toml").touch()
        (folder / "rates.py").write_text(FILE, encoding="utf-8")
        if trial.program == "nvim":
            (folder / "init.lua").write_text(block, encoding="utf-8")
            (folder / "try.lua").write_text(trial.script, encoding="utf-8")
            command = [program, "--headless", "--clean", "-u", "init.lua", "-c", "luafile try.lua"]
        else:
            package = "eglot" if "eglot" in trial.block else "lsp-mode"
            script = f'(package-initialize)\n(unless (require \'{package} nil t) (princ "missing") (kill-emacs 0))\n{block}{trial.script}'
            (folder / "try.el").write_text(script, encoding="utf-8")
            command = [program, "-q", "--batch", "-l", "try.el"]
        # Our command is the one beside the Python that runs us.
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
        environment = {**os.environ, "HOME": scratch, "PATH": path}
        try:
            done = subprocess.run(
                command,
                cwd=folder,
                env=environment,
                capture_output=True,
                text=True,
                timeout=PATIENCE,
                stdin=subprocess.DEVNULL,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return f"it has not ended after {PATIENCE} seconds"
    if done.stdout.endswith("missing"):
        return _MISSING
    found = re.findall(r"found (\S+) (\d+)", done.stdout)
    return "" if found == [("REL101", str(trial.place))] else f"it shows {found}; it said: {done.stderr[-500:]}"


def blocks() -> Iterator[str]:
    """What the page has people copy."""
    for match in re.finditer(r"^```\w+\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL):
        yield match[1]


if __name__ == "__main__":
    sys.exit(main())
