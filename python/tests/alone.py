"""The package without anything beside it: quick to import, needing nothing, with examples that run."""

import doctest
import importlib
import pkgutil
import subprocess
import sys

import vivavoce

NEEDS_MORE = {"vivavoce.prometheus", "vivavoce._web", "vivavoce._cli.serve", "vivavoce.__main__"}


def main() -> None:
    # What is imported comes from the standard library.
    seen = "import sys; before = set(sys.modules); import vivavoce; print(*{name.split('.')[0] for name in set(sys.modules) - before})"
    imported = set(subprocess.run([sys.executable, "-c", seen], check=True, capture_output=True, text=True).stdout.split())
    assert imported - set(sys.stdlib_module_names) == {"vivavoce"}, imported

    finder = doctest.DocTestFinder(exclude_empty=True)
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    tests = []
    for module in [vivavoce, *map(_module, pkgutil.walk_packages(vivavoce.__path__, "vivavoce."))]:
        if module is not None:
            tests += finder.find(module, module.__name__)
    # The finder does not look into classes of native code by itself.
    native = importlib.import_module("vivavoce._native")
    parser = doctest.DocTestParser()
    for name, value in vars(native).items():
        members = [(name, value)]
        if isinstance(value, type):
            members += [(f"{name}.{member}", vars(value)[member]) for member in vars(value)]
        for path, each in members:
            text = getattr(each, "__doc__", None)
            if isinstance(text, str) and ">>>" in text:
                tests.append(parser.get_doctest(text, {}, path, None, None))
    for test in {test.name: test for test in tests}.values():
        runner.run(test)
    failed, tried = runner.summarize(verbose=False)
    assert failed == 0 and tried > 100, f"{failed} of {tried} failed"


def _module(found: pkgutil.ModuleInfo) -> object:
    return None if found.name in NEEDS_MORE or found.name == "vivavoce._native" else importlib.import_module(found.name)


main()
