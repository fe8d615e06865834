"""`ansible.module_utils.six.moves`: where Python has what had another name before."""

import builtins
import collections
import configparser
import functools
import io
import itertools
import os
import pickle
import queue
import shlex
import urllib
import urllib.error
import urllib.parse
import urllib.request
import urllib.response
import urllib.robotparser
from collections import abc as collections_abc
from http import client as http_client
from http import cookiejar as http_cookiejar
from http import cookies as http_cookies

cPickle = pickle  # noqa: N816 -- its name there
filter = builtins.filter
map = builtins.map
zip = builtins.zip
range = builtins.range
xrange = builtins.range
input = builtins.input
intern = __import__("sys").intern
reduce = functools.reduce
filterfalse = itertools.filterfalse
zip_longest = itertools.zip_longest
shlex_quote = shlex.quote
getcwd = os.getcwd
getcwdb = os.getcwdb
cStringIO = StringIO = io.StringIO  # noqa: N816
UserDict, UserList, UserString = collections.UserDict, collections.UserList, collections.UserString
urllib_parse, urllib_error, urllib_request = urllib.parse, urllib.error, urllib.request

__all__ = [
    "StringIO",
    "UserDict",
    "UserList",
    "UserString",
    "cPickle",
    "cStringIO",
    "collections_abc",
    "configparser",
    "filter",
    "filterfalse",
    "getcwd",
    "getcwdb",
    "http_client",
    "http_cookiejar",
    "http_cookies",
    "input",
    "intern",
    "map",
    "queue",
    "range",
    "reduce",
    "shlex_quote",
    "urllib",
    "urllib_error",
    "urllib_parse",
    "urllib_request",
    "xrange",
    "zip",
    "zip_longest",
]  # fmt: skip
