#!/usr/bin/python3
"""engine_benchmark.py BUILD-FOLDER [FEEDS] [ROUNDS] [CONTENDERS]: rssmania beside newsboat, a pool of feedparser processes and a bare
libcurl loop, on the same feeds of a local server, interleaved. Prints Markdown tables: the best of the rounds.

Processor time is that of all processes of a contender, memory the largest sum of their PSS."""

import ctypes
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request

FEEDPARSER = '''
import multiprocessing, sqlite3, sys, feedparser

def fetch(job):
    url, etag = job
    found = feedparser.parse(url, etag=etag)
    return url, found.get("etag"), found.get("status"), [
        (entry.get("id"), entry.get("link"), entry.get("title"), entry.get("summary")) for entry in found.entries]

if __name__ == "__main__":
    base, feeds, path = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    db = sqlite3.connect(path)
    db.execute("CREATE TABLE IF NOT EXISTS feeds (url TEXT PRIMARY KEY, etag TEXT)")
    db.execute("CREATE TABLE IF NOT EXISTS articles (id TEXT PRIMARY KEY, link TEXT, title TEXT, content TEXT)")
    known = dict(db.execute("SELECT url, etag FROM feeds"))
    urls = [f"{base}/feed/{i}" for i in range(feeds)]
    with multiprocessing.Pool(8) as pool:
        for url, etag, status, entries in pool.imap_unordered(fetch, [(url, known.get(url)) for url in urls]):
            if status == 200:
                db.executemany("INSERT OR IGNORE INTO articles VALUES (?, ?, ?, ?)", entries)
                db.execute("INSERT OR REPLACE INTO feeds VALUES (?, ?)", (url, etag))
    db.commit()
'''


def children_of_session(session):
    found = []
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            with open(f"/proc/{name}/stat") as file:
                fields = file.read().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if int(fields[3]) == session:
            found.append(name)
    return found


def pss_of(session):
    total = 0
    for name in children_of_session(session):
        try:
            with open(f"/proc/{name}/smaps_rollup") as file:
                for line in file:
                    if line.startswith("Pss:"):
                        total += int(line.split()[1])
        except OSError:
            pass
    return total


class Result:
    def __init__(self):
        self.wall = self.cpu = float("inf")
        self.memory = 0


def processor_time():
    times = os.times()
    return times.children_user + times.children_system


def run(command, result, memory=False, environment=None):
    """One run: all processes of it end as children of ours, since we are their subreaper."""
    before = processor_time()
    begun = time.monotonic()
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL, start_new_session=True, env=environment)
    if memory:
        while process.poll() is None:
            result.memory = max(result.memory, pss_of(process.pid))
            time.sleep(0.05)
    code = process.wait()
    wall = time.monotonic() - begun
    reap_orphans(process.pid)
    if code != 0:
        sys.exit(f"{command[0]} ended with {code}")
    if not memory:
        result.wall = min(result.wall, wall)
        result.cpu = min(result.cpu, processor_time() - before)


def reap_orphans(session):
    end = time.monotonic() + 5
    while children_of_session(session) and time.monotonic() < end:
        try:
            if os.waitpid(-1, os.WNOHANG)[0] == 0:
                time.sleep(0.005)
        except ChildProcessError:
            return


class Farm:
    def __init__(self, build, feeds):
        # Its time is not to be counted: it is a child that is still running when the figures are taken.
        self.process = subprocess.Popen([f"{build}/rssmania/benchmarks/feed_farm", str(feeds)],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.port = self.process.stdout.readline().decode().strip()
        self.base = f"http://127.0.0.1:{self.port}"

    def change(self, percent):
        urllib.request.urlopen(f"{self.base}/change/{percent}").read()


class Contenders:
    def __init__(self, build, farm, feeds, folder):
        self.build, self.farm, self.feeds, self.folder = build, farm, feeds, folder
        self.version = 0
        urls = [f"{farm.base}/feed/{i}" for i in range(feeds)]
        with open(f"{folder}/urls", "w") as file:
            file.write("\n".join(urls) + "\n")
        with open(f"{folder}/all.opml", "w") as file:
            file.write("<opml version='2.0'><body>" + "".join(f"<outline xmlUrl='{url}'/>" for url in urls) +
                       "</body></opml>")
        with open(f"{folder}/config", "w") as file:
            file.write("reload-threads 8\n")
        with open(f"{folder}/poll.py", "w") as file:
            file.write(FEEDPARSER)

    def forget(self):
        shutil.rmtree(f"{self.folder}/store", ignore_errors=True)
        for name in ("cache.db", "cache.db.lock", "python.db"):
            if os.path.exists(f"{self.folder}/{name}"):
                os.remove(f"{self.folder}/{name}")

    def rssmania(self, cold):
        program = [f"{self.build}/rssmania/rssmania"]
        common = ["--allow-local", "--store", f"{self.folder}/store"]
        return program + (["watch", "--once"] + common + [f"{self.folder}/all.opml"] if cold
                          else ["fetch", "--all"] + common)

    def newsboat(self, cold):
        return ["newsboat", "-C", f"{self.folder}/config", "-u", f"{self.folder}/urls", "-c",
                f"{self.folder}/cache.db", "-x", "reload"]

    def feedparser(self, cold):
        return ["/usr/bin/python3", f"{self.folder}/poll.py", self.farm.base, str(self.feeds),
                f"{self.folder}/python.db"]

    def bare(self, cold):
        return [f"{self.build}/rssmania/benchmarks/bare_fetch", self.farm.port, str(self.feeds)] + (
            [] if cold else [str(self.version)])


def table(title, results, feeds):
    ours = results["rssmania"]
    print(f"\n| {title} | wall | processor | feeds a second | wall, times ours | processor, times ours |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    for name, one in results.items():
        if one.wall == float("inf"):
            continue
        print(f"| {name} | {one.wall:.2f} s | {one.cpu:.2f} s | {feeds / one.wall:.0f} | "
              f"{one.wall / ours.wall:.1f} | {one.cpu / ours.cpu:.2f} |", flush=True)


def main():
    build = sys.argv[1]
    feeds = int(sys.argv[2]) if len(sys.argv) > 2 else 1000
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER
    names = sys.argv[4].split(",") if len(sys.argv) > 4 else ["rssmania", "newsboat", "feedparser", "bare"]
    if "newsboat" in names and not shutil.which("newsboat"):
        names.remove("newsboat")
    phases = ("cold", "unchanged", "20 % changed")
    results = {phase: {name: Result() for name in names} for phase in phases}
    with tempfile.TemporaryDirectory() as folder:
        farm = Farm(build, feeds)
        all = Contenders(build, farm, feeds, folder)
        for _ in range(rounds):
            all.forget()
            for phase in phases:
                if phase == phases[2]:
                    farm.change(20)
                for name in names:
                    if name == "bare" and phase == phases[2]:
                        continue
                    run(getattr(all, name)(phase == "cold"), results[phase][name])
            farm.process.stdin.close()
            farm.process.wait()
            farm = Farm(build, feeds)
            all = Contenders(build, farm, feeds, folder)
        shutil.rmtree(f"{folder}/store", ignore_errors=True)
        run(all.rssmania(True), results["cold"]["rssmania"], memory=True)
        farm.process.stdin.close()
        farm.process.wait()
    for phase in phases:
        table(phase, results[phase], feeds)
    print(f"\nAll processes of rssmania together, at most: {results['cold']['rssmania'].memory / 1024:.0f} MB (PSS)")


main()
