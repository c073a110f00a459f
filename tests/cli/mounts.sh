#!/bin/bash
# The mount tier: what is denied inside a grant is covered (--deny-overlap=auto), what no grant lets be
# written is read-only in every respect (--namespaces=full), and what happens without namespaces.
. "${NONO_TOP:-$(dirname "$0")/../..}/tests/harness/lib.sh"
. "$NONO_TOP/tests/harness/launch.sh"

mkdir work
cd work || exit 2
work=$PWD
export NONO_UPDATE_CHECK=off
profiles=$HOME/.config/nono/profiles
mkdir -p "$profiles" "$HOME/.config/outside"

plant proj/keys/private 'the secret'
plant proj/keys/deep/inner 'the secret'
plant proj/.env 'the secret'
plant proj/src/main.c
plant proj/kept/file
plant beside/file
ln -s keys proj/way
ln -s keys/private proj/file-way
ln -s ../keys proj/src/up
ln proj/kept/file proj/src/hard
plant "$HOME/.config/outside/file"
chmod 600 "$HOME/.config/outside/file"
cat >"$profiles/covered.json" <<END
{"meta": {"name": "covered"}, "filesystem": {"deny": ["$work/proj/keys", "$work/proj/.env"]}}
END

if ! unshare -m true 2>/dev/null && ! unshare -Urm mount -t tmpfs none /proc 2>/dev/null; then
	skip 'masks and a read-only tree' 'this system lets nobody mount anything'
	run "$NONO" run -s --profile covered --deny-overlap=auto --allow proj -- true
	is 'without namespaces: a mask refuses' "$rc" 1
	finish
fi

# Everything below the project that a look from outside can see; `times` the changes of inodes as well.
tree_hash() {
	find proj -printf "%p %y %m %n %s %l ${1:+%C@}\n" -type f -exec sha256sum {} + | sort | sha256sum
}
before=$(tree_hash)

# ---- the default refuses, and says what would help ----

run "$NONO" run -s --profile covered --allow proj -- true
is 'the default refuses: exit code' "$rc" 1
has 'the default refuses: why' "$err" 'Landlock deny-overlap'
has 'the default refuses: the flag' "$err" '--deny-overlap=auto'
run "$NONO" run -s --profile covered --deny-overlap=auto --namespaces=off --allow proj -- true
is 'nothing can be covered under --namespaces=off: exit code' "$rc" 1
has 'nothing can be covered under --namespaces=off: why' "$err" 'Landlock deny-overlap'

# ---- ways to what is covered ----

cover=(-s --profile covered --deny-overlap=auto --workdir proj --allow proj)

# covered NAME WORD SCRIPT: the script fails with that text in both modes, and what it prints is not
# the secret; in a test build without masks it finds its way.
covered() {
	local mode got
	for mode in $modes; do
		run "$NONO" $mode "${cover[@]}" -- sh -c "$3"
		got=$out$err
		case $got in
		*secret*) not_ok "$mode: $1" 'the secret was read' ;;
		*"$2"*) ok "$mode: $1" ;;
		*) not_ok "$mode: $1" "no '$2' in '$got'" ;;
		esac
	done
	[ "${4:-}" = alone ] || {
		run env NONO_TEST_OFF=masks "$NONO_TEST" run "${cover[@]}" -- sh -c "$3"
		has "without masks: $1" "$out$err" "${4:-the secret}"
	}
}
none='No such file or directory'
readonly_='Read-only file system'

# A dry run names them, and makes none.
run "$NONO" run "${cover[@]:1}" --dry-run -- true
is 'dry run: what would be covered' "$(sed -n 's/^  would cover: //p' <<<"$err" | sort)" "$work/proj/.env
$work/proj/keys"
run "$NONO" run "${cover[@]}" --dry-run --json -- true
is 'dry run: what would be covered, as JSON' "$(python3 -c 'import json,sys; print("\n".join(sorted(c["path"] for c in json.load(sys.stdin)["covered"])))' <<<"$out")" \
	"$work/proj/.env
$work/proj/keys"
run "$NONO" run --allow "$work/proj/src" --dry-run -- true
is 'dry run: nothing to cover' "$(grep -c 'would cover' <<<"$err")" 0

