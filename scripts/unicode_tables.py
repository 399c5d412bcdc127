#!/usr/bin/env python3
"""Writes framework/data/tokenizers/unicode_tables.inc from the Unicode Character Database.

    scripts/unicode_tables.py FOLDER > framework/data/tokenizers/unicode_tables.inc

FOLDER holds UnicodeData.txt and DerivedAge.txt of Unicode 17.0. Tokenizers need the categories of several versions: a
character's category hardly ever changes, so that one table of category and age gives them all (exceptions are in unicode.cpp).
"""
import sys

CATEGORIES = "Cn Lu Ll Lt Lm Lo Mn Mc Me Nd Nl No Pc Pd Ps Pe Pi Pf Po Sm Sc Sk So Zs Zl Zp Cc Cf Cs Co".split()
AGES = [8.0, 9.0, 14.0, 15.0, 16.0, 17.0]  # the versions that a table of some library follows


def fields(path):
    for line in open(path, encoding="utf-8"):
        line = line.split("#")[0].strip()
        if line:
            yield [field.strip() for field in line.split(";")]


def main(folder):
    category = ["Cn"] * 0x110000
    lower = {}
    first = None
    for row in fields(folder + "/UnicodeData.txt"):
        code = int(row[0], 16)
        if row[1].endswith(", Last>"):
            for c in range(first, code):
                category[c] = row[2]
        first = code
        category[code] = row[2]
        if row[13]:
            lower[code] = int(row[13], 16)
    age = [0] * 0x110000
    for codes, version in fields(folder + "/DerivedAge.txt"):
        begin, _, end = codes.partition("..")
        for c in range(int(begin, 16), int(end or begin, 16) + 1):
            age[c] = next(i for i, limit in enumerate(AGES) if float(version) <= limit)

    print("// Written by scripts/unicode_tables.py from the Unicode Character Database 17.0; do not edit.")
    print("// Runs of code points of one category and age: first code point << 8 | age << 5 | category.")
    runs = []
    for c in range(0x110000):
        value = (age[c] << 5 | CATEGORIES.index(category[c])) if category[c] != "Cn" else 0
        if not runs or runs[-1][1] != value:
            runs.append((c, value))
    write("kCategoryRuns", ["0x%X" % (c << 8 | value) for c, value in runs])
    print("// Simple lower case: first, last, step, what to add.")
    mapped = []
    for c in sorted(lower):
        add = lower[c] - c
        if mapped and mapped[-1][3] == add and c - mapped[-1][1] in (1, 2) and mapped[-1][2] in (0, c - mapped[-1][1]):
            mapped[-1][2] = c - mapped[-1][1]
            mapped[-1][1] = c
        else:
            mapped.append([c, c, 0, add])
    write("kLowerRuns", ["{0x%X,0x%X,%d,%d}" % (a, b, step or 1, add) for a, b, step, add in mapped])


def write(name, values):
    kind = "std::uint32_t" if name == "kCategoryRuns" else "LowerRun"
    line = "constexpr %s %s[] = {" % (kind, name)
    for value in values:
        if len(line) + len(value) > 158:
            print(line)
            line = ""
        line += value + ","
    print(line + "};")


main(sys.argv[1])
