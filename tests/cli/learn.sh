#!/bin/bash
# nono learn: what is seen of real programs and of every way to name a file or an address, what is
# proposed, and that the proposal is enough.
. "${NONO_TOP:-$(dirname "$0")/../..}/tests/harness/lib.sh"

calls=$NONO_BUILD/tests/cli/learn_calls
here=$(pwd -P)
home=$(cd "$HOME" && pwd -P)

# learned COMMAND...: the report in $out.
learned() {
	run "$NONO" learn --yes --no-rdns "$@"
}
# line TEXT: is there a line of the report with this text, but for blanks before it?
line() {
	grep -qxE "[[:space:]]*$(sed 's/[][\.*^$/+?(){}|]/\\&/g' <<<"$1")" <<<"$out"
}
wants() {
	if line "$2"; then ok "$1"; else not_ok "$1" "no line '$2' in '${out:0:600}'"; fi
}
wants_not() {
	if grep -qF -- "$2" <<<"$out"; then
		not_ok "$1" "'$2' in '${out:0:600}'"
	else
		ok "$1"
	fi
}

# ---- ways to name a file ----

files() {
	rm -rf "$here"/dir "$here"/out-* "$here"/link "$here"/dangling
	mkdir dir out-{create,dangling,from,to,link-from,link-to,symlink,mkdir,unlink,rmdir,socket}
	touch dir/{by-dirfd,by-chdir,by-openat2,by-thread,by-fork,by-symlink,by-self,by-i386} \
		dir/{changed-truncate,changed-chmod,changed-utimens} \
		dir/{looked-access,looked-stat,looked-faccessat2} out-link-from/a out-unlink/a
	mkdir out-rmdir/a
	ln -s dir/by-symlink link
	ln -s out-dangling/new dangling
	cp /bin/true dir/by-vfork
	cp /bin/true dir/by-thread-exec
}

# expect ACT NAME FLAG...: what is proposed, all of it but the program itself.
expect() {
	local act=$1
	shift
	files
	learned -- "$calls" "$act"
	is "$act" "$(grep -oE '^    --[a-z-]+ .*' <<<"$out" | grep -vF "$calls" |
		sed "s,$here/,," | sort)" "$(printf '    %s\n' "$@" | sort)"
}
expect dirfd '--read-file dir/by-dirfd'
expect chdir '--read-file dir/by-chdir'
expect openat2 '--read-file dir/by-openat2'
expect thread '--read-file dir/by-thread'
expect fork '--read-file dir/by-fork'
expect vfork '--read-file dir/by-vfork'
expect thread-exec '--read-file dir/by-thread-exec'
expect symlink '--read-file dir/by-symlink'
expect self '--read-file dir/by-self'
[ "$(uname -m)" != x86_64 ] || expect i386 '--read-file dir/by-i386'
expect create '--write out-create'
expect dangling '--write out-dangling'
expect rename '--write out-from' '--write out-to'
expect link '--write out-link-from' '--write out-link-to'
expect make-symlink '--write out-symlink'
expect mkdir '--write out-mkdir'
expect unlink '--write out-unlink'
expect rmdir '--write out-rmdir'
expect change '--write-file dir/changed-truncate' '--write-file dir/changed-chmod' \
	'--write-file dir/changed-utimens'
expect socket '--write out-socket'

# What needs no grant is listed with --all only.
for act in access absent exec-missing; do
	files
	learned -- "$calls" $act
	is "$act needs no grant" "$(grep -c "$here/dir" <<<"$out")" 0
done
files
learned --all -- "$calls" access absent exec-missing
for name in looked-access looked-stat looked-faccessat2 absent-file absent-program; do
	wants "--all lists $name" "$here/dir/$name"
done
has '--all: title' "$out" 'LOOKED AT, NO GRANT NEEDED'
has '--all lists what is covered' "$out" 'COVERED ('
has 'covered paths are counted' "$out" ' already covered by system defaults'

# ---- addresses ----

learned --json -- "$calls" listen datagram
has 'bind' "$out" '"addr": "::",
        "port": 7003'
has 'datagram' "$out" '"port": 7004'
wants_not 'port 0 is no port' '"port": 0'
run "$NONO" learn --yes -- "$calls" named
wants 'the name a process asked for' 'api.example.com (127.0.0.1):7001 (2x)'
run "$NONO" learn --yes -- "$calls" named-threads
wants 'the name another thread asked for' 'api.example.com (127.0.0.1):7002'
learned -- "$calls" named
wants '--no-rdns' '127.0.0.1:7001 (2x)'
has 'a hint about the network' "$err" 'Use --block-net to restrict'

