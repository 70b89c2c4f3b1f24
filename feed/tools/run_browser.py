#!/usr/bin/env python3
"""Shows the markup of hostile records, cleaned, to a browser and says whether anything ran.

    tools/run_browser.py --tool build/dev/feed/tools/feedtool --attacks ../shared/attacks [--browser chromium]

Every record goes into a frame of its own, without any Content-Security-Policy, in which each function that such records
call (alert, pwn, fetch...) tells on itself; then every element gets the events that handlers wait for, and every link
that leads nowhere else is clicked. The records as they came are shown too: that many show that the trap works. The exit
status is 77 if there is no browser, 1 if anything cleaned ran.
"""
import argparse
import base64
import collections
import html
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile

TRAP = """<script>
(function () {
  var tell = function () { parent.postMessage("ran " + ID, "*"); return ""; };
  ["alert", "confirm", "prompt", "print", "pwn", "open", "fetch", "eval", "xss", "write1", "log1", "importScripts"].forEach(
    function (name) { try { Object.defineProperty(window, name, {value: tell, writable: false, configurable: false}); }
                      catch (e) { window[name] = tell; } });
  XMLHttpRequest.prototype.send = navigator.sendBeacon = tell;
  window.Function = window.setTimeout = window.setInterval = tell;
  document.write = document.writeln = tell;
  console.log = console.error = console.warn = tell;
  try { Object.defineProperty(document, "cookie", {get: tell, set: tell}); } catch (e) {}
})();
</script>"""

POKE = """<script>
window.addEventListener("load", function () {
  var names = "click mouseover mouseenter mousemove mousedown mouseup focus blur input change keydown keypress keyup error load " +
    "toggle submit reset select scroll wheel pointerover pointerenter pointerdown drag drop copy cut paste animationstart " +
    "animationend transitionend begin end repeat pageshow hashchange resize beforetoggle contextmenu dblclick";
  var all = document.querySelectorAll("*");
  for (var i = 0; i < all.length; ++i) {
    var e = all[i];
    if (e.tagName === "SCRIPT") continue;
    names.split(" ").forEach(function (n) { try { e.dispatchEvent(new Event(n, {bubbles: false, cancelable: true})); } catch (x) {} });
    var address = e.href && (e.href.baseVal !== undefined ? e.href.baseVal : e.href) || e.action || e.formAction || "";
    if (/^\\s*(javascript|vbscript|data):/i.test(address)) parent.postMessage("ran " + ID, "*");
  }
  parent.postMessage("done " + ID, "*");
});
</script>"""

PAGE = """<!doctype html><meta charset="utf-8"><title>t</title><body><pre id="out">wait</pre><script>
var frames_ = %s, ran = {}, done = 0;
window.addEventListener("message", function (m) {
  var word = String(m.data).split(" ");
  if (word[0] === "ran") ran[word[1]] = 1;
  if (word[0] === "done") ++done;
});
frames_.forEach(function (text) { var f = document.createElement("iframe"); f.width = 300; f.height = 50; f.srcdoc = text;
  document.body.appendChild(f); });
setInterval(function () {
  document.getElementById("out").textContent = JSON.stringify({ran: Object.keys(ran), done: done});
}, 50);
</script>"""


def records(folder):
    """Class and bytes of every record that is markup."""
    sys.path.insert(0, folder)
    from expand import expand
    for line in open(os.path.join(folder, "own.jsonl"), encoding="utf-8"):
        record = json.loads(line)
        if record["class"] == "HTML":
            data = expand(record)
            if data is not None and len(data) < 200_000:
                yield "HTML", record["id"], data
    for name in ("dompurify", "payloads", "blns"):
        for number, line in enumerate(open(os.path.join(folder, name + ".jsonl"), encoding="utf-8")):
            record = json.loads(line)
            if name == "payloads" and record["class"] != "xss":
                continue
            text = record.get("payload", record.get("data"))
            data = text.encode("utf-8", "replace") if text is not None else base64.b64decode(record.get("b64", ""))
            yield name, "%s-%d" % (name, number), data


