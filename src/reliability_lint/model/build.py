"""One walk in source order: a tree becomes a semantic model. Nothing is evaluated here; names are bound and places are listed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeAlias

import libcst as cst

from ..syntax.tree import children
from .frames import Frame
from .places import (
    Assertion,
    AttributeAssignment,
    Call,
    Class,
    Function,
    Handler,
    ItemAssignment,
    Jump,
    Loop,
    Place,
    Raise,
    Return,
    Try,
    With,
    Yield,
)
from .scopes import Binding, BindingKind, Scope
from .semantic import SemanticModel, dotted

# What the walk has still to do: visit a node, or go on in another context.
_Context: TypeAlias = tuple[Scope, Frame, cst.CSTNode]


class _Then:
    """Something to do when what stands before it has been walked: a name is bound after its value."""

    __slots__ = ("do",)

    def __init__(self, do: Callable[[], None]) -> None:
        self.do = do


_Work: TypeAlias = "cst.CSTNode | _Context | _Then"

_LEAVES = frozenset(
    {
        cst.Name, cst.Integer, cst.Float, cst.Imaginary, cst.SimpleString, cst.Ellipsis, cst.Pass, cst.Break, cst.Continue,
        cst.FormattedStringText, cst.Colon, cst.ParamSlash, cst.ParamStar, cst.SimpleWhitespace, cst.BitOr, cst.Dot,
    }
)  # fmt: skip


# Methods by which dictionaries, lists and sets change in place.
_FILLING = frozenset(
    {"update", "setdefault", "pop", "popitem", "clear", "append", "extend", "insert", "remove", "add", "discard", "__setitem__"}
)


class _Walk:
    """The state of the walk: where we are, and what is left."""

    def __init__(self, model: SemanticModel, module: cst.Module) -> None:
        self.model = model
        self.scope = model.scope
        self.frame = model.frame
        self.statement: cst.CSTNode = module
        self.order = 0
        self.stack: list[_Work] = list(reversed(module.body))
        self.awaited: set[int] = set()
        self.dropped: set[int] = set()
        self.owners: dict[int, Class] = {}  # classes by the `id()` of their nodes
        self.enter: dict[type[cst.CSTNode], Callable[[Any], None]] = {  # each takes the nodes under whose class it stands
            cst.SimpleStatementLine: self._statement_line,
            cst.Call: self._call,
            cst.Await: self._await,
            cst.Expr: self._expr,
            cst.Attribute: self._attribute,
            cst.FunctionDef: self._function,
            cst.ClassDef: self._class,
            cst.Lambda: self._lambda,
            cst.Assign: self._assign,
            cst.AnnAssign: self._annotated,
            cst.AugAssign: self._augmented,
            cst.NamedExpr: self._walrus,
            cst.Import: self._import,
            cst.ImportFrom: self._import_from,
            cst.For: self._for,
            cst.While: self._while,
            cst.If: self._if,
            cst.IfExp: self._choice,
            cst.With: self._with,
            cst.Try: self._try,
            cst.TryStar: self._try,
            cst.Return: self._return,
            cst.Raise: self._raise,
            cst.Assert: self._assert,
            cst.Yield: self._yield,
            cst.Global: self._global,
            cst.Nonlocal: self._nonlocal,
            cst.Del: self._del,
            cst.MatchCase: self._case,
            cst.MatchAs: self._capture,
            cst.MatchStar: self._capture,
            cst.MatchMapping: self._capture_rest,
            cst.TypeAlias: self._alias,
            cst.ListComp: self._comprehension,
            cst.SetComp: self._comprehension,
            cst.DictComp: self._comprehension,
            cst.GeneratorExp: self._comprehension,
            cst.Match: self._header,
            cst.Break: self._jump,
            cst.Continue: self._jump,
        }

    def run(self) -> None:
        stack, enter = self.stack, self.enter
        while stack:
            work = stack.pop()
            kind = work.__class__
            if kind is tuple:
                self.scope, self.frame, self.statement = work  # type: ignore[misc]
                continue
            self.order += 1
            if kind is _Then:
                work.do()  # type: ignore[union-attr]
                continue
            visit = enter.get(kind)  # type: ignore[arg-type]
            if visit is not None:
                visit(work)
            elif kind not in _LEAVES:
                stack.extend(reversed(children(work)))  # type: ignore[arg-type]
        enter.clear()  # its methods refer to us, and we to the tree: without them both go at once

    # -- going on

    def _here(self) -> _Context:
        return (self.scope, self.frame, self.statement)

    def _push(self, *work: _Work | None) -> None:
        """Does these next, in the order given."""
        self.stack.extend(item for item in reversed(work) if item is not None)

    def _below(self, node: cst.CSTNode) -> None:
        self.stack.extend(reversed(children(node)))

    # -- binding

    def _bind(
        self,
        kind: BindingKind,
        name: str,
        node: cst.CSTNode,
        *,
        value: cst.BaseExpression | None = None,
        annotation: cst.BaseExpression | None = None,
        dotted_name: str = "",
        index: int | None = None,
    ) -> None:
        self.scope.add(
            name,
            Binding(
                kind,
                node,
                self.scope,
                self.frame,
                self.order,
                self.statement,
                value=value,
                annotation=annotation,
                dotted=dotted_name,
                index=index,
            ),
        )

    def _bind_target(
        self,
        kind: BindingKind,
        target: cst.CSTNode,
        node: cst.CSTNode,
        value: cst.BaseExpression | None,
        *,
        annotation: cst.BaseExpression | None = None,
        index: int | None = None,
    ) -> None:
        if isinstance(target, cst.Name):
            self._bind(kind, target.value, node, value=value, annotation=annotation, index=index)
        elif isinstance(target, cst.Attribute):
            self._assign_attribute(kind, target, node, value, annotation, index)
        elif isinstance(target, cst.Subscript):
            self._fill(target.value)
            if value is not None and kind == "assign":
                self.model.item_assignments.append(
                    ItemAssignment(self.model, self.scope, self.frame, self.order, self.statement, node, target, value)
                )
        elif isinstance(target, cst.Tuple | cst.List):
            last = 0
            for position, element in enumerate(target.elements):
                inner = element.value
                if isinstance(element, cst.StarredElement):
                    self._bind_target("other", inner, node, None)
                    last = len(target.elements)  # what follows is counted from the end
                elif kind == "for":
                    self._bind_target(kind, inner, node, value, index=position - last)
                elif kind not in ("assign", "unpack") or index is not None:
                    self._bind_target("other", inner, node, None, index=position)
                elif isinstance(inner, cst.Tuple | cst.List) and (part := _part(value, position - last)) is not None:
                    self._bind_target("assign", inner, node, part)
                else:
                    self._bind_target("unpack", inner, node, value, index=position - last)

    def _fill(self, holder: cst.BaseExpression) -> None:
        """Notes that what a name holds is changed in place: `options["timeout"] = 5`, `options.update(…)`."""
        while isinstance(holder, cst.Subscript):
            holder = holder.value
        if isinstance(holder, cst.Name):
            self.model.filled.setdefault(holder.value, []).append(self.scope)
        elif isinstance(holder, cst.Attribute):
            self.model.filled.setdefault(f".{holder.attr.value}", []).append(self.scope)

    def _assign_attribute(
        self,
        kind: BindingKind,
        target: cst.Attribute,
        node: cst.CSTNode,
        value: cst.BaseExpression | None,
        annotation: cst.BaseExpression | None,
        index: int | None,
    ) -> None:
        if value is not None and kind in ("assign", "annotation"):
            self.model.attribute_assignments.append(
                AttributeAssignment(self.model, self.scope, self.frame, self.order, self.statement, node, target, value)
            )
        owner = self._class_of(target.value.value) if isinstance(target.value, cst.Name) else None
        if owner is not None:
            binding = Binding(
                kind, node, self.scope, self.frame, self.order, self.statement, value=value, annotation=annotation, index=index
            )
            owner.attributes.setdefault(target.attr.value, []).append(binding)

    def _class_of(self, name: str) -> Class | None:
        """The class of this file that is meant by a name, or of which an object is: `self` and `cls`, in functions within a method too."""
        found = self.scope.find(name)
        if found is None:
            return None
        scope, bindings = found
        function = scope.function
        if function is not None and function.owner is not None and function.parameters and bindings[0].node is function.parameters[0]:
            return None if any(dotted(decorator.node) == "staticmethod" for decorator in function.decorators) else function.owner
        return self.owners.get(id(bindings[0].node)) if bindings[0].kind == "class" else None

    # -- statements

    def _statement_line(self, node: cst.CSTNode) -> None:
        self.statement = node
        self._below(node)

    def _header(self, node: cst.CSTNode) -> None:
        self._push(*children(node), self._here())
        self.statement = node

    def _assign(self, node: cst.Assign) -> None:

        def bind() -> None:
            for target in node.targets:
                self._bind_target("assign", target.target, node, node.value)

        self._push(*(t.target for t in node.targets if not isinstance(t.target, cst.Name)), node.value, _Then(bind))

    def _annotated(self, node: cst.AnnAssign) -> None:
        bind = _Then(lambda: self._bind_target("annotation", node.target, node, node.value, annotation=node.annotation.annotation))
        self._push(None if isinstance(node.target, cst.Name) else node.target, node.value, bind)

    def _augmented(self, node: cst.AugAssign) -> None:
        self._push(node.target, node.value, _Then(lambda: self._bind_target("augmented", node.target, node, node.value)))

    def _walrus(self, node: cst.NamedExpr) -> None:
        self._push(node.value, _Then(lambda: self._bind_target("assign", node.target, node, node.value)))

    def _del(self, node: cst.Del) -> None:
        self._bind_target("delete", node.target, node, None)
        self._push(node.target)

    def _global(self, node: cst.Global) -> None:
        for item in node.names:
            self.scope.nonlocals[item.name.value] = self.model.scope

    def _nonlocal(self, node: cst.Nonlocal) -> None:
        around: list[Scope] = []
        scope = self.scope.parent
        while scope is not None:
            if scope.kind == "function":
                around.append(scope)
            scope = scope.parent
        for item in node.names:
            name = item.name.value
            owner = next((one for one in around if name in one.bindings), next(iter(around), None))  # which may bind it further down
            if owner is not None:
                self.scope.nonlocals[name] = owner

    def _import(self, node: cst.Import) -> None:
        for alias in node.names:
            whole = dotted(alias.name)
            self.model.imports.add(whole)
            if alias.asname is not None and isinstance(alias.asname.name, cst.Name):
                self._bind("import", alias.asname.name.value, node, dotted_name=whole)
            else:
                root = whole.partition(".")[0]
                self._bind("import", root, node, dotted_name=root)

    def _import_from(self, node: cst.ImportFrom) -> None:
        base = self.model.absolute(dotted(node.module) if node.module is not None else "", len(node.relative))
        self.model.imports.add(base)
        if isinstance(node.names, cst.ImportStar):
            self.scope.starred.append(base)
            return
        for alias in node.names:
            name = dotted(alias.name)
            local = alias.asname.name.value if alias.asname is not None and isinstance(alias.asname.name, cst.Name) else name
            whole = f"{base}.{name}" if base else name
            self.model.imports.add(whole)
            if local != name:
                self.model.renamed[local] = name
            self._bind("import", local, node, dotted_name=whole)

    # -- blocks

    def _for(self, node: cst.For) -> None:
        here = self._here()
        self.statement = node
        loop = Loop(self.model, self.scope, self.frame, self.order, node)
        self.model.loops.append(loop)
        bind = _Then(lambda: self._bind_target("for", node.target, node, node.iter))
        self._loop_body(node, here, loop, (None if isinstance(node.target, cst.Name) else node.target, node.iter, bind))

    def _while(self, node: cst.While) -> None:
        here = self._here()
        self.statement = node
        loop = Loop(self.model, self.scope, self.frame, self.order, node)
        self.model.loops.append(loop)
        self._loop_body(node, here, loop, (node.test,))

    def _loop_body(self, node: cst.For | cst.While, here: _Context, loop: Loop, head: tuple[_Work | None, ...]) -> None:
        otherwise = Frame("loop-else", node, self.frame)
        orelse: tuple[_Work, ...] = ((self.scope, otherwise, node), node.orelse) if node.orelse is not None else ()
        self._push(*head, (self.scope, loop.inside, node), node.body, *orelse, here)

    def _choice(self, node: cst.IfExp) -> None:
        self._tested(node.test)
        self._below(node)

    def _tested(self, test: cst.BaseExpression) -> None:
        scope: Scope | None = self.scope
        while scope is not None:
            if scope.function is not None:
                scope.function.tests.append(test)
            scope = scope.parent

    def _if(self, node: cst.If) -> None:
        self._tested(node.test)
        here = self._here()
        self.statement = node
        then = (self.scope, Frame("if", node, self.frame), node)
        orelse: tuple[_Work, ...] = ()
        if node.orelse is not None:
            orelse = ((self.scope, Frame("else", node, self.frame), node), node.orelse)
        self._push(node.test, then, node.body, *orelse, here)

    def _case(self, node: cst.MatchCase) -> None:
        self._push((self.scope, Frame("case", node, self.frame), node), node.pattern, node.guard, node.body, self._here())

    def _capture(self, node: cst.MatchAs | cst.MatchStar) -> None:
        if node.name is not None:
            cls = node.pattern.cls if isinstance(node, cst.MatchAs) and isinstance(node.pattern, cst.MatchClass) else None
            self._bind("case" if cls is not None else "other", node.name.value, node, annotation=cls)
        self._below(node)

    def _capture_rest(self, node: cst.MatchMapping) -> None:
        if node.rest is not None:
            self._bind("other", node.rest.value, node)
        self._below(node)

    def _alias(self, node: cst.TypeAlias) -> None:
        self._push(node.value, _Then(lambda: self._bind("assign", node.name.value, node, value=node.value)))

    def _with(self, node: cst.With) -> None:
        here = self._here()
        self.statement = node
        place = With(self.model, self.scope, self.frame, self.order, node)
        self.model.withs.append(place)
        head: list[_Work] = []
        for item in node.items:
            head.append(item.item)
            if item.asname is not None:
                head.append(_Then(partial(self._bind_target, "with", item.asname.name, item, item.item)))
        self._push(*head, (self.scope, place.inside, node), node.body, here)

    def _try(self, node: cst.Try | cst.TryStar) -> None:
        here = self._here()
        self.model.tries.append(Try(self.model, self.scope, self.frame, self.order, node, node))
        work: list[_Work] = [(self.scope, Frame("try", node, self.frame), node), node.body]
        for clause in node.handlers:
            handler = Handler(self.model, self.scope, self.frame, self.order, clause, node)
            self.model.handlers.append(handler)
            if handler.bound:
                binding = Binding("except", clause, self.scope, handler.inside, self.order, clause, value=clause.type)
                self.scope.add(handler.bound, binding)
            if clause.type is not None:
                work += [(self.scope, self.frame, clause), clause.type]
            work += [(self.scope, handler.inside, clause), clause.body]
        if node.orelse is not None:
            work += [(self.scope, Frame("try-else", node, self.frame), node), node.orelse]
        if node.finalbody is not None:
            work += [(self.scope, Frame("finally", node, self.frame), node), node.finalbody]
        self._push(*work, here)

    # -- definitions

    def _function(self, node: cst.FunctionDef) -> None:
        here = self._here()
        self.statement = node
        owner = self.scope.owner if self.scope.kind == "class" else None
        function = Function(self.model, self.scope, self.frame, self.order, node, node, owner)
        self.model.functions.append(function)
        self._bind("function", node.name.value, node)
        function.overload = any(dotted(decorator.decorator).rpartition(".")[2] == "overload" for decorator in node.decorators)
        if owner is not None and not function.overload:
            owner.methods.setdefault(node.name.value, function)
        head = self._decorators(node.decorators, function, function.decorators)
        params = node.params
        every = [*params.posonly_params, *params.params, *params.kwonly_params]
        head += [p.default for p in every if p.default is not None]
        inside = (function.inner, Frame("function", node, self.frame), node)
        outer = self.scope
        self.scope = function.inner
        for index, param in enumerate(every):
            self._bind(
                "parameter",
                param.name.value,
                param,
                value=param.default,
                annotation=param.annotation.annotation if param.annotation is not None else None,
                index=index,
            )
        for star in (params.star_arg, params.star_kwarg):
            if isinstance(star, cst.Param):
                self._bind("other", star.name.value, star)
        self.scope = outer
        self._push(*head, inside, node.body, here)

    def _class(self, node: cst.ClassDef) -> None:
        here = self._here()
        self.statement = node
        place = Class(self.model, self.scope, self.frame, self.order, node, node)
        self.model.classes.append(place)
        self.owners[id(node)] = place
        self._bind("class", node.name.value, node)
        head = self._decorators(node.decorators, place, place.decorators)
        head += [*node.bases, *node.keywords]
        self._push(*head, (place.inner, Frame("class", node, self.frame), node), node.body, here)

    def _decorators(self, decorators: Sequence[cst.Decorator], decorated: Function | Class, into: list[Call]) -> list[cst.CSTNode]:
        """Lists decorators as calls and gives what is left to visit in them."""
        rest: list[cst.CSTNode] = []
        for decorator in decorators:
            expression = decorator.decorator
            bare = not isinstance(expression, cst.Call)
            call = Call(self.model, self.scope, self.frame, self.order, self.statement, expression, bare=bare, decorated=decorated)
            self.model.calls.append(call)
            into.append(call)
            rest += children(expression) if isinstance(expression, cst.Call) else [expression]
        return rest

    def _lambda(self, node: cst.Lambda) -> None:
        inner = Scope("lambda", f"{self.scope.qualname}.<lambda>", self.scope)
        self.model.lambda_scopes.append(inner)
        here = self._here()
        params = node.params
        every = [*params.posonly_params, *params.params, *params.kwonly_params]
        every += [star for star in (params.star_arg, params.star_kwarg) if isinstance(star, cst.Param)]
        outer, self.scope = self.scope, inner
        for param in every:
            self._bind("parameter", param.name.value, param)
        self.scope = outer
        defaults = [p.default for p in every if p.default is not None]
        inside = Frame("lambda", node, self.frame)
        if not every:
            self.model.lambdas[id(node)] = Place(self.model, inner, inside, self.order, self.statement)
        self._push(*defaults, (inner, inside, self.statement), node.body, here)

    def _comprehension(self, node: cst.BaseComp) -> None:
        # Before what stands in front of the `for`: that is where the names are used.
        loop: cst.CompFor | None = node.for_in
        while loop is not None:
            self._bind_target("for", loop.target, loop, loop.iter)
            loop = loop.inner_for_in
        self._below(node)

    # -- expressions and small statements

    def _call(self, node: cst.Call) -> None:
        key = id(node)
        call = Call(
            self.model, self.scope, self.frame, self.order, self.statement, node, awaited=key in self.awaited, dropped=key in self.dropped
        )
        self.model.calls.append(call)
        if self.scope.function is not None:
            self.scope.function.calls.append(call)
        if node.func.__class__ is cst.Attribute and node.func.attr.value in _FILLING:
            self._fill(node.func.value)
        self._push(node.func, *(arg.value for arg in node.args))

    def _attribute(self, node: cst.Attribute) -> None:
        if node.value.__class__ is not cst.Name:
            self.stack.append(node.value)

    def _await(self, node: cst.Await) -> None:
        self.awaited.add(id(node.expression))
        if self.scope.function is not None:
            self.scope.function.awaits += 1
        self.stack.append(node.expression)

    def _expr(self, node: cst.Expr) -> None:
        self.dropped.add(id(node.value))
        self.stack.append(node.value)

    def _return(self, node: cst.Return) -> None:
        if self.scope.function is not None:
            place = Return(self.model, self.scope, self.frame, self.order, self.statement, node)
            self.scope.function.returns.append(place)
        self._below(node)

    def _raise(self, node: cst.Raise) -> None:
        place = Raise(self.model, self.scope, self.frame, self.order, self.statement, node)
        self.model.raises.append(place)
        if self.scope.function is not None:
            self.scope.function.raises.append(place)
        self._below(node)

    def _assert(self, node: cst.Assert) -> None:
        self.model.assertions.append(Assertion(self.model, self.scope, self.frame, self.order, self.statement, node))
        self._below(node)

    def _jump(self, node: cst.Break | cst.Continue) -> None:
        self.model.jumps.append(Jump(self.model, self.scope, self.frame, self.order, self.statement, node))

    def _yield(self, node: cst.Yield) -> None:
        if self.scope.function is not None:
            self.scope.function.generator = True
            self.scope.function.yields.append(Yield(self.model, self.scope, self.frame, self.order, self.statement, node))
        self._below(node)


def _part(value: cst.BaseExpression | None, index: int) -> cst.BaseExpression | None:
    """A part of a tuple or list that is written out, or None."""
    elements = value.elements if isinstance(value, cst.Tuple | cst.List) else ()
    if any(isinstance(element, cst.StarredElement) for element in elements) or not -len(elements) <= index < len(elements):
        return None
    return elements[index].value


def build(model: SemanticModel) -> SemanticModel:
    """Fills a model's lists of places and its scopes, by one walk over its tree."""
    _Walk(model, model.tree).run()
    return model