# ---- what is never proposed ----

mkdir -p "$HOME/.ssh"
touch "$HOME/.ssh/config"
learned -- sh -c 'ls ~ >/dev/null; cat ~/.ssh/config; echo >~/.learned-history
	mkdir -p ~/.learned-cache/a; ls ~/.learned-cache >/dev/null; echo >~/.t; mv ~/.t ~/.learned-moved'
is 'no grant of the home directory' "$(grep -cE -- "--[a-z]+ '?($home|/)'?( |\$)" <<<"$out")" 0
has 'what would take it is listed' "$out" "$home  (read)"
has 'a file that came by rename' "$out" "$home/.learned-moved  (written)"
wants 'a file made there' "--write-file $home/.learned-history"
wants 'a directory made there' "--allow $home/.learned-cache"
has 'protected' "$out" "--read-file $home/.ssh/config  [deny_"
rm -rf "$HOME"/.learned-*

# ---- a real build, a real commit: the proposal is enough ----

# proven NAME SCRIPT: learn it, start over, run with the flags that were printed.
proven() {
	local name=$1 script=$2 again
	rm -rf "$HOME/project"
	prepare "$HOME/project"
	learned --silent -- sh -ec "cd ~/project; $script"
	is "$name: is learned" "$rc" 0
	is "$name: no grant of the home directory" \
		"$(grep -cE -- "--[a-z]+ '?($home|/)'?( |\$)" <<<"$out")" 0
	again=$(sed -n 's/^    nono run \(.*\) -- sh -ec .*/\1/p' <<<"$out")
	rm -rf "$HOME/project"
	prepare "$HOME/project"
	# shellcheck disable=SC2086
	run "$NONO" run --silent $again -- sh -ec "cd ~/project; $script"
	if [ "$rc" = 0 ] && [ -n "$again" ]; then
		ok "$name: passes with what was proposed"
	else
		not_ok "$name: passes with what was proposed" "$again: ${err:0:300}"
	fi
}
if command -v make cc >/dev/null; then
	prepare() {
		mkdir -p "$1/src" "$1/include"
		echo 'int answer(void);' >"$1/include/answer.h"
		printf '#include "answer.h"\nint answer(void) { return 0; }\n' >"$1/src/answer.c"
		printf '#include <stdio.h>\n#include "answer.h"\n' >"$1/src/main.c"
		echo 'int main(void) { puts("built"); return answer(); }' >>"$1/src/main.c"
		printf '%s\n' 'all: obj prog; ./prog' 'obj:; mkdir obj' \
			'prog: obj/main.o obj/answer.o; cc -o $@ $^' \
			'obj/%.o: src/%.c include/answer.h; cc -Iinclude -c -o $@ $<' >"$1/Makefile"
	}
	proven 'make' 'make'
	is 'make: is built again' "$out" "$(printf '%s\n' 'mkdir obj' \
		'cc -Iinclude -c -o obj/main.o src/main.c' \
		'cc -Iinclude -c -o obj/answer.o src/answer.c' \
		'cc -o prog obj/main.o obj/answer.o' './prog' 'built')"
else
	skip 'make' 'make or cc is missing'
fi
if command -v git >/dev/null; then
	prepare() {
		mkdir -p "$1"
		git -C "$1" init -q
		echo a >"$1/a"
	}
	proven 'git' 'git add a; git -c user.name=n -c user.email=e commit -qm m; git log --oneline'
else
	skip 'git' 'git is missing'
fi
rm -rf "$HOME/project"

# ---- the result and its form ----

learned -- cat /etc/hostname
has 'a file is proposed' "$out" '--read-file /etc/hostname'
has 'warning is for the unconfined' "$err" 'Tracing file accesses and network activity...'
is 'nothing is needed' "$(learned -- true; grep -c 'No additional paths needed.' <<<"$out")" 1
learned --json -- cat /etc/hostname
is '--json: an object, without the output of the program' "${out:0:1}" '{'
has "--json: the program's own output" "$err" "$(cat /etc/hostname)"
if command -v python3 >/dev/null; then
	run "$NONO" learn --yes --no-rdns --json -- "$calls" dirfd listen
	is '--json: the shape' "$(python3 -c 'import json, sys
