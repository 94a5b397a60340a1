"""
By what a place in a file is known again after the file was edited: the function or class it stands in, and what is written there.

Both are read from the text alone, so they are the same for every version of Python, and are there for text that does not parse. Formatters may do what they like:
blanks, line ends, comments, quotes, brackets that only group and commas before a closing one do not count.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from hashlib import sha256

from .source import SourceFile

# Possessive, so that what never ends is read once. An f-string that holds its own quotes is read as two strings, which come to an end together.
_STRING = r"""
    '''(?:[^'\\]++|\\[\s\S]|'(?!''))*+(?:'''|\Z)
  | \"{3}(?:[^"\\]++|\\[\s\S]|"(?!""))*+(?:\"{3}|\Z)
  | '(?:[^'\\\r\n]++|\\(?:\r\n|[\s\S]))*+'?
  | "(?:[^"\\\r\n]++|\\(?:\r\n|[\s\S]))*+"?
"""
# What needs no step of its own, brackets included that are closed at once.
_PLAIN = r"""[^'"\#()\[\]{}\\\r\n]"""
# Something matches wherever a step may begin: else the search would go on in the middle of what was read already.
_STEP = re.compile(
    rf"""
  (?:{_PLAIN}++|\({_PLAIN}*+\)|\[{_PLAIN}*+\])*+
  (?:
    {_STRING}
  | \#[^\r\n]*+
  | \\(?:\r\n|[\r\n])?
  | (?P<open>[(\[{{])
  | (?P<close>[)\]}}])
  | (?P<line>(?:\r\n|[\r\n])(?P<indent>[ \t\f]*+)(?=[^\s\#])(?:(?:async[ \t]+)?(?:def|class)[ \t]+(?P<name>\w+)|(?P<decorator>@))?)
  | [\r\n]
  | \Z
  )
  """,
    re.VERBOSE,
)
_WORD = re.compile(rf"(?P<blank>(?:[\s\\]|\#[^\r\n]*)+)|(?P<prefix>(?i:[rbfut]{{1,2}})?)(?P<string>{_STRING})|\w+|[^\w\s]", re.VERBOSE)
_TAB = 8


class Outline:
    """The functions and classes of a text, one inside of the other."""

    def __init__(self, source: SourceFile) -> None:
        self._source = source
        self._starts: list[int] = []  # where statements begin: behind the end of the line before
        self._scopes: list[str] = []  # of each the scope
        open_: list[tuple[int, str]] = []
        depth = decorators = 0
        scope = ""
        for match in _STEP.finditer(f"\n{source.text}"):  # so that every line begins behind the end of another
            kind = match.lastgroup
            if kind == "open":
                depth += 1
            elif kind == "close":
                depth = max(0, depth - 1)
            elif kind is not None and (depth == 0 or match["name"]):
                depth = 0  # no line within brackets begins a function: so much for brackets that are never closed
                blanks, name = match["indent"], match["name"]
                indent = len(blanks.expandtabs(_TAB) if "\t" in blanks else blanks)
                if name or (open_ and open_[-1][0] >= indent):
                    while open_ and open_[-1][0] >= indent:
                        open_.pop()
                    if name:
                        open_.append((indent, name))
                    scope = ".".join(one for _, one in open_)
                self._starts.append(match.end("indent") - 1)
                self._scopes.append(scope)
                decorators = decorators + 1 if match["decorator"] else 0 if not name else decorators
                if name and decorators:
                    self._scopes[-1 - decorators : -1] = [scope] * decorators
                    decorators = 0

    def scope(self, line: int, *, below: bool = False) -> str:
        """
        The function or class that the statement on a line stands in, or of which it is the head: `Order.pay`; empty at the top of the file.

        `below`: the line is a comment, which belongs to what follows it.
        """
        at = bisect_left(self._starts, self._source.at(line if below else line + 1, 1)) - (not below)
        return self._scopes[at] if 0 <= at < len(self._scopes) else ""


def gist(text: str) -> str:
    """What is known of a piece of code however it is written: a digest of its words."""
    words: list[str] = []
    strings = False  # whether the last word is a string, which another one goes on
    for match in _WORD.finditer(text):
        word = match[0]
        if match["blank"] or word == "(":
            continue
        if match["string"]:
            if strings:
                words[-1] += _body(match["string"])
            else:
                words.append(f"{match['prefix'].lower().replace('u', '')}'{_body(match['string'])}")
            strings = True
            continue
        strings = False
        if word in ")]}" and words and words[-1] == ",":
            words.pop()
        if word != ")":
            words.append(word.lower() if word[0].isdigit() else word)
    return sha256("\0".join(words).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _body(string: str) -> str:
    """What stands in quotes, without what is there because of the kind of quotes."""
    quote = string[:3] if string[:3] in ("'''", '"""') else string[:1]
    return string.removeprefix(quote).removesuffix(quote).replace("\\'", "'").replace('\\"', '"')
