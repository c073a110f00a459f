#!/bin/bash
# The ledger of sessions after a crash: what the broker must not guess about is put right by
# nono-record, which can touch nothing else.
. "${NONO_TOP:-$(dirname "$0")/../..}/tests/harness/lib.sh"

unset XDG_STATE_HOME
audit=$HOME/.local/state/nono/audit
mkdir work
cd work || exit 2
session() {
	run "$NONO" run -s --allow . -- true
}
lines() {
	wc -l <"$audit/ledger.ndjson"
}
# Every line is chained to the one before, and the head is that of the last.
chained() {
	local previous=null sequence=0 line
	while IFS= read -r line; do
		[[ $line == "{\"sequence\":$sequence,\"prev_chain\":$previous,"* ]] || return 1
		previous=${line##*\"chain_hash\":}
		previous=${previous%\}}
		sequence=$((sequence + 1))
	done <"$audit/ledger.ndjson"
	[ $sequence -gt 0 ] && [ ! -e "$audit/ledger.pending" ] &&
		[ "$(od -An -v -tx1 -j160 -N32 "$audit/ledger.head" | tr -d ' \n')" = "${previous//\"/}" ]
}
# recovered NAME LINES: the session before left nothing to say and everything in order.
recovered() {
	is "$1: the session ends as always" "$rc" 0
	is "$1: lines" "$(lines)" "$2"
	chained && ok "$1: chain and head" || not_ok "$1: chain and head" "$(ls "$audit" | head -c 200)"
	session
	is "$1: the next one appends by itself" "$rc $err $(lines)" "0  $(($2 + 1))"
}
begin() {
	rm -rf "$audit"
	session
	session
}

begin
recovered 'nothing wrong' 2

begin
rm "$audit/ledger.head"
session
is 'a lost head: nothing to say' "$err" ''
recovered 'a lost head' 3

begin
printf X | dd of="$audit/ledger.head" bs=1 seek=100 conv=notrunc status=none
session
is 'a damaged head: nothing to say' "$err" ''
recovered 'a damaged head' 3

begin
truncate -s 100 "$audit/ledger.head"
session
recovered 'half a head' 3

begin
printf '{"sequence":2,"prev_ch' >>"$audit/ledger.ndjson"
session
has 'a torn line: it is told' "$err" 'ended with a torn line'
is 'a torn line: kept' "$(cat "$audit"/ledger.torn-*)" '{"sequence":2,"prev_ch'
recovered 'a torn line' 3

# Lines that are gone are told, and the head that knew them is kept.
begin
session
cp "$audit/ledger.head" "$HOME/head"
sed -i 2,3d "$audit/ledger.ndjson"
session
has 'lines less: it is told' "$err" '2 lines less'
cmp -s "$HOME/head" "$audit"/ledger.head-* && ok 'lines less: their head is kept' ||
	not_ok 'lines less: their head is kept' "$(ls "$audit")"
recovered 'lines less' 2

begin
rm "$audit/ledger.ndjson"
session
has 'no ledger any more: it is told' "$err" '2 lines less'
recovered 'no ledger any more' 1

# What waits is appended, also what another session left.
begin
mkdir -m 700 "$audit/ledger.pending"
digest=$(printf '%064d' 0)
printf '{"session_id":"old","session_digest":"%s","completed_at":"2026-01-02T03:04:05Z"}\n' "$digest" \
	>"$audit/ledger.pending/old.json"
session
recovered 'a waiting line' 4
has 'it is the waiting one' "$(cat "$audit/ledger.ndjson")" '"session_id":"old"'

mkdir -m 700 "$audit/ledger.pending"
echo nonsense >"$audit/ledger.pending/x.json"
ln -s "$audit/ledger.ndjson" "$audit/ledger.pending/link.json"
session
has 'what is no entry is told' "$rc $err" '2 files in audit/ledger.pending are no entries'
is 'and left' "$(cat "$audit/ledger.pending/x.json")" nonsense
rm -r "$audit/ledger.pending"

