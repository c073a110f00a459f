#!/bin/bash
# A devpts of the session's own: terminals inside, none of the user's, no capability left, and what
# happens where the system refuses it.
. "${NONO_TOP:-$(dirname "$0")/../..}/tests/harness/lib.sh"
. "$NONO_TOP/tests/harness/launch.sh"

pty=$tools/cli/pty
mkdir work
cd work || exit 2

# inside [-t] [VARIABLE=VALUE...] [FLAG...] -- COMMAND...: what it prints, without what draws the screen;
# -t: in the test build.
wrapper=()
inside() {
	local nono=$NONO variables=()
	[ "$1" != -t ] || { nono=$NONO_TEST; shift; }
	while [[ $1 == NONO_* ]]; do
		variables+=("$1")
		shift
	done
	env "${variables[@]}" "${wrapper[@]}" "$pty" -- "$nono" run --allow . "$@" 2>&1 |
		sed $'s/\e\\[[0-9;?<>]*[a-zA-Z]//g; s/\e[()].//g; s/\x0f//g; s/\r//g'
}

can_mount=
for kind in -m -Urm; do
	! unshare $kind mount -t devpts none /dev/pts 2>/dev/null || can_mount=1
done
if [ -z "$can_mount" ]; then
	skip 'a devpts of its own' 'this system lets nobody mount one'
	has 'without it the session has a terminal' "$(inside -s -- tty)" /dev/pts/
	finish
fi

# ---- terminals inside ----

is 'the name of the terminal' "$(inside -s -- tty)" /dev/pts/0
is 'what is in /dev/pts' "$(inside -s -- sh -c 'echo /dev/pts/*')" '/dev/pts/0 /dev/pts/ptmx'
is '/dev/ptmx is that ptmx' "$(inside -s -- sh -c 'test /dev/ptmx -ef /dev/pts/ptmx && echo same')" same
is '/dev/tty' "$(inside -s -- sh -c 'echo shown >/dev/tty')" shown
is '/dev/stdin' "$(inside -s -- sh -c 'test -t 0 </dev/stdin && echo shown >/dev/stdout')" shown
is 'script' "$(inside -s -- script -qc 'tty' /dev/null)" /dev/pts/1
is 'openpty' "$(inside -s -- python3 -c 'import os
master, slave = os.openpty()
os.write(slave, b"through\n")
print(os.ttyname(slave), os.read(master, 99).split()[0].decode())')" '/dev/pts/1 through'
if command -v expect >/dev/null; then
	is 'expect' "$(inside -s -- expect -c 'log_user 0; spawn sh -c "stty -echo; read a; echo got \$a"
sleep 0.3; send "word\r"; expect "got word"; puts seen')" seen
fi
# All devpts of the system share one number of terminals: one session must not take what others need.
cat >hoard.py <<'PY'
import errno, os, resource
resource.setrlimit(resource.RLIMIT_NOFILE, (600, 600))
n = 0
try:
    while n < 500:
        os.open("/dev/ptmx", os.O_RDWR | os.O_NOCTTY)
        n += 1
except OSError as e:
    print(n, errno.errorcode[e.errno])
PY
is 'terminals of a session are limited' "$(inside -s -- python3 hoard.py)" '255 ENOSPC'
is 'size and modes come first' "$(inside -s -- sh -c 'stty size; stty -a | grep -o "intr = [^;]*"')" \
	$'24 80\nintr = ^C'
is 'the start directory' "$(inside -s -- pwd)" "$PWD"
is 'what is mounted inside is not outside' "$(grep -c 'ptmxmode=666' <(
	inside -s -- true >/dev/null
	cat /proc/self/mountinfo
))" "$(grep -c 'ptmxmode=666' /proc/self/mountinfo)"

# ---- the user's other terminals ----

# other COMMAND...: with the path of a terminal of the user's in TTY and its file system in DEVICE, held
# open meanwhile, also as descriptor 7 and its directory as 8.
cat >../other.py <<'PY'
import os, sys
master, slave = os.openpty()
os.dup2(slave, 7)
os.set_inheritable(7, True)
os.dup2(os.open("/dev/pts", os.O_RDONLY), 8)
os.set_inheritable(8, True)
os.environ["TTY"] = os.ttyname(slave)
os.environ["DEVICE"] = str(os.fstat(slave).st_dev)
os.environ["HOLDER"] = str(os.getpid())
sys.exit(os.spawnvp(os.P_WAIT, sys.argv[1], sys.argv[1:]))
PY
cat >open.py <<'PY'
import errno, os, sys
kind, name = sys.argv[1:3]
directory = int(sys.argv[3]) if len(sys.argv) > 3 else None
try:
    fd = os.open(name, os.O_RDWR | os.O_NOCTTY, dir_fd=directory)
    print(kind, "opened" if os.fstat(fd).st_dev == int(os.environ["DEVICE"]) else "another")
except OSError as e:
    print(kind, errno.errorcode[e.errno])
