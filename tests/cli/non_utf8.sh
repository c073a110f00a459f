#!/bin/bash
# Bytes that are no UTF-8 survive: in argv, in the environment, in paths, in both modes.
. "${NONO_TOP:-$(dirname "$0")/../..}/tests/harness/lib.sh"

odd=$'d\377\200\xc3'
if ! mkdir "$odd" 2>/dev/null; then
	skip 'all' 'this file system takes UTF-8 names only'
	finish
fi
echo inside >"$odd/f"

for mode in run wrap; do
	run "$NONO" $mode -s --allow-cwd --allow "$odd" -- printf '%s|' $'\377a' $'b\xc3' ''
	is "argv ($mode)" "$out" $'\377a|b\xc3||'
	run env "ODD=x$odd" "$NONO" $mode -s --allow . -- sh -c 'printf %s "$ODD"'
	is "environment ($mode)" "$out" "x$odd"
	run "$NONO" $mode --allow "$odd" -- cat "$PWD/$odd/f"
	is "granted path ($mode)" "$rc $out" '0 inside'
	run "$NONO" $mode -s "--read=$odd" --workdir "$odd" -- sh -c 'pwd; cat f'
	is "working directory ($mode)" "$rc $out" "0 $PWD/$odd"$'\ninside'
	run "$NONO" $mode --allow-file "$odd/f" -- cat "$PWD/$odd/f"
	is "granted file ($mode)" "$rc $out" '0 inside'
	# The twin: a neighbour whose name differs in one such byte.
	mkdir -p $'d\377\201\xc3'
	echo other >$'d\377\201\xc3/f'
	run "$NONO" $mode --allow "$odd" -- cat "$PWD"/$'d\377\201\xc3/f'
	is "neighbour ($mode)" "$rc" 1
	has "neighbour: refused ($mode)" "$err" 'Permission denied'
done

# A program of such a name.
cp /bin/true "$odd/true"
run "$NONO" run --allow "$odd" -- "$odd/true"
is 'program' "$rc" 0

# Variables of our own.
run env "NONO_ALLOW=$odd" "$NONO" run -- cat "$PWD/$odd/f"
is 'NONO_ALLOW' "$rc $out" '0 inside'

# Shown as U+FFFD, and exact in JSON beside it.
run "$NONO" run --dry-run --allow "$odd" -- echo "$odd"
has 'shown' "$err" $'/d\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd'
is 'shown: nothing else' "$(LC_ALL=C grep -ac $'\377' <<<"$err")" 0
run "$NONO" run --dry-run --json --allow "$odd" -- echo "$odd"
has 'JSON: path' "$out" '"path_b64": "'"$(printf %s "$PWD/$odd" | base64 -w 0)"'"'
has 'JSON: command' "$out" '"'"$(printf %s "$odd" | base64 -w 0)"'"'

finish