covered 'a file below' "$none" 'cat keys/private'
covered 'a file further below' "$none" 'cat keys/deep/inner'
covered 'by its whole name' "$none" "cat $work/proj/keys/private"
covered 'through ..' "$none" 'cat src/../keys/private'
covered 'through a symlink' "$none" 'cat way/private'
covered 'through a symlink to the file' "$none" 'cat file-way'
covered 'through a symlink that climbs' "$none" 'cat src/up/private'
covered 'through a new symlink' "$none" 'ln -s ../keys/private src/new; cat src/new; c=$?; rm src/new; exit $c'
covered 'through /proc/self/root' "$none" "cat /proc/self/root$work/proj/keys/private"
covered 'through /proc/self/cwd' "$none" 'cat /proc/self/cwd/keys/private'
covered 'through a descriptor of the directory' "$none" 'exec 7<keys; cat /proc/self/fd/7/private'
covered 'from within' "$none" 'cd keys; cat private'
covered 'its metadata' "$none" 'stat -c "the secret %s" keys/private'
covered 'listing' 'nothing' 'ls keys | grep . || echo nothing' private
covered 'a covered file is empty' 'empty' 'test -s .env || echo empty; cat .env'
covered 'a covered file through a new hard link' 'Invalid cross-device link' \
	'ln .env src/link && cat src/link; rm -f src/link'
covered 'renaming it away' 'Device or resource busy' 'mv keys moved && cat moved/private; mv moved keys 2>/dev/null' \
	'the secret'
