#!/bin/bash
# What a newcomer watches first works, also below a make that has options of its own.
. "${NONO_TOP:-$(dirname "$0")/../..}/tests/harness/lib.sh"

run env MAKEFLAGS=rR MAKELEVEL=1 "$NONO_TOP/tools/try"
is 'exit code' "$rc" 0
is 'nothing unexpected' "$(grep UNEXPECTED <<<"$out")" ''
is 'nothing on standard error' "$err" ''
for word in 'ok  ' 'refused  ' 'granted  '; do
	has "it shows what is ${word%  }" "$out" "      $word"
done

finish
