#!/bin/bash
# nono setup as root: capabilities are what an unprivileged user has none of.
. "${NONO_TOP:-$(dirname "$0")/../..}/tests/harness/lib.sh"

names() {
	awk '/"name":/ { split($0, a, "\""); name = a[4] }
		/"state":/ && !/"enforced"/ { printf "%s%s", sep, name; sep = " " }' <<<"$out"
}

run "$NONO" setup --check-only --json
case $(sed -n 's/.*"landlock_abi": \([0-9]*\).*/\1/p' <<<"$out") in
1) lost='truncate moves devices ports abstract signals' ;;
2) lost='truncate devices ports abstract signals' ;;
3) lost='devices ports abstract signals' ;;
4) lost='devices abstract signals' ;;
5) lost='abstract signals' ;;
*) lost= ;;
esac
[ "$(unshare -m mount -t devpts none /dev/pts 2>&1)" = '' ] ||
	lost+="${lost:+ }own-terminals denied-inside metadata queues process-list"
run "$NONO" run -s --memory 64M --max-procs 9 --allow . -- true
[ "$rc" = 0 ] || lost+=${lost:+ }'memory max-procs'
run "$NONO" setup --check-only --json
is 'everything that this kernel can is enforced' "$rc $(names)" "0 $lost"
run env NONO_TEST_OFF=caps "$NONO_TEST" setup --check-only --json
case " $(names) " in
*' privileges '*) ok 'caps flips its line' ;;
*) not_ok 'caps flips its line' "$(names)" ;;
esac
is 'caps: exit code' "$rc" 1

finish
