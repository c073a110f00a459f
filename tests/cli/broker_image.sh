#!/bin/bash
# nono-broker starts from a plan image alone, enforces what it says, and refuses a damaged one.
. "${NONO_TOP:-$(dirname "$0")/../..}/tests/harness/lib.sh"

broker=$(dirname "$NONO")/nono-broker
make_plan=$NONO_BUILD/tests/cli/make_plan
top=$PWD
mkdir work sibling
echo secret >sibling/secret
echo own >work/own
cd work || exit 2

# from_image IMAGE: run the broker on it.
from_image() {
	run "$broker" --plan-fd=9 9<"$1"
}

"$make_plan" --rw . "$top/image" /usr/bin/cat own && from_image "$top/image"
is 'file in the granted directory' "$rc $out" '0 own'
"$make_plan" "$top/image" /usr/bin/cat own && from_image "$top/image"
is 'the same file without the grant' "$rc $out" '1 '
has 'its error' "$err" 'Permission denied'
"$make_plan" --rw . "$top/image" /usr/bin/cat "$top/sibling/secret" && from_image "$top/image"
is 'file in a sibling directory' "$rc $out" '1 '
has 'its error' "$err" 'Permission denied'
"$make_plan" --rw . "$top/image" /usr/bin/env && from_image "$top/image"
is 'variables are those of the image' "$(sed /^TMPDIR=/d <<<"$out")" 'PATH=/usr/bin:/bin'
"$make_plan" "$top/image" /usr/bin/sh -c 'exit 7' && from_image "$top/image"
is 'exit code' "$rc" 7
"$make_plan" "$top/image" /usr/bin/does-not-exist && from_image "$top/image"
is 'program that is missing' "$rc" 127

# The directory that was checked is not the one found at launch.
mkdir "$top/swapped"
"$make_plan" --rw "$top/swapped" "$top/image" /usr/bin/sh -c 'echo started'
from_image "$top/image"
is 'granted directory as it was' "$rc $out" '0 started'
mv "$top/swapped" "$top/swapped.old" && ln -s "$top/sibling" "$top/swapped"
from_image "$top/image"
is 'granted directory swapped for a symlink' "$out" ''
[ "$rc" != 0 ] && ok 'it refuses' || not_ok 'it refuses' "exit code $rc"

# Damage: one byte of each part, the end cut off, something behind it, nothing at all.
"$make_plan" --rw . "$top/image" /usr/bin/sh -c 'echo started'
from_image "$top/image"
is 'whole image' "$rc $out" '0 started'
size=$(stat -c %s "$top/image")
refused=0
tried=0
for ((at = 0; at < size; at += 23)); do
	cp "$top/image" "$top/damaged"
	byte=$(od -An -tu1 -j$at -N1 "$top/image")
	printf "\\x$(printf %02x $((byte ^ 64)))" |
		dd of="$top/damaged" bs=1 seek=$at conv=notrunc status=none
	from_image "$top/damaged"
	tried=$((tried + 1))
	[ "$rc $out" = '1 ' ] && [ -n "$err" ] && refused=$((refused + 1))
done
is "image with one changed byte, $tried times" "$refused" "$tried"
head -c $((size - 8)) "$top/image" >"$top/damaged"
from_image "$top/damaged"
is 'image cut off' "$rc $out" '1 '
has 'its error says what to do' "$err" 'Reinstall nono'
(cat "$top/image"; printf '12345678') >"$top/damaged"
from_image "$top/damaged"
is 'image with bytes behind it' "$rc $out" '1 '
: >"$top/damaged"
from_image "$top/damaged"
is 'empty image' "$rc $out" '1 '
run "$broker" --plan-fd=9
is 'no descriptor' "$rc $out" '1 '

finish
