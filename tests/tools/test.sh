#!/bin/sh
# test.sh: what `make test` does once the tools are there. Builds all that can be built, runs
# pytest, prints the score card. The last line is always "N passed, N failed"; the status is 0 when
# nothing failed.
#   MAKE B PYTHON   from the Makefile
#   GRADE=REV       take tests/ and user/'s tests from that git revision, so that a change can't
#                   soften its own tests
#   K=name          only tests whose name matches
set -u
: "${MAKE:=make}" "${B:=build}" "${PYTHON:=/usr/bin/python3}" "${GRADE:=}" "${K:=}"
tests=tests
root=$(pwd)
mkdir -p "$B"
rm -f "$B/grade.json"

if [ -n "$GRADE" ]; then
	rev=$(git rev-parse --verify --quiet "$GRADE^{commit}") || {
		echo "make test: no revision $GRADE" >&2
		echo "0 passed, 1 failed"
		exit 1
	}
	tests=$B/grade-$rev/tests
	if [ ! -d "$B/grade-$rev/user" ]; then
		mkdir -p "$B/grade-$rev"
		git archive "$rev" tests user | tar -x -C "$B/grade-$rev" || exit 1
	fi
fi

# Programs made from another tree's sources are not these tests'.
if [ "$(cat "$B/test-tree" 2> /dev/null)" != "$tests" ]; then
	rm -rf build/host "$B/abi" "$B/test-programs"
	echo "$tests" > "$B/test-tree"
fi
export TESTS="$tests"
jobs=$(getconf _NPROCESSORS_ONLN)
[ "$jobs" -le 4 ] || jobs=4
echo "building (log in $B/test-build.log)"
if $MAKE -k -j"$jobs" test-build > "$B/test-build.log" 2>&1; then
	echo ok > "$B/test-build.status"
else
	echo failed > "$B/test-build.status"
	tail -n 30 "$B/test-build.log"
fi
# Downloads are tried one by one: without a network the tests that need them fail, the others run.
for what in busybox libc rust go musl programs nettools netapps nethost; do
	[ -e "build/cache/$what.stamp" ] ||
		tests/tools/debian.sh "$what" >> "$B/test-build.log" 2>&1 ||
		echo "could not fetch $what (see $B/test-build.log)"
done
$MAKE -s "$B/root-busybox.tar" >> "$B/test-build.log" 2>&1 || true

export TARN_ROOT="$root" TARN_BUILD="$root/$B"
"$PYTHON" -m pytest "$tests" -c "$tests/pytest.ini" --rootdir "$tests" ${K:+-k "$K"}
# A few failures are tried once more, with nothing beside them; the card tells them from plain passes.
"$PYTHON" tests/grade/card.py --again "$B/grade.json" > "$B/again.txt"
set --
while IFS= read -r name; do
	[ -z "$name" ] || set -- "$@" "$tests/$name"
done < "$B/again.txt"
[ $# = 0 ] || TARN_AGAIN=1 "$PYTHON" -m pytest "$@" -c "$tests/pytest.ini" --rootdir "$tests"
"$PYTHON" "$tests/grade/card.py" "$B/grade.json"