covered 'renaming the file away' 'Device or resource busy' 'mv .env moved && cat moved; mv moved .env 2>/dev/null'
covered 'renaming what is above' "$none" 'mkdir src/t && mv src/t src/u && rmdir src/u; cat keys/private'
covered 'exchanging it' 'Device or resource busy' 'mkdir other; python3 -c "
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
if libc.renameat2(-100, b\"keys\", -100, b\"other\", 2) == -1: print(os.strerror(ctypes.get_errno()))
else:
    print(open(\"other/private\").read())
    libc.renameat2(-100, b\"keys\", -100, b\"other\", 2)
"; rmdir other'
covered 'removing it' 'Device or resource busy' 'rmdir keys' 'Directory not empty'
covered 'making something below' "$readonly_" 'touch keys/new && echo made; rm -f keys/new' made
covered 'writing into a covered file' "$readonly_" 'cp .env /dev/null; echo more >>.env && echo written
	sed -i "\$d" .env' written
covered 'removing a covered file' 'Device or resource busy' 'cp -p .env $TMPDIR/e; rm -f .env && echo removed
	mv $TMPDIR/e .env 2>/dev/null' removed
covered 'chmod of it' "$readonly_" 'chmod 755 keys && echo changed' changed
covered 'unmounting' 'Operation not permitted' 'python3 -c "
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
if libc.umount2(b\"keys\", 2) == -1: print(os.strerror(ctypes.get_errno()))
print(open(\"keys/private\").read())" 2>/dev/null' alone
covered 'binding something else over it' 'Operation not permitted' 'python3 -c "
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
if libc.mount(b\"kept\", b\"keys\", None, 4096, None) == -1: print(os.strerror(ctypes.get_errno()))
print(open(\"keys/private\").read())" 2>/dev/null' alone
covered 'a namespace of its own' 'Operation not permitted' 'unshare -Urm sh -c "umount keys; cat keys/private"' alone
covered 'the root of another process' 'Permission denied' "cat /proc/$$/root$work/proj/keys/private" \
	'Permission denied'

# Both filter and Landlock forbid to unmount. With both off the kernel itself refuses: the mounts
# belong to a namespace in which the program has no capability.
run env NONO_TEST_OFF=filter-mount,landlock-fs "$NONO_TEST" run "${cover[@]}" -- \
	python3 -c '
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
print(libc.umount2(b"keys", 2), os.strerror(ctypes.get_errno()))'
is 'unmounting without filter and Landlock' "$out" '-1 Operation not permitted'

is 'what covers can be read, whatever the umask' "$(umask 777; "$NONO" run "${cover[@]}" -- \
	sh -c 'ls keys && cat .env && echo empty')" empty
is 'what is beside works' "$("$NONO" run "${cover[@]}" -- \
	sh -c 'cat kept/file src/main.c && echo new >src/new && mv src/new kept/new && rm kept/new && echo yes')" \
	$'content\ncontent\nyes'
is 'what was covered is as before' "$(cat proj/keys/private proj/keys/deep/inner proj/.env)" \
	$'the secret\nthe secret\nthe secret'

mkfifo hold
exec 9<>hold
times=$(tree_hash times)
"$NONO" run "${cover[@]}" -- sh -c 'mv keys a; mv .env b; rm -rf keys; rm -f .env; chmod 700 keys; touch keys/a .env
	echo a >>.env; echo tried; read -r line; cat keys/private .env' <hold >said 2>&1 &
wait_until 20 grep -q tried said || not_ok 'the session that tries it all' "$(cat said)"
is 'the project during a session that tries it all' "$(tree_hash times)" "$times"
echo go >&9
wait $!
is 'the project after it' "$(tree_hash times)" "$times"

# While it runs, the person outside sees the project, and the session what is new there.
"$NONO" run "${cover[@]}" -- sh -c 'echo ready; read -r line; cat keys/late src/late; ls keys' <hold >said 2>&1 &
wait_until 20 grep -q ready said || not_ok 'the session that waits' "$(cat said)"
plant proj/keys/late 'the secret'
plant proj/src/late fine
is 'from outside the project is whole' "$(cat proj/keys/private)" 'the secret'
echo go >&9
wait $!
has 'what is made below later: covered' "$(cat said)" "$none"
has 'what is made beside later: seen' "$(cat said)" fine
exec 9<&-
rm proj/keys/late proj/src/late

# What one session moves, the next one would cover in the wrong place: nothing above can be moved.
plant proj/app/conf/keys/private 'the secret'
plant proj/app/list/file
cat >"$profiles/deep.json" <<END
{"meta": {"name": "deep"}, "filesystem": {"deny": ["$work/proj/app/conf/keys", "$work/proj/app/list/absent"]}}
END
deep=(-s --profile deep --deny-overlap=auto --workdir proj --allow proj)
for tree in auto full; do
	for mode in $modes; do
		run "$NONO" $mode "${deep[@]}" --namespaces=$tree -- sh -c \
			'mv app other; mv app/conf app/more; mkdir -p app/conf/keys; mv app/list app/lost && mv app/lost app/list && echo moved'
		is "$mode, $tree: moving what is above" "$err" \
			"$(printf "mv: cannot move '%s' to '%s': Device or resource busy\n" app other app/conf app/more)"
		is "$mode, $tree: moving what is beside" "$out" moved
		run "$NONO" $mode "${deep[@]}" --namespaces=$tree -- sh -c 'find app other -name private -exec cat {} + 2>/dev/null'
		is "$mode, $tree: the next session finds nothing" "$out" ''
	done
done
is 'what is above can be written to' "$("$NONO" run "${deep[@]}" -- \
	sh -c 'echo a >app/conf/a && chmod 700 app/conf && mv app/conf/a app/conf/b && rm app/conf/b && echo yes')" yes
chmod 755 proj/app/conf
rm -r proj/app

# ---- what cannot be covered ----

refused() {
	local name=$1 word=$2
	shift 2
	for mode in $modes; do
		run "$NONO" $mode "$@"
		is "$mode: $name: exit code" "$rc" 1
		has "$mode: $name" "$err" "$word"
	done
}
refused 'a start in what is denied' 'would start in the denied path' \
	-s --profile covered --deny-overlap=auto --workdir proj/keys --allow proj -- true
exec 8<proj
refused 'a descriptor of a directory' 'descriptor 8 of --keep-fd is a directory' "${cover[@]}" --keep-fd 8 -- true
refused 'a descriptor of a directory beside a read-only tree' 'a tree that is not read-only' \
	-s --namespaces=full --workdir proj --allow proj --keep-fd 8 -- true
exec 8<&-
exec 8<proj/kept/file
is 'a descriptor of a file' "$("$NONO" run "${cover[@]}" --keep-fd 8 -- cat /proc/self/fd/8)" content
exec 8<&-
run "$NONO" run -s --profile covered --deny-overlap=auto --allow proj --read proj/keys -- true
is 'a grant inside what is denied: refused' "$rc" 1
cat >"$profiles/absent.json" <<END
{"meta": {"name": "absent"}, "filesystem": {"deny": ["$work/proj/not-there"]}}
END
run "$NONO" run --profile absent --deny-overlap=auto --allow proj -- true
is 'an absent path: starts' "$rc" 0
has 'an absent path: warned of' "$err" 'does not exist and cannot be covered'
[ ! -e proj/not-there ] && ok 'an absent path: nothing is made' || not_ok 'an absent path' 'it was made'
# Somebody moves it during starts: what can be read is what the start said it cannot cover.
plant proj/app/keys/private 'the secret'
cat >"$profiles/moved.json" <<END
{"meta": {"name": "moved"}, "filesystem": {"deny": ["$work/proj/app/keys"]}}
END
python3 -c '
import os
while True:
    os.rename("proj/app", "proj/ppa")
    os.rename("proj/ppa", "proj/app")' &
mover=$!
silent=0
for _ in $(seq 40); do
	run "$NONO" run --profile moved --deny-overlap=auto --workdir proj --allow proj -- \
		sh -c 'for i in 1 2 3 4 5 6 7 8 9; do cat app/keys/private; done'
	case $out$err in
	*'cannot be covered'*) ;;
	*'the secret'*) silent=$((silent + 1)) ;;
	esac
done
kill $mover
wait $mover 2>/dev/null
is 'a path that is moved during the start' "$silent" 0
rm -r proj/app proj/ppa 2>/dev/null
cat >"$profiles/auto.json" <<END
{"meta": {"name": "auto"}, "extends": "covered", "linux": {"deny_overlap": "auto"}}
END
has 'the profile says auto' "$("$NONO" run -s --profile auto --allow proj -- cat proj/keys/private 2>&1)" "$none"
run "$NONO" run -s --profile auto --deny-overlap=refuse --allow proj -- true
is 'the flag says refuse' "$rc" 1
is 'why: denied' "$("$NONO" why --profile auto --allow proj --path proj/keys/private --op read --json |
	sed -n 's/.*"status": *"\([a-z]*\)".*/\1/p')" denied
is 'why: what is beside' "$("$NONO" why --profile auto --allow proj --path proj/kept/file --op read --json |
	sed -n 's/.*"status": *"\([a-z]*\)".*/\1/p')" allowed

# ---- the read-only tree ----

file=$HOME/.config/outside/file
full=(-s --namespaces=full --workdir proj --allow proj --read "$HOME/.config/outside" --read-file "$work/beside/file")
# metadata NAME SCRIPT: EROFS under full; without that tree the owner may.
metadata() {
	local mode
	for mode in $modes; do
		run "$NONO" $mode "${full[@]}" -- sh -c "$2"
		has "$mode: $1" "$out$err" "$readonly_"
	done
	run env NONO_TEST_OFF=read-only-tree "$NONO_TEST" run "${full[@]}" -- sh -c "$2 && echo done"
	has "without the tree: $1" "$out$err" 'done'
}
metadata 'chmod outside write grants' "chmod 644 $file; chmod 600 $file"
metadata 'chmod of a directory' "chmod 700 $HOME/.config"
metadata 'chmod by a name that nothing grants' "chmod 755 $work/beside"
metadata 'chown' "chown $(id -u) $file"
metadata 'utimes' "touch -c -d 2001-01-01 $file"
metadata 'fchmod of a file that is granted for reading' "python3 -c 'import os; os.fchmod(os.open(\"$file\", 0), 0o600)'"
metadata 'fchmod of a single file' "python3 -c 'import os; os.fchmod(os.open(\"$work/beside/file\", 0), 0o644)'"
metadata 'futimens' "python3 -c 'import os; os.utime(os.open(\"$file\", 0), (1, 1))'"
python3 -c "import os; os.setxattr('$file', 'user.nono', b'1'); os.removexattr('$file', 'user.nono')" 2>/dev/null &&
	metadata 'setxattr' "python3 -c 'import os; os.setxattr(\"$file\", \"user.nono\", b\"1\")'"
shared=$(mktemp /dev/shm/nono-test.XXXXXX 2>/dev/null) && {
	metadata 'chmod below /dev' "chmod 644 $shared; chmod 600 $shared"
	rm "$shared"
}
is 'a write grant is as ever' "$("$NONO" run "${full[@]}" -- sh -c 'echo a >src/a && chmod 600 src/a &&
	touch -d 2001-01-01 src/a && mv src/a kept/a && ln kept/a src/b && rm kept/a src/b && echo yes')" yes
is 'the private temporary directory' "$("$NONO" run "${full[@]}" -- sh -c 'echo a >"$TMPDIR/a" && chmod 600 "$TMPDIR/a" && echo yes')" yes
is '/dev' "$("$NONO" run "${full[@]}" -- sh -c 'echo a >/dev/null && head -c1 /dev/zero | wc -c')" 1
run "$NONO" run "${full[@]}" -- sh -c 'mount -o remount,rw / 2>&1; python3 -c "
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
print(libc.mount(None, b\"/\", None, 32|4096, None), os.strerror(ctypes.get_errno()))"'
has 'it cannot be made writable' "$out" '-1 Operation not permitted'
narrow=(-s --workdir proj --allow proj --read proj/kept)
run "$NONO" run --namespaces=full "${narrow[@]}" -- sh -c 'cat kept/file; echo a >kept/a'
has 'a read grant inside a write grant narrows it' "$err" "$readonly_"
is 'and can be read' "$out" content
run "$NONO" run --namespaces=full --workdir proj --allow proj --read proj/kept -- true
case $err in
*'has no effect'*) not_ok 'it is told of as it is' "$err" ;;
*) ok 'it is told of as it is' ;;
esac
for asked in 'kept/file write denied' 'kept/file read allowed' 'src/main.c write allowed'; do
	read -r path op word <<<"$asked"
	is "why: $asked" "$("$NONO" why --namespaces=full --allow proj --read proj/kept \
		--path "proj/$path" --op "$op" --json 2>/dev/null | sed -n 's/.*"status": *"\([a-z]*\)".*/\1/p')" "$word"
done
run "$NONO" run "${narrow[@]}" -- sh -c 'echo a >kept/a && rm kept/a'
is 'without namespaces it does not' "$rc" 0
run "$NONO" run --namespaces=full "${narrow[@]}" --read-file proj/src/main.c -- sh -c 'mv src other'
has 'what lies on the way to it cannot be moved' "$err" 'Device or resource busy'
is 'nothing was moved' "$(ls -d proj/src)" proj/src

# ---- what the user's tools run later --------------------------------------------------------------

repository=$work/repository
mkdir -p "$repository/.git/hooks" "$repository/.nono" "$work/worktree"
printf '[core]\n' >"$repository/.git/config"
printf '{}\n' >"$repository/.nono/p.json"
printf 'gitdir: %s\n' "$repository/.git" >"$work/worktree/.git"
# later NAME ERROR GRANT... -- COMMAND: refused with the option, done without.
later() {
	local name=$1 error=$2 options=()
	shift 2
	while [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	run "$NONO" run -s --allow "$repository" --allow "$work/worktree" --workdir "$repository" "${options[@]}" -- sh -c "$2"
	has "$name" "$err" "$error"
	run "$NONO" run -s --allow "$repository" --allow "$work/worktree" --workdir "$repository" "${options[@]:1}" -- sh -c "$2 && $3"
	is "$name: without the option" "$rc" 0
}
later 'protect-git: a hook' "$readonly_" --protect-git -- 'echo a >.git/hooks/post-commit' 'rm .git/hooks/post-commit'
later 'protect-git: the configuration' "$readonly_" --protect-git -- 'echo >>.git/config' true
later 'protect-git: its name' 'Device or resource busy' --protect-git -- 'mv .git/config .git/a' 'mv .git/a .git/config'
later 'protect-git: the repository' 'Device or resource busy' --protect-git -- 'mv .git a' 'mv a .git'
later 'protect-git: the granted directory' 'Device or resource busy' --protect-git --allow "$work" -- \
	"mv $repository ${repository}2" "mv ${repository}2 $repository"
later 'protect-git: the file of a working tree' "$readonly_" --protect-git -- "echo >>$work/worktree/.git" true
later 'protect-git: a granted .git' "$readonly_" --protect-git --allow "$repository/.git" -- 'echo >>.git/config' true
later 'protect-project-policy' "$readonly_" --protect-project-policy -- 'echo a >.nono/q.json' 'rm .nono/q.json'
is 'protect-git: git works' "$("$NONO" run -s --allow "$repository" --workdir "$repository" --protect-git -- sh -c "cd $repository && echo a >a && rm a && echo yes")" yes
run "$NONO" run -s --allow "$repository" --workdir "$repository" --protect-git --namespaces=off -- true
is 'protect-git: without namespaces' "$rc ${err%%;*}" '2 error: --protect-git needs a mount namespace'
mv "$repository/.git/hooks" "$repository/hooks"
run "$NONO" run --allow "$repository" --workdir "$repository" --protect-git -- true
has 'protect-git: no hooks' "$err" "'$repository/.git/hooks' does not exist: --protect-git cannot keep the program from making it"
ln -s ../hooks "$repository/.git/hooks"
run "$NONO" run -s --allow "$repository" --workdir "$repository" --protect-git -- true
is 'protect-git: a link' "$rc" 1
has 'protect-git: a link: told' "$err" "'$repository/.git/hooks' is a symbolic link"

printf 'a\n' >beside/one
is 'a single file' "$("$NONO" run -s --workdir proj --namespaces=full --allow proj --allow-file beside/one -- sh -c "echo b >$work/beside/one; chmod 600 $work/beside/one && cat $work/beside/one")" b
plant two/file
is 'two write grants are two mounts' "$("$NONO" run -s --workdir proj --namespaces=full --allow proj --allow two -- \
	sh -c "mv $work/two/file $work/proj/src/moved && cat $work/proj/src/moved; ln $work/proj/src/moved $work/two/x 2>&1")" \
	"$(printf 'content\nln: failed to create hard link %s: Invalid cross-device link' "'$work/two/x' => '$work/proj/src/moved'")"
rm -f proj/src/moved
is 'together with masks' "$("$NONO" run --namespaces=require "${cover[@]}" -- \
	sh -c "cat keys/private 2>&1; echo a >src/a && rm src/a && chmod 600 $file 2>&1")" \
	"$(printf 'cat: keys/private: No such file or directory\nchmod: changing permissions of %s: Read-only file system' "'$file'")"
is 'nothing is mounted outside' "$(grep -c -- ' - tmpfs nono ' /proc/self/mountinfo)" 0

# ---- in a session with a terminal, and in what is said about it ----

pty=$tools/cli/pty
has 'on a terminal: covered' "$("$pty" -- "$NONO" run "${cover[@]}" -- sh -c 'tty; cat keys/private')" "$none"
has 'on a terminal: its devpts' "$("$pty" -- "$NONO" run "${cover[@]}" --namespaces=full -- sh -c 'tty')" /dev/pts/0
has 'on a terminal: read-only' "$("$pty" -- "$NONO" run "${full[@]}" -- sh -c "chmod 600 $file")" "$readonly_"
run "$NONO" run --strict -s --workdir proj --allow proj -- true
is '--strict: exit code' "$rc" 1
has '--strict: what would hold only in part' "$err" 'unix sockets'
run "$NONO" run --strict -s --workdir proj --block-net --allow proj -- true
[ "$landlock" -lt 6 ] || is '--strict with everything enforced' "$rc" 0
run "$NONO" wrap --strict -s --workdir proj --allow proj -- true
is 'wrap --strict: exit code' "$rc" 1

# ---- in a chroot ----

# Whoever enters the namespace stands at its root: a chroot would be left, and what was mounted in it.
mkdir root
# chrooted COMMAND...: with a user's own mount capability, / seen through another mount.
chrooted() {
	# shellcheck disable=SC2016
	unshare -Urm sh -c 'mount --rbind / root && exec chroot root sh -c "cd \"\$0\" && exec \"\$@\"" "$@"' sh "$work" "$@"
}
if [ "$(chrooted echo works 2>/dev/null)" = works ]; then
	for mode in $modes; do
		run chrooted "$NONO" $mode "${cover[@]}" -- cat keys/private
		case $out in *secret*) not_ok "$mode: in a chroot, a mask" 'the secret was read' ;; esac
		is "$mode: in a chroot, a mask: refused" "$rc" 1
		has "$mode: in a chroot, a mask: why" "$err" 'started in a chroot'
		run chrooted "$NONO" $mode --workdir proj --namespaces=full --allow proj -- echo works
		is "$mode: in a chroot, full: goes on" "$out" works
		has "$mode: in a chroot, full: told" "$err" 'can still be given other modes and owners'
	done
else
	skip 'in a chroot' 'this system lets nobody make one'
fi

# ---- denied in /proc, which is readable as a whole ----

in_proc() {
	echo "{\"filesystem\": {\"deny\": [\"$1\"]}}" >"$profiles/proc.json"
	shift
	run "$NONO" run -s --profile proc --workdir proj --allow proj "$@"
}
in_proc /proc/meminfo -- cat /proc/meminfo
is 'a denied file of /proc: refused by default' "$rc $(grep -c "overlaps allowed parent" <<<"$err")" '1 1'
in_proc /proc/meminfo --deny-overlap=auto -- sh -c 'test -r /proc/uptime && wc -c </proc/meminfo'
is 'a denied file of /proc: covered' "$out" 0
in_proc /proc/sys/kernel --deny-overlap=auto -- cat /proc/sys/kernel/ostype
has 'a denied directory of /proc: covered' "$err" "$none"
in_proc /proc/self/environ --deny-overlap=auto -- true
is 'what is another file in every process: refused' "$rc" 1

# Below a directory that a group grants, not a flag: what is above cannot be moved there either.
in_tmp=$(mktemp -d /tmp/nono-mounts.XXXXXX)
plant "$in_tmp/a/keys/private" 'the secret'
echo "{\"filesystem\": {\"deny\": [\"$in_tmp/a/keys\"]}}" >"$profiles/group.json"
for off in none masks; do
	run env NONO_TEST_OFF=${off#none} "$NONO_TEST" run -s --profile group --deny-overlap=auto --workdir proj \
		--allow proj -- sh -c "mv $in_tmp/a $in_tmp/b"
	case $off in
	none) has 'below a grant of a group: moving what is above' "$err" 'Device or resource busy' ;;
	masks) is 'without masks: it is moved' "$rc" 0 ;;
	esac
done
rm -r "$in_tmp"

# One descriptor for each write grant, when few are allowed.
mkdir many
grants=()
for i in $(seq 70); do
	mkdir many/$i
	grants+=(--allow "$work/many/$i")
done
is 'many write grants with few descriptors' "$( (ulimit -S -n 64; "$NONO" run -s --namespaces=require --workdir "$work/many/7" \
	"${grants[@]}" -- sh -c 'touch a && echo works') 2>&1)" works

# ---- where the system gives no namespace ----

# No user namespace may be made any more, and no capability is left.
# shellcheck disable=SC2016
without=(unshare -U --map-current-user --keep-caps sh -c 'echo 0 >/proc/sys/user/max_user_namespaces && exec setpriv \
	--ambient-caps=-all --inh-caps=-all "$@"' sh)
for mode in $modes; do
	run "${without[@]}" "$NONO" $mode "${cover[@]}" -- cat keys/private
	case $out in *secret*) not_ok "$mode: no namespace, a mask" 'the secret was read' ;; esac
	is "$mode: no namespace, a mask: refused" "$rc" 1
	has "$mode: no namespace, a mask: why" "$err" 'gives the session no mount namespace: unshare'
	run "${without[@]}" "$NONO" $mode -s --workdir proj --namespaces=require --allow proj -- true
	is "$mode: no namespace, require: refused" "$rc" 126
	run "${without[@]}" "$NONO" $mode --workdir proj --namespaces=full --allow proj -- echo works
	is "$mode: no namespace, full: goes on" "$out" works
	has "$mode: no namespace, full: told" "$err" 'can still be given other modes and owners'
done
run "${without[@]}" "$NONO" run -s --strict --workdir proj --block-net --namespaces=full --allow proj -- true
is 'no namespace, full and strict: refused' "$rc" 1

is 'the project is as it was at the start' "$(tree_hash)" "$before"
finish
