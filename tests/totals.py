"""Counts what `meson test` ran: totals.py TESTLOG.json prints a line a program, and "N passed, M failed" last.

A Catch2 program counts by its own totals, a test case each; any other test counts as one. A program that ended
badly without a failed test case (a crash, a leak, a timeout) counts as one failure more. Skipped ones count as neither.
"""
import json
import re
import sys

ALL_PASSED = re.compile(r"^All tests passed \(\d+ assertions? in (\d+) test cases?\)$", re.M)
TABLE = re.compile(r"^test cases: +\d+ \|(.*)$", re.M)
FINE = ("OK", "EXPECTEDFAIL")


def count(result, output):
    """(passed, failed) of one program."""
    if result == "SKIP":
        return 0, 0
    passed = failed = 0
    if match := ALL_PASSED.search(output):
        passed = int(match[1])
    elif match := TABLE.search(output):
        column = dict(reversed(field.strip().split(None, 1)) for field in match[1].split("|"))
        passed = int(column.get("passed", 0)) + int(column.get("failed as expected", 0))
        failed = int(column.get("failed", 0))
    else:
        passed = int(result in FINE)
    if result not in FINE and failed == 0:
        failed = 1
    return passed, failed


def main():
    total_passed = total_failed = 0
    for line in open(sys.argv[1], encoding="utf-8", errors="replace"):
        test = json.loads(line)
        passed, failed = count(test["result"], test.get("stdout", ""))
        print(f"{test['name']}: {passed} passed, {failed} failed" + (" (skipped)" if test["result"] == "SKIP" else ""))
        total_passed += passed
        total_failed += failed
    print(f"{total_passed} passed, {total_failed} failed")
    return total_failed != 0


if __name__ == "__main__":
    sys.exit(main())