def clean(tool, policy, texts):
    joined = b"".join(t.replace(b"\0", b"\xef\xbf\xbd") + b"\0" for t in texts)
    out = subprocess.run([tool, "clean", "--" + policy], input=joined, stdout=subprocess.PIPE, check=True).stdout
    parts = out.split(b"\0")[:-1]
    if len(parts) != len(texts):
        sys.exit("feedtool answered %d records of %d" % (len(parts), len(texts)))
    return parts


def frame(number, markup):
    ident = "<script>var ID = %d;</script>" % number
    return "<!doctype html><meta charset=utf-8>" + ident + TRAP + POKE + "<body>" + markup.decode("utf-8", "replace")


def show(browser, folder, frames, patience=120):
    """The numbers of the frames in which something ran, and how many frames answered."""
    path = os.path.join(folder, "page.html")
    text = json.dumps(frames).replace("</", "<\\/").replace("<!--", "<\\u0021--")
    with open(path, "w", encoding="utf-8", errors="replace") as file:
        file.write(PAGE % text)
    command = [browser, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
               "--host-resolver-rules=MAP * 127.0.0.1:9", "--user-data-dir=" + os.path.join(folder, "profile"),
               "--virtual-time-budget=8000", "--dump-dom", "file://" + path]
    browser_process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        told = browser_process.communicate(timeout=patience)[0].decode("utf-8", "replace")
    except subprocess.TimeoutExpired:  # a record that does not let the page go
        os.killpg(browser_process.pid, signal.SIGKILL)
        browser_process.communicate()
        return None, 0
    start = told.find('<pre id="out">')
    inner = html.unescape(told[start + 14:told.find("</pre>", start)])
    try:
        answer = json.loads(inner)
    except ValueError:
        return None, 0
    return {int(n) for n in answer["ran"]}, answer["done"]


def run_all(browser, texts, batch):
    ran, answered = set(), 0
    with tempfile.TemporaryDirectory() as folder:
        for first in range(0, len(texts), batch):
            part = texts[first:first + batch]
            numbers, done = show(browser, folder, [frame(first + i, t) for i, t in enumerate(part)])
            if numbers is None and batch > 1:  # a record took the page with it: one at a time
                for i, text in enumerate(part):
                    alone, done_alone = show(browser, folder, [frame(first + i, text)], 20)
                    ran |= {first + i} if alone is None else alone
                    answered += done_alone
                continue
            ran |= numbers or set()
            answered += done
    return ran, answered


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--tool", required=True)
    options.add_argument("--attacks", default=os.path.join(os.environ.get("RUCHE_SHARED", "../shared"), "attacks"))
    options.add_argument("--browser", default="chromium")
    options.add_argument("--batch", type=int, default=100)
    options.add_argument("--raw", action="store_true", help="show the records as they came too")
    options.add_argument("--some", type=int, default=1, help="only every so many-th record")
    args = options.parse_args()
    browser = shutil.which(args.browser)
    if browser is None or not os.path.isdir(args.attacks):
        print("skipped: no " + (args.browser if browser is None else args.attacks))
        return 77
    named = list(records(args.attacks))[::args.some]
    texts = [data for _, _, data in named]
    table = collections.OrderedDict((group, [0, 0, 0, 0]) for group, _, _ in named)
    for group, _, _ in named:
        table[group][0] += 1
    failures = []
    kinds = [("strict", clean(args.tool, "strict", texts)), ("compatible", clean(args.tool, "compatible", texts))]
    if args.raw:
        kinds.append(("raw", texts))
    for column, (kind, shown) in enumerate(kinds, 1):
        ran, answered = run_all(browser, shown, args.batch if kind != "raw" else 10)
        for number in ran:
            table[named[number][0]][column] += 1
            if kind != "raw":
                failures.append((kind, named[number][1], shown[number][:200]))
        print("%s: %d of %d frames answered" % (kind, answered, len(shown)))
        if kind != "raw" and answered < len(shown):
            failures.append((kind, "frames without answer", b"%d" % (len(shown) - answered)))
    print("%-12s %8s %8s %11s %8s" % ("records", "number", "strict", "compatible", "raw"))
    for group, row in table.items():
        print("%-12s %8d %8d %11d %8s" % (group, row[0], row[1], row[2], row[3] if args.raw else "-"))
    for kind, name, text in failures[:30]:
        print("RAN", kind, name, text)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