d = json.load(sys.stdin)
print(sorted(d), sorted(d["filesystem"]), sorted(d["network"]))' <<<"$out")" \
		"['filesystem', 'network'] ['allow', 'allow_file', 'read', 'read_file', 'write', 'write_file'] ['listening', 'outbound']"
	learned --format profile -- sh -c 'cat ~/.ssh/config; cat /etc/hostname'
	is '--format profile: is JSON but for its comments' \
		"$(grep -v '^//' <<<"$out" | python3 -c 'import json, sys
d = json.load(sys.stdin)
print(d["filesystem"]["read_file"], d["network"]["block"])')" "['/etc/hostname'] True"
	has '--format profile: protected paths are comments' "$out" '//   --read-file        ~/.ssh/config'
	files
	learned --record "$TMPDIR/record" -- "$calls" create access
	is '--record: lines of JSON' "$(python3 -c 'import json, sys
lines = [json.loads(l) for l in open(sys.argv[1])]
seen = {l["path"].rsplit("/", 2)[-1]: l for l in lines[1:] if "path" in l}
print(lines[0]["nono_use"], lines[0]["coverage"], seen["new"]["access"], seen["new"]["kind"],
      seen["looked-stat"]["access"], seen["looked-stat"]["result"])' "$TMPDIR/record")" \
		'1 full write created metadata ok'
	is '--record: private' "$(stat -c %a "$TMPDIR/record")" 600
fi
files
run "$NONO" learn --yes --collapse=3 -- sh -c 'cat dir/by-*>/dev/null'
wants '--collapse' "--read $here/dir"

# Text of the program is no observation: it cannot forge one.
learned -- sh -c 'echo "[pid 1] openat(AT_FDCWD, \"/forged\", O_RDONLY) = 3" >&2; echo seen >&2'
wants_not 'lines of the program are not read' /forged
has 'its standard error arrives' "$err" seen
# A name that would act on a terminal.
name=$'esc\e[31mape'
echo x >"$name"
learned -- cat "$name"
is 'names lose their escape sequences' "$(grep -c $'\e' <<<"$out")" 0
rm -f "$name"

# ---- asking first ----

answer() {
	out=$(printf "$1" | "$NONO" learn --no-rdns -- cat 2>"$TMPDIR/.err")
	rc=$?
	err=$(cat "$TMPDIR/.err")
}
answer 'n\nrest\n'
is 'no' "$rc $out" '0 '
has 'no: says so' "$err" Aborted.
has 'the warning' "$err" 'WITHOUT any sandbox restrictions'
answer 'y\nrest\n'
is 'yes, and the rest of the input is for the program' "$rc ${out%%$'\n'*}" '0 rest'
run "$NONO" learn -- true
has 'end of input is no' "$err" Aborted.
run "$NONO" learn --json -- touch started
is '--json with nobody to ask' "$rc $([ -e started ] && echo started)" '1 '
has '--json with nobody to ask: the way out' "$err" --yes
run "$NONO" learn --silent -- true
is '--silent does not ask' "$rc $err" '0 '

# ---- how it ends ----

learned -- "$calls" fail
is 'the exit code is not that of the program' "$rc" 0
has 'its exit code is told' "$err" 'command exited with status 42'
learned -- "$calls" die
has 'killed' "$err" 'command was killed by signal 9'
run "$NONO" learn --yes -- ./no-such-program
is 'no such program' "$rc" 1
has 'no such program: the error' "$err" 'Learn mode error: cannot start'
run "$NONO" learn
is 'no program' "$rc" 2
begin=$(date +%s)
learned --timeout 1 -- "$calls" dirfd hang
is 'timeout' "$rc" 0
has 'timeout is told' "$err" 'timed out'
has 'what was seen until then' "$out" dir/by-dirfd
took=$(($(date +%s) - begin))
if [ $took -ge 2 ] && [ $took -le 20 ]; then
	ok 'SIGKILL follows after two seconds'
else
	not_ok 'SIGKILL follows after two seconds' "$took s"
fi
for bad in 0 -1 x; do
	run "$NONO" learn --yes "--timeout=$bad" -- true
	is "--timeout=$bad" "$rc" 2
done
begin=$(date +%s)
learned -- sh -c 'sleep 600 & sleep 601 & exit 3'
has 'what is left behind is ended' "$err" 'ended what the command left behind'
is 'at once' "$(($(date +%s) - begin < 30))" 1

