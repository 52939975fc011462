"""The site's own hook: files at the top of the repository become pages, and links between the two hold."""

from __future__ import annotations

import sys
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

sys.path.insert(0, str(Path(__file__).parents[1]))

from docs.links import TOP, from_the_top, to_the_top


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the files at the top as pages."""
    for name, page in TOP.items():
        if page != "index.md":
            text = Path(config.config_file_path).with_name(name).read_text(encoding="utf-8")
            titled = text if text.startswith("# ") else f"# {name.title()}\n\n{text}"
            files.append(File.generated(config, page, content=from_the_top(titled)))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Let links to the files at the top lead to their pages."""
    return to_the_top(markdown)
