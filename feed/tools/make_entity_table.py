#!/usr/bin/env python3
"""Writes src/html/entity_table.inc: the character references of HTML 5 by name, sorted.

    tools/make_entity_table.py > src/html/entity_table.inc

The flag `classic` marks the names of HTML 4, which feeds use as if XML had them; `bare` those that HTML takes without semicolon.
"""
import html.entities
import sys

out = sys.stdout.write
names = sorted(n[:-1] for n in html.entities.html5 if n.endswith(";"))
bare = {n for n in html.entities.html5 if not n.endswith(";")}
out("// Made by tools/make_entity_table.py; not to be edited.\n// clang-format off\n")
out("constexpr named_character entity_table[] = {\n")
for name in names:
    points = [ord(c) for c in html.entities.html5[name + ";"]]
    out('{"%s",%d,%d,%s,%s},\n' % (name, points[0], points[1] if len(points) > 1 else 0,
                                   "true" if name in html.entities.name2codepoint else "false",
                                   "true" if name in bare else "false"))
out("};\n// clang-format on\n")
