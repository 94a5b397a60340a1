"""The page that says what is modelled and what is not, against the models."""

import sys

from tools import models


def test_every_row_is_modelled_or_says_why_not(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["tools.models"])
    assert models.main() == 0, capsys.readouterr().out


def test_what_no_model_has_is_told(monkeypatch, tmp_path, capsys):
    page = tmp_path / "models.md"
    page.write_text("| section | what | modelled as | why not |\n|---|---|---|---|\n| 1 | a | `requests.fetch` | |\n| 1 | b | | |\n")
    monkeypatch.setattr(models, "PAGE", page)
    monkeypatch.setattr(sys, "argv", ["tools.models"])
    assert models.main() == 1
    told = capsys.readouterr().out
    assert "models.md:3: no model has requests.fetch" in told
    assert "models.md:4: b is neither modelled nor is there a reason" in told


def test_what_was_collected_must_be_in_the_page(monkeypatch, tmp_path, capsys):
    page = tmp_path / "models.md"
    page.write_text("| section | what | modelled as | why not |\n|---|---|---|---|\n| facts.md 1.1 | requests | `requests.get` | |\n")
    facts = tmp_path / "facts.md"
    facts.write_text("## 1.1 Clients\n\n| callable | timeout |\n|---|---|\n| `requests.get` | none |\n| `fares.get` | none |\n")
    monkeypatch.setattr(models, "PAGE", page)
    monkeypatch.setattr(sys, "argv", ["tools.models", "--facts", str(facts)])
    assert models.main() == 1
    assert "facts.md:6: section 1.1: nothing is said of fares" in capsys.readouterr().out
