#!/usr/bin/env python3
"""Writes src/text/charset_tables.inc: every encoding of one byte per character that Python or the C library knows, with all names.

    tools/make_charset_tables.py > src/text/charset_tables.inc

Names are folded to lower-case letters and digits, as labels are looked up. Encodings of several bytes are named for ICU.
"""
import encodings
import encodings.aliases
import pkgutil
import re
import subprocess
import sys

# What the WHATWG's list of labels has beyond the aliases below, and names that only feeds use.
EXTRA = {
    "windows1252": "cp1252 ansi_x3.4-1968 dbcs ansi latin1 l1 iso-8859-1 iso8859-1 iso88591 iso-ir-100 cp819 ibm819 csisolatin1",
    "iso8859_2": "csisolatin2 iso-ir-101 l2", "koi8_r": "cskoi8r koi koi8", "koi8_u": "koi8-ru",
    "mac_roman": "csmacintosh mac macintosh x-mac-roman", "mac_cyrillic": "x-mac-cyrillic x-mac-ukrainian",
    "cp874": "dos-874 iso-8859-11 tis-620 windows-874", "cp1250": "x-cp1250", "cp1251": "x-cp1251",
    "cp1253": "x-cp1253", "cp1254": "iso-8859-9 latin5 l5 csisolatin5 iso-ir-148 x-cp1254", "cp1255": "x-cp1255",
    "cp1256": "x-cp1256", "cp1257": "x-cp1257", "cp1258": "x-cp1258", "cp866": "csibm866",
    "iso8859_6": "asmo-708 ecma-114 csiso88596e csiso88596i iso-8859-6-e iso-8859-6-i csisolatinarabic",
    "iso8859_7": "ecma-118 elot_928 sun_eu_greek greek8 csisolatingreek",
    "iso8859_8": "csiso88598e csiso88598i iso-8859-8-e iso-8859-8-i logical visual csisolatinhebrew",
}
MULTIPLE = {  # ICU's converter: labels
    "UTF-8": "utf8 unicode-1-1-utf-8 unicode11utf8 unicode20utf8 x-unicode20utf8 u8 utf utf8_ucs2 utf8_ucs4 cp65001",
    "US-ASCII": "us-ascii ascii iso646-us us cp367 ibm367 iso-ir-6 csascii 646 ansi_x3.4-1986 iso_646.irv:1991",
    "UTF-16BE": "utf-16be unicodefffe unicodebigunmarked utf_16_be", "UTF-16LE": "utf-16le unicode csunicode iso-10646-ucs-2 ucs-2 "
    "unicodefeff u16 utf-16 utf16 utf_16_le unicodelittleunmarked",
    "UTF-32BE": "utf-32be utf_32_be", "UTF-32LE": "utf-32le u32 utf-32 utf32 utf_32_le iso-10646-ucs-4 csucs4 ucs-4",
    "gb18030": "gb18030 gb18030-2000 gb2312 chinese csgb2312 csiso58gb231280 gb_2312 gb_2312-80 gb2312-1980 gb2312-80 iso-ir-58 "
    "euc-cn euccn eucgb2312-cn hz-not x-gbk gbk cp936 ms936 936",
    "HZ": "hz hz-gb hz-gb-2312 hzgb",
    "windows-950": "big5 big5-tw csbig5 cn-big5 x-x-big5 cp950 ms950 950",
    "Big5-HKSCS": "big5-hkscs big5hkscs hkscs",
    "EUC-JP": "euc-jp ujis u-jis cseucpkdfmtjapanese x-euc-jp eucjp eucjis2004 jisx0213 eucjisx0213 euc_jis_2004 euc_jisx0213",
    "windows-31j": "shift_jis shift-jis sjis csshiftjis ms_kanji ms-kanji windows-31j x-sjis cp932 ms932 mskanji s_jis 932 "
    "shift_jis_2004 shift_jisx0213 sjis2004 sjisx0213 shiftjis2004",
    "ISO-2022-JP": "iso-2022-jp csiso2022jp iso2022jp iso2022jp-1 iso-2022-jp-1 iso-2022-jp-2 iso2022jp-2 iso-2022-jp-3 "
    "iso2022jp-ext iso-2022-jp-ext iso-2022-jp-2004",
    "windows-949": "euc-kr cseuckr csksc56011987 iso-ir-149 korean ks_c_5601-1987 ks_c_5601-1989 ksc5601 ksc_5601 windows-949 "
    "cp949 949 ms949 uhc euckr ks_x-1001 ksx1001 ks_c-5601",
    "ISO-2022-KR": "iso-2022-kr csiso2022kr iso2022kr",
    "johab": "johab cp1361 ms1361",
}


