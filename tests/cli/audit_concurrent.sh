#!/bin/bash
# The audit trail when many sessions end at once, and when the writer is killed or the disk refuses
# at any of its steps: an independent verifier must find every chain whole, or whole up to the cut.
. "${NONO_TOP:-$(dirname "$0")/../..}/tests/harness/lib.sh"

session=$NONO_BUILD/tests/cli/audit_session
kill_at=$NONO_BUILD/tests/cli/kill_at
verify=$NONO_TOP/tests/audit/verify.py

if ! command -v python3 >/dev/null; then
	skip 'all' 'no python3'
	finish
fi

# What was found that is neither whole nor cut.
mismatches() {
	python3 "$verify" --cut "$@" 2>&1 | grep -vE '^(verified|incomplete|ledger verified) ' | head -3
}

run python3 "$verify" --self-test
is 'the verifier reproduces the golden values' "$out" 'golden values reproduced'

# ---- a thousand sessions --------------------------------------------------------------------

mkdir many
seq 1000 | xargs -P 8 -I{} "$session" "$PWD/many" s{} --events 3 --degraded --exit 7 -- \
	sh -c 'quoted "x" \ and é' $'tab\there' --token secret >many.log 2>&1
is 'a thousand concurrent sessions' "$(cat many.log)" ''
run python3 "$verify" many
is 'every one verifies' "$rc $(grep -c '^verified s[0-9]* (5 events)$' <<<"$out")" '0 1000'
has 'one ledger holds them' "$out" 'ledger verified (1000 lines, 0 pending)'
is 'no secret in any file' "$(grep -rl secret many | head -3)" ''
is 'no temporary files' "$(find many -name '*tmp*' | head -3)" ''
is 'nothing for others' "$(find many -mindepth 1 -perm /077 | head -3)" ''

# The verifier is worth something: it notices a changed byte anywhere in a session's files.
missed=
for file in audit-events.ndjson session.json audit-ext.ndjson; do
	size=$(stat -c %s "many/audit/s500/$file")
	for at in 20 100 $((size / 2)) $((size - 30)); do
		cp -r many/audit/s500 kept
		python3 - "many/audit/s500/$file" "$at" <<-'END'
			import sys
			with open(sys.argv[1], "r+b") as f:
			    f.seek(int(sys.argv[2]))
			    byte = f.read(1)
			    f.seek(int(sys.argv[2]))
			    f.write(b"0" if byte != b"0" else b"1")
		END
		run python3 "$verify" many
		[ "$rc" = 1 ] && grep -q '^MISMATCH s500' <<<"$out" || missed="$missed $file:$at"
		rm -r many/audit/s500
		mv kept many/audit/s500
	done
done
is 'a changed byte is found' "$missed" ''
run python3 "$verify" many
is 'and the unchanged files verify' "$rc" 0

# ---- killed at every step -------------------------------------------------------------------

# One state directory for each step; another session follows, whose ledger line must be there.
mkdir killed
n=1
bad=
while "$kill_at" "$n" -- "$session" "$PWD/killed/$n" first --events 2 --degraded --exit 3 \
	-- sh -c true >killed.log 2>&1; do
	run "$session" "$PWD/killed/$n" second --sweep -- true
	[ "$rc" = 0 ] || bad="$bad $n:$rc:$err"
	record=killed/$n/sessions/first.json
	if [ -e "$record" ] && [ -e "killed/$n/sessions/.live/first" ]; then
		bad="$bad $n:not swept"
	fi
	n=$((n + 1))
done
is 'after the kill: the next session is recorded' "$bad" ''
is 'steps of a session at which it was killed: more than 40' "$((n > 40))" 1
is 'after the kill: all verifies up to the cut' "$(mismatches killed/*)" ''
run python3 "$verify" --cut killed/*
is 'after the kill: the next session verifies' \
	"$(grep -c '^verified second ' <<<"$out")" "$((n - 1))"
is 'after the kill: no line is pending' "$(grep '^ledger' <<<"$out" | grep -vc ' 0 pending')" 0
# One that was killed between creating the file and writing it is empty; readers skip it.
is 'records of killed sessions are whole' \
	"$(find killed/*/sessions -name first.json -size +0 -print0 | xargs -0 python3 -c '
import json, sys
for name in sys.argv[1:]:
    r = json.load(open(name))
    if (r["status"], r["exit_code"]) not in (("running", None), ("exited", -1), ("exited", 3)):
        print(name)')" ''
is 'more than half of them were swept' \
	"$(($(grep -l '"exit_code": -1' killed/*/sessions/first.json | wc -l) * 2 > n))" 1

# ---- the disk refuses at every step ---------------------------------------------------------

for error in 28:ENOSPC 5:EIO; do
	mkdir "failed-${error#*:}"
	n=1
	bad=
	while "$kill_at" "$n" "${error%:*}" -- "$session" "$PWD/failed-${error#*:}/$n" first \
		--events 2 --degraded --exit 3 -- sh -c true >failed.log 2>&1; do
		# Either refused with a reason, or recorded, maybe with a line that waits.
		case $(tail -n 1 failed.log) in
		*' 0' | *' 3') ;;
		*' 1') grep -q '^audit_session: .' failed.log || bad="$bad $n:silent" ;;
		*) bad="$bad $n:$(tail -n 1 failed.log)" ;;
		esac
		run "$session" "$PWD/failed-${error#*:}/$n" second -- true
		[ "$rc" = 0 ] || [ "$rc" = 3 ] || bad="$bad $n:second:$err"
		n=$((n + 1))
	done
	is "${error#*:} at every step: refused or recorded" "$bad" ''
	is "${error#*:} at every step: all verifies up to the cut" \
		"$(mismatches "failed-${error#*:}"/*)" ''
done

finish
