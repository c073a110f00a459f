#!/bin/bash
# linux.keep_file_caps: what root's program keeps of root, and what it does not.
. "${NONO_TOP:-$(dirname "$0")/../..}/tests/harness/lib.sh"

profiles=$HOME/.config/nono/profiles
mkdir -p "$profiles" granted outside
chmod 700 "$HOME/.config" "$HOME/.config/nono" "$profiles"
for place in granted outside; do
	echo secret >$place/shut
	chmod 000 $place/shut
	chown 65534:65534 $place/shut
done
top=$PWD
profile() {
	cat >"$profiles/$1.json"
	chmod 600 "$profiles/$1.json"
}
profile keep <<<"{\"filesystem\": {\"allow\": [\"$top/granted\"]}, \"linux\": {\"keep_file_caps\": true}}"
profile none <<<"{\"filesystem\": {\"allow\": [\"$top/granted\"]}}"
profile off <<<"{\"filesystem\": {\"allow\": [\"$top/granted\"]}, \"linux\": {\"keep_file_caps\": false}}"

# CHOWN, DAC_OVERRIDE, FOWNER, FSETID, SETGID, SETUID
kept=00000000000000db
caps() {
	awk '/^Cap(Prm|Eff|Bnd)/ { print $2 }' <<<"$out" | sort -u | paste -sd ' '
}
for mode in run wrap; do
	for name in keep none off; do
		if [ $name = keep ]; then yes=0 expected=$kept; else yes=1 expected=0000000000000000; fi
		run "$NONO" $mode -s -p $name cat /proc/self/status
		is "$mode: $name: capabilities" "$(caps)" "$expected"
		run "$NONO" $mode -s -p $name sh -c 'cat /proc/self/status'
		is "$mode: $name: behind another execve" "$(caps)" "$expected"
		run "$NONO" $mode -s -p $name cat "$top/granted/shut"
		is "$mode: $name: a file of another user" "$rc" $yes
		run "$NONO" $mode -s -p $name cat "$top/outside/shut"
		is "$mode: $name: outside of the grants" "$rc $(grep -c 'Permission denied' <<<"$err")" '1 1'
		run "$NONO" $mode -s -p $name env chmod 666 "$top/outside/shut"
		if [ $name = keep ]; then refusal='Read-only file system'; else refusal='Operation not permitted'; fi
		is "$mode: $name: the mode of a file outside of them" "${err##*: } $(stat -c %a outside/shut)" "$refusal 0"
		run "$NONO" $mode -s -p $name env chown 1 "$top/outside/shut"
		is "$mode: $name: its owner" "${err##*: } $(stat -c %u outside/shut)" "$refusal 65534"
		run "$NONO" $mode -s -p $name env chmod 666 "$top/granted/shut"
		is "$mode: $name: the mode of one inside" "$rc $(stat -c %a granted/shut)" "$yes $((yes ? 0 : 666))"
		chmod 0 granted/shut
		rm -f granted/own && echo x >granted/own
		run "$NONO" $mode -s -p $name env chown 65534 "$top/granted/own"
		is "$mode: $name: chown" "$rc $(stat -c %u granted/own)" "$yes $((yes ? 0 : 65534))"
		run "$NONO" $mode -s -p $name setpriv --reuid=65534 --clear-groups true
		is "$mode: $name: another user" "$((rc > 0))" $yes
		run "$NONO" $mode -s -p $name mknod "$top/granted/node" c 1 3
		is "$mode: $name: a device" "$((rc > 0)) $(ls granted/node 2>/dev/null)" '1 '
		run "$NONO" why -s -p $name --path "$top/granted/shut"
		is "$mode: $name: why says the same" "${out%%$'\n'*}" "$([ $yes = 0 ] && echo ALLOWED || echo DENIED)"
	done
done
run "$NONO" run -s -p keep --namespaces=off true
is 'keep: not without the read-only tree' "$rc ${err%%;*}" '2 error: linux.keep_file_caps of the profile needs a mount namespace'
run "$NONO" run -s -p keep "$NONO" why -s --self --path "$top/granted/shut"
is 'why --self: keep' "${out%%$'\n'*}" ALLOWED
run "$NONO" run -s -p none "$NONO" why -s --self --path "$top/granted/shut"
is 'why --self: none' "${out%%$'\n'*}" DENIED

finish