# A last line that does not prove itself becomes nobody's head.
for edit in 's/"sequence":1/"sequence":7/' 's/\("session_digest":"\)./\1x/' 's/^{/{ /' '$s/$/ /'; do
	begin
	rm "$audit/ledger.head"
	sed -i "2$edit" "$audit/ledger.ndjson" 2>/dev/null || sed -i "$edit" "$audit/ledger.ndjson"
	cp "$audit/ledger.ndjson" "$HOME/before"
	session
	has "edited by $edit: told" "$rc $err" '0 nono: the last line of the ledger of sessions does not'
	cmp -s "$HOME/before" "$audit/ledger.ndjson" && ok "edited by $edit: left as it is" ||
		not_ok "edited by $edit: left as it is" 'the file changed'
	is "edited by $edit: this session waits" "$(ls "$audit/ledger.pending" | wc -l)" 1
done

# What nono-record may touch.
begin
rm "$audit/ledger.head"
echo outside >"$HOME/outside"
ln -s "$HOME/outside" "$audit/ledger.head"
session
has 'a link in place of the head' "$rc $err" '0 nono: cannot recover the ledger'
is 'is not followed' "$(cat "$HOME/outside")" outside
record=$(dirname "$NONO")/nono-record
for words in recover 'recover --audit-fd=0 --build=x' 'recover --audit-fd=9' 'recover --build=x'; do
	run "$record" $words
	is "nono-record $words" "$rc" 2
done
exec 9</dev/null
run "$record" recover --audit-fd=9 --build="$("$NONO_BUILD/tests/cli/make_facts" --build)"
is 'a descriptor that is no directory' "$rc" 1
exec 9<&-

# ---- the identity of the program ---------------------------------------------------------------

identity() { # of the newest session: path and hash
	local newest
	newest=$(ls -td "$audit"/*/ | head -n 1)
	tr -d ' \n' <"$newest/session.json" | grep -o '"executable_identity":[^}]*'
}
cp /bin/true "$HOME/program"
chmod 755 "$HOME/program"
ln -s "$HOME/program" ./name
begin
run "$NONO" run -s --allow . -- ./name
is 'identity: path and hash' "$(identity)" "\"executable_identity\":{\"resolved_path\":\"$HOME/program\",\
\"sha256\":\"$(sha256sum <"$HOME/program" | cut -d' ' -f1)\""
cp /bin/sh ./own
begin
run "$NONO" run -s --allow . -- ./own -c 'sleep 0.2; cp own other; mv other own'
has 'identity: replaced while it ran' "$(identity)" '"executable_identity":null'
has 'identity: and the record says so' "$(cat "$(ls -td "$audit"/*/ | head -n 1)/session.json")" \
	'changed or removed while it ran'
cp /bin/true ./closed
chmod 111 closed
begin
run "$NONO" run -s --allow . -- ./closed
has 'identity: executable, not readable' "$(identity)" '"executable_identity":null'

# A broker that was killed: the next session finds its record and says so, before its own program runs.
begin
sessions=$HOME/.local/state/nono/sessions
"$NONO" run -s --allow . -- sh -c 'echo $PPID >broker; sleep 60' &
for _ in $(seq 100); do
	[ -s broker ] && break
	sleep 0.1
done
victim=$(grep -l '"status": "running"' "$sessions"/*.json)
kill -9 "$(cat broker)"
wait 2>/dev/null
is 'a killed broker leaves a running record' "$(grep -c '"running"' "$victim")" 1
"$NONO" run -s --allow . -- sh -c 'echo >started; sleep 60' &
for _ in $(seq 100); do
	[ -e started ] && break
	sleep 0.1
done
is 'the next session says so before its program runs' \
	"$(grep -o '"exit_code": -1' "$victim")" '"exit_code": -1'
kill $!
wait 2>/dev/null

finish
