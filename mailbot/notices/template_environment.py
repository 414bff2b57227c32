"""The environment of the templates: which run in the sandbox, when a file is read again, which modules are kept."""

import os
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, Template, nodes
from jinja2.environment import TemplateModule
from jinja2.meta import find_referenced_templates, find_undeclared_variables
from jinja2.runtime import Context, Macro

from mailbot.notices.sandbox import TemplateSandbox

_LANGUAGE = "lang"
_INDEPENDENT = "independent"  # the name, in a compiled template, that says so: compiled code may come from a cache


class _KeptTemplate(Template):
    """A template of the program.

    What imports it gets the same module each time when nothing in it depends on the values of a notice but the
    language: its macros are pure functions then, and making them anew would be a fifth of the time of a rendering.
    """

    _modules: dict[object, TemplateModule] | None  # by language; None when they cannot be kept

    @classmethod
    def _from_namespace(
        cls, environment: Environment, namespace: MutableMapping[str, Any], values: MutableMapping[str, Any]
    ) -> Template:
        template = super()._from_namespace(environment, namespace, values)
        template._modules = {} if namespace.get(_INDEPENDENT) else None  # type: ignore[attr-defined]
        return template

    def make_module(
        self,
        vars: dict[str, Any] | None = None,  # noqa: A002 - Jinja's names
        shared: bool = False,
        locals: Mapping[str, Any] | None = None,  # noqa: A002
    ) -> TemplateModule:
        if self._modules is None:
            return super().make_module(vars, shared, locals)
        language = (vars or {}).get(_LANGUAGE)
        module = self._modules.get(language)
        if module is None:
            values = {**self.globals, **({_LANGUAGE: language} if language is not None else {})}
            module = self._modules[language] = super().make_module(values, shared=True)
        return module


class _Context(Context):
    """Calls macros, which are most of what templates call, without finding out what each wants to be passed."""

    def call(self, obj: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        if type(obj) is not Macro:
            return super().call(obj, *args, **kwargs)
        kwargs.pop("_block_vars", None)
        kwargs.pop("_loop_vars", None)
        return obj(self.eval_ctx, *args, **kwargs)


class SplitEnvironment(Environment):
    """Runs the program's own templates, and has those of an operator's folder run in the `sandbox`.

    What those include runs there too.  The sandbox takes an eighth more time, and keeps no modules.  Templates are
    looked for and compiled once, until `look_again` finds that a file has changed.
    """

    template_class = _KeptTemplate
    context_class = _Context

    def __init__(self, own: Sequence[Path], **options: Any) -> None:
        """`own`: the operator's folders, which are among those of the loader."""
        options |= {"auto_reload": False, "cache_size": -1}
        super().__init__(**options)
        self._own = [str(folder) for folder in own]
        self._loaded: dict[str, Template] = {}
        self.sandbox = TemplateSandbox(**options)
        self.globals = self.sandbox.globals  # an included template has those of the one that includes it

    def look_again(self) -> None:
        """Forget all templates when a file of one has changed, or an operator's file has come or gone."""
        in_sandbox = [template for _, template in list((self.sandbox.cache or {}).items())]
        if any(self._is_stale(template) for template in (*list(self._loaded.values()), *in_sandbox)):
            self._loaded.clear()
            for environment in (self, self.sandbox):
                if environment.cache is not None:
                    environment.cache.clear()

    def _is_stale(self, template: Template) -> bool:
        own = self._own_file(template.name or "")
        return not template.is_up_to_date or own not in (None, template.filename)

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """The globals of a template: those of the environment themselves, as no template here has more of them."""
        return super().make_globals(d) if d else self.globals

    def _load_template(self, name: str, values: MutableMapping[str, Any] | None) -> Template:
        found = self._loaded.get(name)
        if found is None:
            load = super()._load_template if self._own_file(name) is None else self.sandbox._load_template
            found = self._loaded[name] = load(name, values)
        return found

    def _own_file(self, name: str) -> str | None:
        """The path of the operator's file of that name, as the loader names it."""
        paths = (f"{folder}/{name}" for folder in self._own)
        return next((path for path in paths if os.path.isfile(path)), None)  # noqa: PTH113 - a Path costs ten times that

    def _generate(self, source: nodes.Template, *args: Any, **options: Any) -> str:
        free = find_undeclared_variables(source) - self.globals.keys() - {_LANGUAGE}
        code = super()._generate(source, *args, **options)
        return code if free or list(find_referenced_templates(source)) else f"{code}\n{_INDEPENDENT} = True"