PY
# shellcheck disable=SC2016
cat >ways.sh <<'SH'
python3 open.py path "$TTY"
python3 open.py holder "/proc/$HOLDER/fd/7"
python3 open.py root "/proc/$HOLDER/root$TTY"
python3 open.py directory "${TTY##*/}" 8
python3 open.py own /dev/tty
SH
# A name of ours may be the same as one of theirs: "another" is not the user's.
wrapper=(python3 ../other.py)
is 'another terminal, outside' "$(python3 ../other.py sh ways.sh | sed -n 1,4p)" \
	$'path opened\nholder opened\nroot opened\ndirectory opened'
found=$(inside -s --keep-fd 8 -- sh ways.sh | sed 's/^path another/path ENOENT/')
is 'another terminal: every way to it is closed, our own is open' "$found" \
	$'path ENOENT\nholder EACCES\nroot EACCES\ndirectory EACCES\nown another'
tty=$(python3 ../other.py sh -c 'echo $TTY')
is 'a terminal that was granted by name is there' \
	"$(inside -s --allow-file "$tty" -- python3 open.py granted "$tty")" 'granted opened'
wrapper=()

# linux.pty_access "all", in a plan by hand: the terminals of the system.
all_terminals() {
	"$tools/cli/make_plan" --all-terminals --rw "$PWD" ../plan /usr/bin/env DEVICE="$DEVICE" \
		python3 open.py granted "$TTY" &&
		"$pty" -- sh -c 'exec "$0" --plan-fd=5 5<../plan' "$(dirname "$NONO")/nono-broker"
}
export -f all_terminals
export tools pty
said=$(python3 ../other.py bash -c all_terminals)
has '"all": another terminal' "$said" 'granted opened'

# ---- what the namespaces gave is gone ----

caps='grep -E "^Cap(Inh|Prm|Eff|Bnd|Amb)" /proc/self/status | grep -vc "0000000000000000$"'
is 'no capability is left' "$(inside -s -- sh -c "$caps")" 0
# Of an unprivileged user, execve leaves the bounding set alone.
[ "$(id -u)" = 0 ] || is 'with the hook there is some' \
	"$(inside -t NONO_TEST_OFF=caps -s -- sh -c "$caps")" 1
cat >mounts.py <<'PY'
import ctypes, errno, os
libc = ctypes.CDLL(None, use_errno=True)
def tell(name, r):
    print(name, "works" if r == 0 else errno.errorcode[ctypes.get_errno()])
here = os.getcwd().encode()
tell("unshare", libc.unshare(0x10020000))
tell("mount", libc.mount(b"none", here, b"tmpfs", 0, None))
tell("umount", libc.umount2(b"/dev/pts", 2))
tell("pivot_root", libc.syscall({"x86_64": 155}.get(os.uname().machine, 41), here, here))
fd = os.open("/proc/self/ns/mnt", os.O_RDONLY)
tell("setns", libc.setns(fd, 0x20000))
PY
refused=$'unshare EPERM\nmount EPERM\numount EPERM\npivot_root EPERM\nsetns EPERM'
is 'mounts and namespaces are refused' "$(inside -s -- python3 mounts.py)" "$refused"
for off in caps filter-mount landlock-fs; do
	is "they are refused without $off" "$(inside -t NONO_TEST_OFF=$off -s -- python3 mounts.py)" \
		"$refused"
done
got=$(inside -t NONO_TEST_OFF=caps,filter-mount,filter-namespaces,landlock-fs -s -- python3 mounts.py)
has 'without all of these they work' "$got" $'unshare works\nmount works'

# ---- where it is refused ----

# The kernel's own refusal: no user namespace may be made any more, and no capability is left.
# shellcheck disable=SC2016
wrapper=(unshare -U --map-current-user --keep-caps sh -c 'echo 0 >/proc/sys/user/max_user_namespaces && exec setpriv \
	--ambient-caps=-all --inh-caps=-all "$@"' sh)
said=$(inside -v -- sh -c 'tty; script -qc tty /dev/null')
has 'refused: -v says so' "$said" 'programs cannot make terminals of their own in this session: '
has 'refused: and why' "$said" 'this system gives the session no mount namespace: unshare: '
has 'refused: the session has a terminal' "$said" /dev/pts/
has 'refused: script has none' "$said" 'failed to create pseudo-terminal'
has 'refused: another terminal' "$(inside -s -- sh -c 'ls /dev/pts')" 'Permission denied'
wrapper=()
# These two, and the one with the hook.
is 'the records of sessions without tell' \
	"$(grep -l 'terminals inside' "$HOME"/.local/state/nono/audit/*/session.json | wc -l)" 3

# ---- ssh, which wants its configuration to belong to root ----

# Root needs no user namespace.
if [ "$(id -u)" != 0 ] && [ -d /etc/ssh ]; then
	own=$(inside -s --read /etc/ssh -- sh -c 'stat -c %U /etc/ssh; test -e /dev/pts/0 || echo')
	has '/etc/ssh granted: it belongs to root' "$own" root
	has '/etc/ssh granted: told with -v' "$(inside -v --read /etc/ssh -- true)" \
		'cannot make terminals of their own in this session: /etc/ssh is granted'
	is '/etc/ssh not granted: nothing to tell' "$(inside -v -- true | grep -c 'terminals of their own')" 0
fi

finish
