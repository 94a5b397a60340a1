"""The models as they are written down when the package is built."""

from reliability_lint.libraries import load


def _shipped(monkeypatch, tmp_path, written):
    """What is read where the package's folder holds `written` beside the TOML files."""
    real = load.files("reliability_lint.libraries")

    class Folder:
        def __truediv__(self, name):
            return tmp_path / name if name == load.COMPILED else real / name

    (tmp_path / load.COMPILED).write_bytes(written)
    monkeypatch.setattr(load, "files", lambda _: Folder())
    parsed = []
    monkeypatch.setattr(load, "parse", lambda text, name, parse=load.parse: parsed.append(name) or parse(text, name))
    return load.shipped.__wrapped__(), parsed


def test_they_are_the_same(monkeypatch, tmp_path):
    models, parsed = _shipped(monkeypatch, tmp_path, load.compiled())
    assert not parsed
    assert models == load.shipped()


def test_of_other_sources_they_are_not_used(monkeypatch, tmp_path):
    models, parsed = _shipped(monkeypatch, tmp_path, b"0" * 16 + load.compiled()[16:])
    assert len(parsed) == len(models) > 50


def test_what_cannot_be_read_is_not_used(monkeypatch, tmp_path):
    models, parsed = _shipped(monkeypatch, tmp_path, load.compiled()[:5000])
    assert len(parsed) == len(models)
