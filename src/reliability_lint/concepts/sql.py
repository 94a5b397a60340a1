"""
SQL text with holes: where in a statement each hole stands.

No grammar is followed, only what stands directly around: databases differ in everything else. Where that does not say enough, the place is OTHER.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum

from ..model.folding import Hole, Text, last_name


class Position(Enum):
    """What a hole takes the place of."""

    VALUE = "value"  # a driver could have bound it
    QUOTED = "quoted"  # the same, between quotes
    COLUMN = "column"  # a column that rows are sorted, grouped, found or written by; a direction
    NAME = "name"  # a table, or any other name
    CLAUSE = "clause"  # a condition, or more
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Spot:
    """A hole and where it stands. `verb` is the first word of its statement in lower case, or "" where that is a hole or the text is a fragment."""

    hole: Hole
    position: Position
    verb: str

    @property
    def bindable(self) -> bool:
        """
        Whether a text may stand here in place of a value, in a kind of statement that takes bound values.

        What stands without quotes is a number wherever the statement works; only what comes from outside may be anything else.
        """
        if self.verb and self.verb not in _BINDABLE:
            return False
        return (self.position is Position.QUOTED and not self.hole.escaped) or (
            self.position is Position.VALUE and self.hole.source in ("parameter", "request", "passed")
        )

    @property
    def defines(self) -> bool:
        """Whether it stands in a statement about tables, users and settings, not about rows."""
        return bool(self.verb) and self.verb not in _BINDABLE


_HOLE = "\ue000"
_BINDABLE = frozenset({"select", "insert", "update", "delete", "replace", "merge", "upsert", "with", "values", "call", "exec", "explain"})
# What cannot take bound values; a fragment that begins with one of these is a whole statement.
_UTILITIES = frozenset(
    {
        "create", "alter", "drop", "truncate", "grant", "revoke", "copy", "set", "show", "lock", "vacuum", "analyze", "pragma", "attach", "detach", "refresh",
        "comment", "use", "describe", "begin", "commit", "rollback", "savepoint", "release", "notify", "listen", "unlisten", "kill", "reindex", "cluster",
        "reset", "declare", "fetch", "close", "prepare", "deallocate", "do", "cancel", "optimize", "rename",
    }
)  # fmt: skip
_TOKEN = re.compile(
    r"""
      (?P<comment>--[^\n]*|/\*.*?(?:\*/|\Z))
    | (?P<string>[EeNnBbXx]?'(?:[^']|'')*(?:'|\Z))
    | (?P<dollar>\$(?P<tag>(?:[A-Za-z_\ue000][\w\ue000]*)?)\$.*?\$(?P=tag)\$)
    | (?P<double>"(?:[^"]|"")*(?:"|\Z))
    | (?P<tick>`[^`]*(?:`|\Z))
    | (?P<bind>%\([\w\ue000]*\)s|%%|%s|\?|(?<![:\w]):[A-Za-z_\ue000][\w\ue000]*|\$[\d\ue000]+|@[\w\ue000]+)
    | (?P<word>[\w\ue000\#$]+)
    | (?P<cast>::)
    | (?P<operator><=>|<>|!=|<=|>=|\|\||->>|->|[=<>]|!?~\*?)
    | (?P<mark>[().,;\[\]])
    | (?P<space>\s+)
    | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_COMPARES = frozenset(
    {"=", "<", ">", "<>", "!=", "<=", ">=", "<=>", "~", "~*", "!~", "!~*", "like", "ilike", "rlike", "regexp", "in", "is", "between", "not"}
)
_BEFORE_VALUE = frozenset(
    {"=", "<", ">", "<>", "!=", "<=", ">=", "<=>", "like", "ilike", "rlike", "regexp", "between", "limit", "offset", "interval"}
)
_BEFORE_TABLE = frozenset({"from", "join", "into", "update", "only"})
_BEFORE_NAME = frozenset(
    {
        "table",
        "exists",
        "index",
        "schema",
        "database",
        "view",
        "sequence",
        "type",
        "role",
        "user",
        "column",
        "constraint",
        "extension",
        "trigger",
        "concurrently",
    }
)
_BEFORE_CONDITION = frozenset({"", "where", "and", "or", "having", "not", "when", ")", "set"})
# Functions whose arguments are values and nothing else.
_TAKES_VALUES = frozenset(
    {"in", "any", "all", "values", "generate_series", "to_tsquery", "plainto_tsquery", "websearch_to_tsquery", "make_interval"}
)
_KEYWORDS = frozenset(
    {
        "select", "distinct", "from", "where", "and", "or", "not", "on", "having", "set", "values", "limit", "offset", "returning", "join", "into", "update",
        "using", "group", "order", "by", "partition", "between", "like", "ilike", "in", "is", "as", "case", "when", "then", "else", "end", "exists", "union",
        "all", "over", "insert", "delete", "with", "left", "right", "inner", "outer", "full", "cross", "lateral", "key", "conflict", "asc", "desc", "null",
    }
)  # fmt: skip
_CLAUSES = {
    "select": "select", "from": "from", "join": "from", "into": "into", "update": "from", "where": "where", "having": "where", "on": "where", "set": "set",
    "values": "values", "by": "by", "limit": "limit", "offset": "limit", "returning": "select", "union": "", "using": "from",
}  # fmt: skip
# What is called like this is a piece of SQL, not one value or name: it was put together elsewhere.
_PIECE = re.compile(
    r"(?:^|_)(?:sql|query|quer(?:y|ies)|subquery|clauses?|conditions?|cond|where|filters?|fragments?|stmt|statement|expr(?:ession)?s?|select|placeholders?|"
    r"params?|binds?|joins?|cte|ctes|predicates?|aliases|alias|func|function|cast|assignments|markers|ph|qs|phs|suffix|prefix)(?:$|_)",
    re.IGNORECASE,
)
_NAMES = re.compile(
    r"(?:^|_)(?:table|schema|columns?|cols?|fields?|identifier|tbl|attr)(?:$|_)|_?(?:table|column|schema|field)_?names?$", re.IGNORECASE
)


@dataclass(slots=True)
class _Level:
    """Inside one pair of brackets: what they enclose ("top", "list" of values, "columns", "call", "group"), and the clause we are in."""

    kind: str = "top"
    clause: str = ""
    between: bool = False


@dataclass(slots=True)
class _State:
    levels: list[_Level] = field(default_factory=lambda: [_Level()])
    previous: str = ""
    previous_kind: str = ""
    verb: str | None = None
    fragment: bool = False
    literal: bool = False
    rows: bool = False  # it is about rows, as some word before tells

    @property
    def level(self) -> _Level:
        return self.levels[-1]


def spots(text: Text, *, fragment: bool = False) -> Iterator[Spot]:
    """The holes of a text, each with its place; `fragment`: the text is a piece of a statement and may begin anywhere."""
    holes = iter([piece for piece in text if isinstance(piece, Hole)])
    joined = "".join(piece.replace(_HOLE, " ") if isinstance(piece, str) else _HOLE for piece in text)
    tokens = [(match.lastgroup if match.lastgroup != "tag" else "dollar", match.group()) for match in _TOKEN.finditer(joined)]
    tokens = [(kind, token) for kind, token in tokens if kind != "space" and (kind != "comment" or _HOLE in token)]
    # A text within dollar signs is another language, for functions that take their arguments as literals.
    state = _State(fragment=fragment, literal=any(kind == "dollar" for kind, _ in tokens))
    for index, (kind, token) in enumerate(tokens):
        assert kind is not None
        following = tokens[index + 1][1].lower() if index + 1 < len(tokens) else ""
        for _ in range(token.count(_HOLE)):
            hole = next(holes)
            position = _position(kind, token, state, following)
            if state.verb == "" and not state.rows and not fragment:
                position = Position.OTHER  # what it begins with is not known, and nothing since tells
            yield Spot(hole, _believed(position, hole), state.verb or "")
        _advance(state, kind, token.lower())


def _advance(state: _State, kind: str, token: str) -> None:
    """Takes one token in."""
    level = state.level
    if kind == "comment":
        return
    if token == ";":
        state.levels, state.verb = [_Level()], None
        state.previous = state.previous_kind = ""
        return
    if token == "(":
        state.levels.append(_opened(state))
    elif token == ")" and len(state.levels) > 1:
        state.levels.pop()
    elif kind == "word":
        if state.verb is None:
            known = _HOLE not in token and (not state.fragment or token in _BINDABLE or token in _UTILITIES)
            state.verb = token if known else ""
        state.rows = state.rows or token in ("select", "where", "values", "having", "insert", "delete")
        if token == "select" and level.kind != "top":
            level.kind = "group"  # a query of its own
        if token in _CLAUSES and level.kind in ("top", "group"):
            level.clause = _CLAUSES[token]
        if token == "between":
            level.between = True
        elif token == "and" and level.between:
            level.between = False
            token = "between"  # what follows is the other bound
    state.previous, state.previous_kind = token, kind


def _opened(state: _State) -> _Level:
    """What a bracket opens, by what stands before it."""
    before, kind, level = state.previous, state.previous_kind, state.level
    if before in _TAKES_VALUES or (before == "," and level.clause == "values"):
        return _Level("list")
    if level.clause == "into" or before in ("key", "conflict") or (before == "using" and level.clause == "from"):
        return _Level("columns")
    if (kind == "word" and before not in _KEYWORDS) or kind in ("double", "tick"):
        return _Level("call")
    return _Level("group", level.clause if before not in ("from", "join", "exists", "as", "in") else "")


def _position(kind: str, token: str, state: _State, following: str) -> Position:
    before, level = state.previous, state.level
    if kind == "string":
        # A path into a document, `'$.name'`, is a literal for the database: nothing can be bound in it.
        return Position.NAME if before == "as" else Position.OTHER if state.literal or token.startswith(("'$.", "'$[")) else Position.QUOTED
    if kind == "double":
        return Position.QUOTED if (before in _BEFORE_VALUE and following != ".") or level.kind == "list" else Position.NAME
    if kind == "tick":
        return Position.NAME
    if kind != "word":
        return Position.OTHER
    if level.kind == "columns" or (before == "." and level.clause == "by"):
        return Position.COLUMN
    if before == "." or following == "." or (before in _BEFORE_TABLE and level.kind != "call"):
        return Position.NAME
    if state.verb and state.verb not in _BINDABLE:
        return Position.NAME if before in _BEFORE_NAME or before in ("on", "to", "from", "into") else Position.OTHER
    if following == "(" or level.kind == "call":
        return Position.OTHER
    if token != _HOLE:  # a part of a name
        return Position.COLUMN if before == "by" else Position.OTHER
    if level.kind == "list":
        return Position.VALUE if before in ("(", ",") and following in (",", ")", "") else Position.OTHER
    if before in _BEFORE_VALUE:
        return Position.VALUE
    if before in ("by", "collate") or (level.clause == "by" and (before == "," or state.previous_kind in ("word", "double", "tick"))):
        return Position.COLUMN
    if before in ("select", "distinct") or (before == "," and level.clause in ("select", "from")):
        return Position.NAME
    if before in _BEFORE_CONDITION or before == "on" or (before == "," and level.clause == "set"):
        return Position.COLUMN if following in _COMPARES else Position.CLAUSE
    return Position.OTHER


def _believed(position: Position, hole: Hole) -> Position:
    """The position, unless the names in the hole say that it is something else: a column on the right side, a piece of SQL."""
    names = (last_name(hole.at), last_name(hole.node))
    if position in (Position.VALUE, Position.COLUMN, Position.NAME) and any(map(_PIECE.search, names)):
        return Position.CLAUSE
    if position is Position.VALUE and any(map(_NAMES.search, names)):
        return Position.OTHER
    return position


# -- placeholders between quotes

_QUOTED = {
    "%s": re.compile(r"%(?:\(\w+\))?s"),
    "?": re.compile(r"\?|:[A-Za-z_]\w*"),
    ":name": re.compile(r":[A-Za-z_]\w*"),
    "$1": re.compile(r"\$\d+"),
}
_BARE = {
    "%s": re.compile(r"%(?:\(\w+\))?s"),
    "?": re.compile(r"\?|(?<![:\w]):[A-Za-z_]\w*"),
    ":name": re.compile(r"(?<![:\w]):[A-Za-z_]\w*"),
    "$1": re.compile(r"\$\d+"),
}


def placeholders(text: Text, style: str) -> tuple[list[str], list[str]]:
    """The placeholders of a text in a driver's style: those between quotes, where each is all there is, and those that stand free."""
    if style not in _QUOTED:
        return [], []
    joined = "".join(piece if isinstance(piece, str) else _HOLE for piece in text)
    quoted: list[str] = []
    free: list[str] = []
    for match in _TOKEN.finditer(joined):
        token = match.group()
        if match.lastgroup == "string" or (match.lastgroup == "double" and style == "%s"):
            if _QUOTED[style].fullmatch(token.strip("'\"")) and token[0] in "'\"":
                quoted.append(token)
        elif match.lastgroup == "bind" and _BARE[style].fullmatch(token):
            free.append(token)
    return quoted, free