def fold(name):
    return re.sub(r"[^a-z0-9]", "", name.lower())


def python_table(name):
    table = []
    for byte in range(256):
        try:
            text = bytes([byte]).decode(name)
        except UnicodeDecodeError:
            text = ""
        table.append(ord(text) if len(text) == 1 and ord(text) < 0x10000 else 0)
    return tuple(table)


def python_encodings():
    by_module = {}
    for alias, module in encodings.aliases.aliases.items():
        by_module.setdefault(module, []).append(alias)
    for module in sorted(m.name for m in pkgutil.iter_modules(encodings.__path__)):
        try:
            table = python_table(module)
        except (LookupError, ValueError, TypeError):
            continue
        if sum(bool(x) for x in table) > 190 or module in ("cp856", "tis_620", "cp874", "iso8859_11"):
            yield module, table, [module] + by_module.get(module, [])


def library_encodings():
    for line in subprocess.run(["iconv", "-l"], capture_output=True, text=True, check=True).stdout.splitlines():
        names = [n.rstrip("/").rstrip(",").rstrip("/") for n in line.split()]
        table = []
        for byte in range(256):
            done = subprocess.run(["iconv", "-f", names[0], "-t", "UTF-16BE"], input=bytes([byte]), capture_output=True)
            if done.returncode or len(done.stdout) != 2:
                table.append(0)
            else:
                table.append(int.from_bytes(done.stdout, "big"))
            if byte == 0x40 and not any(table[0x20:]):
                break
        if len(table) == 256 and sum(bool(x) for x in table) > 190:
            yield names[0], tuple(table), names


def main():
    labels, tables = {}, {}
    for name, aliases in MULTIPLE.items():
        for alias in aliases.split():
            labels[fold(alias)] = ("multiple", name)

    def take(table, names):
        for name in names:
            key = fold(name)
            if key and key not in labels:
                index = tables.setdefault(table, len(tables))
                labels[key] = ("single", index)

    known = dict((name, table) for name, table, _ in python_encodings())
    latin = list(known["cp1252"])
    for i in range(0x80, 0xA0):
        latin[i] = latin[i] or 0
    known["windows1252"] = tuple(latin)
    for name, aliases in EXTRA.items():
        take(known[name], aliases.split() + [name])
    for name, table, names in python_encodings():
        take(table, names)
    for name, table, names in library_encodings():
        take(table, names)
    out = sys.stdout.write
    out("// Made by tools/make_charset_tables.py; not to be edited.\n// clang-format off\n")
    out("constexpr char16_t single_byte_tables[][256] = {\n")
    for table, index in sorted(tables.items(), key=lambda item: item[1]):
        out("{" + ",".join("%d" % x for x in table) + "},\n")
    out("};\nconstexpr const char* converters[] = {" + ",".join('"%s"' % n for n in MULTIPLE) + "};\n")
    numbers = {name: -1 - i for i, name in enumerate(MULTIPLE)}
    out("// Sorted by label. From 0: a table above; below 0: converter -1 - n.\nconstexpr labelled_charset labels[] = {\n")
    for key, (kind, what) in sorted(labels.items()):
        out('{"%s",%d},\n' % (key, what if kind == "single" else numbers[what]))
    out("};\n// clang-format on\n")


main()
