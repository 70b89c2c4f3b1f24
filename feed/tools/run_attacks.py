#!/usr/bin/env python3
"""Feeds a parser the hostile records of the RUCHE_SHARED directory and says how it took them.

    tools/run_attacks.py --parser 'build/bench/feed/tools/feedtool parse' --attacks ../shared/attacks [--slow 0.25]

A record fails if the parser ends or does not answer with one line of JSON, takes more than --slow seconds of a processor or more than --memory megabytes, or (markup) lets
something through that runs: a forbidden element, a handler, an address of a scheme that runs.
"""
import argparse
import base64
import collections
import html
import html.parser
import importlib.util
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile

FORBIDDEN = {"script", "iframe", "object", "embed", "base", "meta", "link", "style", "applet", "frame", "frameset", "xml"}
BAD_SCHEME = re.compile(r"^[\x00-\x20]*(java|vb|live)script:|^[\x00-\x20]*data:(?!image/(png|jpe?g|gif|webp)[;,])", re.I)


class Inspector(html.parser.HTMLParser):
    """Finds what would run. Coarse on purpose: the sanitiser's output is canonical, so nothing subtle is left to see."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.faults = []

    def handle_starttag(self, tag, attrs):
        if tag in FORBIDDEN:
            self.faults.append("element " + tag)
        for name, value in attrs:
            value = re.sub(r"[\t\r\n]", "", html.unescape(value or ""))
            if name.startswith("on") or name == "srcdoc":
                self.faults.append("attribute " + name)
            if BAD_SCHEME.search(value) or (tag in ("animate", "set") and "javascript:" in value.lower()):
                self.faults.append("address " + value[:40])


def records(folder):
    spec = importlib.util.spec_from_file_location("expand", os.path.join(folder, "expand.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for line in open(os.path.join(folder, "own.jsonl"), encoding="utf-8"):
        record = json.loads(line)
        if record["class"] in ("XML", "ENC", "HTML", "DATE", "NUM", "ID", "JSON", "OPML"):
            data = module.expand(record)
            if data is not None:
                yield record["id"], record["class"], record.get("kind"), data
    for name in ("dompurify", "payloads", "blns", "jsontestsuite", "gofuzz-xml"):
        for number, line in enumerate(open(os.path.join(folder, name + ".jsonl"), encoding="utf-8")):
            record = json.loads(line)
            text = record.get("payload", record.get("data"))
            data = text.encode("utf-8", "surrogatepass") if text is not None else base64.b64decode(record.get("b64", ""))
            if name == "payloads" and record["class"] not in ("xss", "xxe"):
                continue
            kind = "html" if name in ("dompurify", "blns") or record.get("class") == "xss" else "xml"
            yield record.get("id", f"{name}-{number}"), name, kind, data
    for sub in ("errors", "recurse"):
        for name in sorted(os.listdir(os.path.join(folder, "libxml2", sub))):
            path = os.path.join(folder, "libxml2", sub, name)
            if os.path.isfile(path):
                yield "libxml2/" + name, "libxml2", "xml", open(path, "rb").read()


def wrap(data):
    text = data.decode("utf-8", "replace").replace("]]>", "]]]]><![CDATA[>")
    return ('<?xml version="1.0"?><rss version="2.0"><channel><title>t</title><item><title>x</title><description><![CDATA['
            + "<p>a</p>" + text + "]]></description></item></channel></rss>").encode("utf-8", "replace")


class Parser:
    def __init__(self, command):
        self.command = shlex.split(command) + ["--batch"]
        self.start()

    def start(self):
        self.peak = 0
        self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def take_peak(self):
        """The most memory that the parser had since this was last called, in bytes."""
        try:
            with open("/proc/%d/status" % self.process.pid) as status:
                self.peak = next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM"))
            with open("/proc/%d/clear_refs" % self.process.pid, "w") as file:
                file.write("5")
        except OSError:
            self.peak = 0

    def processor_time(self):
        """What the parser, which has one thread, has used of a processor, in seconds; of no interest what others used."""
        with open("/proc/%d/schedstat" % self.process.pid) as file:
            return int(file.read().split()[0]) / 1e9

    def parse(self, path):
        begun = self.processor_time()
        self.process.stdin.write(path.encode() + b"\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            self.process.wait()
            self.start()
            return None, 0
        taken = self.processor_time() - begun
        self.take_peak()
        try:
            return json.loads(answer.decode()), taken
        except ValueError as error:
            return {"entries": [], "error": str(error) + " " + repr(answer[60:140])}, taken


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--parser", required=True)
    options.add_argument("--attacks", default=os.path.join(os.environ.get("RUCHE_SHARED", "../shared"), "attacks"))
    options.add_argument("--slow", type=float, default=0.25)
    options.add_argument("--memory", type=float, default=64, help="megabytes, the record and all libraries included")
    args = options.parse_args()
    parser = Parser(args.parser)
    counts, failed, slowest, largest = collections.OrderedDict(), [], (0, ""), (0, "", 0)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "record")
        for name, group, kind, data in records(args.attacks):
            is_html = kind == "html" and group != "XML"
            with open(path, "wb") as file:
                file.write(wrap(data) if is_html and not data.lstrip().startswith(b"<?xml") else data)
            answer, taken = parser.parse(path)
            faults = []
            if answer is None:
                faults.append("the parser ended")
            else:
                faults += [answer["error"]] if "error" in answer else []
                for entry in answer["entries"][:50]:
                    inspector = Inspector()
                    inspector.feed(entry.get("summary", "") if entry.get("summary_detail", {}).get("type") != "text/plain" else "")
                    inspector.close()
                    faults += inspector.faults
            if parser.peak > args.memory * 1_000_000:
                faults.append(f"{parser.peak / 1e6:.0f} MB for {len(data)} bytes")
            largest = max(largest, (parser.peak, name, len(data)))
            if taken > args.slow:
                faults.append(f"{taken:.2f} s for {len(data)} bytes")
            slowest = max(slowest, (taken, name))
            row = counts.setdefault(group, [0, 0])
            row[0] += not faults
            row[1] += 1
            if faults:
                failed.append((name, faults))
    for group, (good, all_) in counts.items():
        print(f"{group:<14} {good:5d} / {all_:5d}")
    print(f"largest: {largest[1]}, {largest[0] / 1e6:.0f} MB for {largest[2] / 1e6:.1f} MB")
    print(f"slowest: {slowest[1]}, {slowest[0]:.3f} s")
    for name, faults in failed[:40]:
        print("FAIL", name, "; ".join(faults[:3]))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
