#!/bin/bash
# `run` and `wrap` with equal arguments make the same child: the canonical dumps of struct
# child_plan are equal (its mode fields are not part of the dump).
. "${NONO_TOP:-$(dirname "$0")/../..}/tests/harness/lib.sh"
. "$NONO_TOP/tests/harness/launch.sh"

plant readable/a
plant file
mkdir cwd
cd cwd || exit 2
exec 7</dev/null

while read -r arguments; do
	# Refused where Landlock has no rules for ports (kernels.sh).
	[[ $arguments != *-port* || $landlock -ge 4 ]] || continue
	for mode in $modes; do
		# shellcheck disable=SC2086
		NONO_TEST_DUMP_CHILD=$TMPDIR/$mode "$NONO_TEST" "$mode" -s $arguments -- \
			/bin/sh -c 'exit 6' </dev/null >"$TMPDIR/out" 2>"$TMPDIR/err"
		is "$mode $arguments: ran" "$? $(cat "$TMPDIR/err")" '6 '
	done
	if [ "$(grep -c '^rule ' "$TMPDIR/run")" -gt 20 ] &&
		cmp -s "$TMPDIR/run" "$TMPDIR/wrap"; then
		ok "$arguments: $(wc -l <"$TMPDIR/run") equal lines"
	else
		not_ok "$arguments: the dumps" "$(diff "$TMPDIR/run" "$TMPDIR/wrap" | head -n 5)"
	fi
done <<'END'
--allow-cwd
--allow .
--allow-cwd --read ../readable
--allow-cwd --read-file ../file
--allow-cwd --write ../readable
--allow-cwd --block-net
--allow-cwd --block-net --open-port 4321
--allow-cwd --allow-connect-port 443
--allow-cwd --shared-tmp
--allow-cwd --keep-fd 7
END

# The dump says what it should: another grant changes it.
NONO_TEST_DUMP_CHILD=$TMPDIR/other "$NONO_TEST" run -s --allow . -- /bin/true
NONO_TEST_DUMP_CHILD=$TMPDIR/wrap "$NONO_TEST" wrap -s --allow-cwd -- /bin/true
if cmp -s "$TMPDIR/other" "$TMPDIR/wrap"; then
	not_ok 'other arguments give another dump' 'equal'
else
	ok 'other arguments give another dump'
fi

finish
