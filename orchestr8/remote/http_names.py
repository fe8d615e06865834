"""File names that answers tell."""

import os

from orchestr8.remote.http_request import Answer


def file_name(answer: Answer) -> str:
    """Return the file name that an answer or its address tells, without any directory."""
    from urllib.parse import unquote, urlsplit

    told = answer.response.headers.get_param("filename", header="content-disposition")
    name = told if isinstance(told, str) else unquote(urlsplit(answer.url).path.rstrip("/"))
    return os.path.basename(name)