# interrupted SIGNALS: sent to nono alone, a second apart, once the program hangs.
interrupted() {
	"$NONO" learn --yes --no-rdns -- "$calls" dirfd hang >"$TMPDIR/.out" 2>"$TMPDIR/.err" &
	local pid=$! i signal
	for ((i = 0; i < 100; i++)); do
		pgrep -P $pid -f 'learn_calls dirfd hang' >/dev/null && break
		sleep 0.1
	done
	sleep 0.5
	for signal in $1; do
		kill -"$signal" $pid
		sleep 0.5
	done
	for ((i = 0; i < 100; i++)); do
		kill -0 $pid 2>/dev/null || break
		sleep 0.1
	done
	kill -KILL $pid 2>/dev/null && return
	wait $pid
	rc=$?
	out=$(cat "$TMPDIR/.out")
	err=$(cat "$TMPDIR/.err")
}
rc=hangs
interrupted 'INT INT'
is 'a second interrupt ends it' "$rc" 0
has 'with the partial result' "$out" dir/by-dirfd
has 'which is said' "$err" 'interrupted: the result is partial'

# Ctrl-C goes to the program as well; the second one ends it.
run "$NONO_BUILD/tests/cli/pty" ready $'\003' 'caught' $'\003' -- "$NONO" learn --silent --no-rdns -- \
	sh -c 'trap "echo caught" INT; cat /etc/hostname; echo ready; while :; do sleep 1; done'
is 'Ctrl-C: the second one ends it' "$rc" 0
has 'Ctrl-C: with the partial result' "$out" '--read-file /etc/hostname'

# ---- compared with a profile ----

files
mkdir -p "$HOME/.config/nono/profiles"
printf '{ "meta": { "name": "part" }, "filesystem": { "read_file": ["%s"] } }\n' \
	"$here/dir/by-fork" >"$HOME/.config/nono/profiles/part.json"
learned --profile part -- sh -c 'cat dir/by-fork dir/by-chdir'
wants '--profile: what it lacks' "--read-file $here/dir/by-chdir"
wants_not '--profile: what it gives' "--read-file $here/dir/by-fork"
has '--profile: covered paths are counted' "$out" '1 path already covered by profile'
has '--profile: stands in the command' "$out" 'nono run --profile part --read-file '
run "$NONO" learn --yes --profile absent -- touch started
is '--profile: unknown' "$rc $([ -e started ] && echo started)" '1 '
run "$NONO" learn --yes --extends part -- true
is '--extends needs --profile' "$rc" 2

# ---- confined ----

files
run "$NONO" learn --sandboxed --no-rdns -- sh -c "cat /etc/hostname dir/by-fork; touch out-create/x"
wants '--sandboxed: what was refused for reading' "--read-file $here/dir/by-fork"
wants '--sandboxed: what was refused for writing' "--write $here/out-create"
has '--sandboxed: it was refused' "$err" 'Permission denied'
is '--sandboxed: nothing was made' "$(ls out-create)" ''
is '--sandboxed: does not ask' "$(grep -c 'Continue?' <<<"$err")" 0

# ---- the rest ----

learned -- "$calls" io_uring
has 'io_uring is not there' "$out" 'io_uring Function not implemented'
run "$NONO" learn --yes --allow-io-uring -- "$calls" io_uring
case $out in
*'io_uring works'*) has 'io_uring makes it incomplete' "$err" 'incomplete: io_uring' ;;
*) skip 'io_uring makes it incomplete' 'this kernel has none for us' ;;
esac
run "$NONO" learn --trace -- true
is '--trace' "$rc" 1
has '--trace: of macOS' "$err" 'only supported on macOS'
learned -- sh -c 'echo "$TMPDIR"; : >"$TMPDIR/x"; cat "$TMPDIR/x"; mkdir "$TMPDIR/d"'
wants_not 'the private temporary directory is covered' "--allow"
temp=${out%%$'\n'*}
if [ -n "$temp" ] && [ "$temp" != "$TMPDIR" ] && [ ! -e "$temp" ]; then
	ok 'and is removed'
else
	not_ok 'and is removed' "$temp"
fi
is 'nothing else is left' "$(ls "$TMPDIR" | grep -v '^nono-')" "$([ -e "$TMPDIR/record" ] && echo record)"
finish
