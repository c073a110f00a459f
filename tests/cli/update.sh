#!/bin/bash
# The notice about a newer version: off by default, from a cache, on a terminal only.
. "${NONO_TOP:-$(dirname "$0")/../..}/tests/harness/lib.sh"

command -v script >/dev/null || {
	skip 'update' 'script(1) is missing'
	finish
}
state=$HOME/.local/state/nono
mkdir -p "$state" "$HOME/.config/nono"
url=https://updates.example.org/nono

cache() {
	printf '{"uuid": "u", "last_check": "2025-01-01T00:00:00Z", "cached_result": {%s}}' "$1" \
		>"$state/update-check.json"
}
config() {
	printf '%s\n' "$@" >"$HOME/.config/nono/config.toml"
	chmod 600 "$HOME/.config/nono/config.toml"
}
# on_terminal COMMAND: what standard error shows on a terminal, in $shown.
on_terminal() {
	shown=$(NO_COLOR=1 script -qec "$1 >/dev/null" /dev/null </dev/null 2>&1)
}
notice() {
	case $shown in *'available (current: '*) echo yes ;; *) echo no ;; esac
}
check="'$NONO' setup --check-only"
newer='"latest_version": "99.1.0", "update_available": true, "message": "fixes \u001b[31mthings",
	"release_url": "https://example.org/99.1.0"'

cache "$newer"
rm -f "$HOME/.config/nono/config.toml"
on_terminal "$check"
is 'no source: no notice' "$(notice)" no
on_terminal "NONO_UPDATE_URL=$url $check"
is 'a source in the environment' "$(notice)" yes
has 'version' "$shown" 'update 99.1.0 available (current: '
has 'address of the release' "$shown" 'https://example.org/99.1.0'
has 'message, without its control bytes' "$shown" 'fixes things'
config '[updates]' "url = \"$url\""
on_terminal "$check"
is 'a source in the file' "$(notice)" yes
on_terminal "$check -v"
has '-v: nothing will be asked' "$shown" 'this build cannot ask for them'
on_terminal "NONO_NO_UPDATE_CHECK= $check"
is 'NONO_NO_UPDATE_CHECK' "$(notice)" no
for flag in --silent --json; do
	on_terminal "$check $flag"
	is "$flag" "$(notice)" no
done
on_terminal "'$NONO' --help"
is '--help' "$(notice)" no
on_terminal "'$NONO' wrap --allow-cwd true"
is 'a start shows nothing' "$(notice)" no
run "$NONO" setup --check-only
is 'no terminal' "$(grep -c 'available (current' <<<"$err")" 0
config '[updates]' 'check = false' "url = \"$url\""
on_terminal "$check"
is 'updates.check = false' "$(notice)" no
config '[updates]' 'url = "'$url
on_terminal "NONO_UPDATE_URL=$url $check"
is 'a broken file switches it off' "$(notice)" no
config '[updates]' 'url = "http://example.org/"'
on_terminal "$check"
is 'plain http' "$(notice)" no
has 'plain http is told' "$shown" 'must begin with https://'

config '[updates]' "url = \"$url\""
for old in '"latest_version": "0.0.1", "update_available": true' \
	'"latest_version": "99.0.0", "update_available": false' \
	"\"latest_version\": \"$("$NONO" --version | cut -d' ' -f2)\", \"update_available\": true"; do
	cache "$old"
	on_terminal "$check"
	is "cache with $old" "$(notice)" no
done
for bad in '{"cached_result": ' "$(head -c 70000 /dev/zero | tr '\0' ' ')"; do
	printf '%s' "$bad" >"$state/update-check.json"
	on_terminal "$check"
	has 'a damaged cache' "$shown" 'cannot be understood'
	has 'a damaged cache: the command works' "$shown" 'nono v'
done
rm "$state/update-check.json"
mkfifo "$state/update-check.json"
on_terminal "$check"
is 'a FIFO' "$(notice)" no
rm "$state/update-check.json"
if command -v strace >/dev/null; then
	cache "$newer"
	run script -qec "strace -f -e trace=connect -o '$TMPDIR/trace' $check >/dev/null" /dev/null
	is 'no connection outside of this machine' \
		"$(grep -v '127\.0\.0\.1\|AF_UNIX' "$TMPDIR/trace" | grep -c 'connect(')" 0
fi

finish
