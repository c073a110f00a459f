#!/bin/bash
# Random policies, paths and operations: `nono why` says what the kernel then does. TEST_CASES: how
# many; TEST_SEED: which ones.
. "${NONO_TOP:-$(dirname "$0")/../..}/tests/harness/lib.sh"

cases=${TEST_CASES:-500} seed=${TEST_SEED:-1}
result=$("$NONO_BUILD/tests/cli/why_random" "$NONO" "$cases" "$seed")
name="$cases cases"
case $result in
*', 0 mismatches') ok "$name" ;;
*) not_ok "$name" "seed $seed: $(tail -n 5 <<<"$result")" ;;
esac
# A test in which nothing is allowed, or everything, shows nothing.
read -r done _ allowed _ <<<"${result##*$'\n'}"
is 'some of both' "$((allowed > done / 10 && allowed < done * 9 / 10))" 1

finish
