"""What browser tests share: contexts that are emptied between tests, and the requests that the desk still answers."""

import threading
import time

from django.core.signals import request_finished, request_started

VIEWPORT = {"width": 1280, "height": 800}
# All that a page can leave for the next one of its context, but for the scripts and styles that were loaded.
_STORED = "file_systems,indexeddb,local_storage,service_workers,cache_storage"


class Contexts:
    """Hands out contexts of one browser. Those without options of their own are emptied and used again.

    To start a page's process and to compile its scripts takes a second. A context that is used again keeps both: a page
    without scripts, at the address `quiet`, stays open in it.
    """

    def __init__(self, browser, base_url, quiet):
        self._browser, self._base_url, self._quiet = browser, base_url, quiet
        self._free, self._taken, self._special = [], [], []

    def take(self, **options):
        if not options and self._free:
            context = self._free.pop()
        else:
            context = self._browser.new_context(**{"base_url": self._base_url, "viewport": VIEWPORT, **options})
            context.set_default_timeout(10_000)
            if not options:
                context.new_page().goto(self._quiet)
        (self._special if options else self._taken).append(context)
        return context

    def give_back(self):
        """Close what has options of its own, and empty the rest: no page, no cookie, no route and nothing stored."""
        for context in self._special:
            context.close()
        for context in self._taken:
            self._empty(context)
        self._free += self._taken
        self._special, self._taken = [], []

    def close(self):
        self.give_back()
        for context in self._free:
            context.close()

    def _empty(self, context):
        context.unroute_all()
        context.set_offline(False)
        quiet, *pages = context.pages
        for page in pages:
            page.close()
        line = context.new_cdp_session(quiet)
        line.send("Storage.clearDataForOrigin", {"origin": self._base_url, "storageTypes": _STORED})
        line.detach()
        context.clear_cookies()
        context.clear_permissions()


class RequestsUnderWay:
    """Counts the requests that the live server has begun and not ended."""

    def __init__(self):
        self._count, self._lock = 0, threading.Lock()

    def __enter__(self):
        request_started.connect(self._begin)
        request_finished.connect(self._end)
        return self

    def __exit__(self, *raised):
        request_started.disconnect(self._begin)
        request_finished.disconnect(self._end)

    def _begin(self, **signal):
        with self._lock:
            self._count += 1

    def _end(self, **signal):
        with self._lock:
            self._count -= 1

    def wait_for_none(self, seconds=30):
        """A page that is closed leaves requests behind; the tables are not emptied under them."""
        end = time.monotonic() + seconds
        quiet = 0
        while quiet < 3:
            assert time.monotonic() < end, f"{self._count} requests are not answered"
            time.sleep(0.01)
            quiet = 0 if self._count > 0 else quiet + 1
