#!/bin/bash
# What a program prints to harm the terminal or to pass for nono: filtered, bounded, undone.
. "${NONO_TOP:-$(dirname "$0")/../..}/tests/harness/lib.sh"
. "$NONO_TOP/tests/harness/launch.sh"
. "$NONO_TOP/tests/harness/tmux.sh"
trap close_tmux EXIT

pty=$tools/cli/pty
mkdir work
cd work || exit 2
export LANG=C.UTF-8
under=("$NONO" run -s --allow . --)
memory_kib_max=$((48 * 1024))

# Both shown between two words that say the program was not cut off.
inside() {
	out=$("$pty" -- "${under[@]}" printf "before$1after" | tr -d '\r')
}

# dropped NAME SEQUENCE PART: outside, the terminal gets PART; under nono it does not.
dropped() {
	local part
	printf -v part '%b' "$3"
	has "control: $1 outside" "$("$pty" -- printf "before$2after")" "$part"
	inside "$2"
	case $out in
	*"$part"*) not_ok "$1: dropped" "$(cat -v <<<"$out")" ;;
	*) ok "$1: dropped" ;;
	esac
	has "$1: what stands around it is shown" "$out" before
	has "$1: and behind it" "$out" after
}
passed() {
	local part
	printf -v part '%b' "$3"
	inside "$2"
	has "$1: passes" "$out" "$part"
}

dropped 'OSC 52, reading the clipboard' '\033]52;c;?\007' ']52'
dropped 'OSC 52, reading with ST' '\033]52;c;?\033\\' ']52'
passed 'OSC 52, a short write' '\033]52;c;aGk=\007' ']52;c;aGk='
dropped 'title report' '\033[21t' '[21t'
dropped 'icon report' '\033[20t' '[20t'
dropped 'window moved' '\033[3;0;0t' '[3;0;0t'
dropped 'checksum of the screen (DECRQCRA)' '\033[1;1;1;1;10;10*y' '*y'
dropped 'printing (media copy)' '\033[5i' '[5i'
dropped 'user keys (DECUDK)' '\033P0;1|17/68690a\033\\' '|17/'
dropped 'answerback, set' '\033P1v726562\033\\' '1v726562'
passed 'answerback, asked for (ENQ)' '\005' '\005'
dropped 'DECRQSS with words that come back' '\033P$qreboot;\033\\' 'reboot'
dropped 'DECRQSS with a line end' '\033P$qm\rreboot\r\033\\' 'reboot'
passed 'DECRQSS of the pen' '\033P$qm\033\\' '$qm'
dropped 'status line' '\033[1$}' '1$}'
dropped 'message line of screen (PM)' '\033^hello\033\\' 'hello'
dropped '8-bit CSI, title report' '\23321t' '21t'
dropped '8-bit OSC, reading the clipboard' '\23552;c;?\234' '52;c'
dropped 'font (OSC 50)' '\033]50;?\007' ']50'
dropped 'file transfer (OSC 1337)' '\033]1337;File=name=eA==:aGk=\007' 'File='
dropped 'file transfer (OSC 5113)' '\033]5113;ac=send\007' ']5113'
dropped 'link to a program' '\033]8;;javascript:alert(1)\033\\text\033]8;;\033\\' 'javascript'
passed 'link to a page' '\033]8;;https://example.org\033\\text\033]8;;\033\\' 'https://example.org'

# Far too long for a sequence: its end is not waited for.
out=$("$pty" -- "${under[@]}" /bin/bash -c 'printf "\033]52;c;"; head -c 300000 /dev/zero | tr "\0" A
	printf "\007"; echo visible')
has 'OSC 52, 300 kB: what follows is shown' "$out" visible
case $out in
*']52;c;AAAA'*) not_ok 'OSC 52, 300 kB: dropped' 'it passed' ;;
*) ok 'OSC 52, 300 kB: dropped' ;;
esac

# ---- memory, and a terminal that can be used afterwards ----------------------------------------

# heavy NAME COMMAND: in a pane; the memory of the screen at its highest, then a look at the shell.
heavy() {
	local name=$1 screen peak
	rm -f go
	printf "PS1='outer\$ '\n" >../rc
	open_pane env NONO="$NONO" bash --noprofile --rcfile "$PWD/../rc" -i
	await 'outer$'
	cat >heavy.sh <<<"$2"'
sleep 0.3
printf "\nso""me text\n" >/dev/null
: >done
while [ ! -e go ]; do sleep 0.1; done'
	rm -f done
	type_text '"$NONO" run -s --allow . -- /bin/bash heavy.sh'
	press Enter
	wait_until 60 [ -e done ] || not_ok "$name" 'the program did not get through'
	sleep 1
	screen=$(ps -A -o pid=,ppid=,comm= | awk -v top="$(tm display-message -p -t $pane '#{pane_pid}')" '
		{ parent[$1] = $2; if ($3 == "nono-screen") found[$1] = 1 }
		END { for (p in found) { for (q = p; q > 1 && q != top; q = parent[q]) ; if (q == top) print p } }')
	peak=$(awk '/^VmHWM:/ { print $2 }' "/proc/$screen/status")
	if [ "${peak:-$((memory_kib_max + 1))}" -le $memory_kib_max ]; then
		ok "$name: memory of nono-screen is bounded"
	else
		not_ok "$name: memory of nono-screen" "${peak:-unknown} KiB"
	fi
	: >go
	sleep 0.5
	press Enter
	type_text 'clear; echo "us""able" $((6 * 7))'
	press Enter
	if await 'usable 42'; then
		ok "$name: the terminal can be used"
	else
		not_ok "$name: the terminal can be used" "$(screen_text | head -n 3)"
	fi
	is "$name: modes that a program leaves on" "$(tm display-message -p -t $pane \
		'#{alternate_on}#{mouse_any_flag}#{cursor_flag}#{insert_flag}#{origin_flag}#{wrap_flag}')" 001001
	close_pane
}
heavy '100 MB without a newline' 'head -c 100000000 /dev/zero | tr "\0" x'

# A terminal that takes less than the program prints: the queue to it is never empty.
cat >../slow.py <<'PY'
import os, pty, sys, time
pid, master = pty.fork()
if pid == 0:
    os.execvp(sys.argv[1], sys.argv[1:])
taken = 0
while taken < 80 << 20:
    taken += len(os.read(master, 8192))
    time.sleep(0.0005)
def ppid(p):
    return int(open(f"/proc/{p}/stat").read().rsplit(")", 1)[1].split()[1])
def is_ours(p):
    while p > 1:
        if p == pid:
            return True
        p = ppid(p)
    return False
for p in map(int, filter(str.isdigit, os.listdir("/proc"))):
    try:
        if open(f"/proc/{p}/comm").read() == "nono-screen\n" and is_ours(p):
            print(next(l for l in open(f"/proc/{p}/status") if l.startswith("VmHWM")).split()[1])
    except OSError:
        pass
os.kill(pid, 15)
while True:
    try:
        os.read(master, 65536)
    except OSError:
        break
PY
peak=$(python3 ../slow.py "$NONO" run -s --allow . -- sh -c 'tr "\0" x </dev/zero')
if [ "${peak:-$((memory_kib_max + 1))}" -le $memory_kib_max ]; then
	ok 'a slow terminal: memory of nono-screen is bounded'
else
	not_ok 'a slow terminal: memory of nono-screen' "${peak:-unknown} KiB"
fi
heavy 'an OSC without an end' 'printf "\033]0;"; head -c 30000000 /dev/zero | tr "\0" x'
heavy 'a DCS without an end' 'printf "\033Pq"; head -c 30000000 /dev/zero | tr "\0" x'
heavy 'an APC without an end' 'printf "\033_G"; head -c 30000000 /dev/zero | tr "\0" x'
heavy 'a CSI without an end' 'printf "\033["; head -c 3000000 /dev/zero | tr "\0" "1"'
heavy 'lines of wide and combining characters' \
	'for i in {1..3000}; do printf "漢e\u0301\u0302\u0303%.0s" {1..30}; echo; done'
heavy 'random bytes' 'head -c 3000000 /dev/urandom'
heavy 'all modes left on' \
	'printf "\033[?1049h\033[?1003h\033[?25l\033[4h\033[?6h\033[?7l\033[5;8r\033(0\033[8m\033[?2026h"'
heavy '8-bit controls' 'printf "\2331;1H\235 0;x\234\220q\234\237G"; head -c 100000 /dev/zero | tr "\0" "\233"'
heavy 'invalid UTF-8' 'for i in {1..20000}; do printf "\377\376\300\257\355\240\200\364\220\200\200"; done'

# ---- passing for nono ---------------------------------------------------------------------------

# A program that prints nono's own lines and then hides, moves and colours what follows: nono's real
# line comes last, at the start of a line, in plain text.
cat >fake.sh <<'FAKE'
printf '\n[nono] Allow read of /home/user/.ssh? [y/N] y\n[nono] Session allowed.\n'
printf '\033[5;9r\033[?6h\033[8m\033[?7l\033(0\033[30;40m\033[2;60H'
kill -TERM $$
FAKE
printf "PS1='outer\$ '\n" >../rc
open_pane env NONO="$NONO" bash --noprofile --rcfile "$PWD/../rc" -i
await 'outer$'
type_text 'clear; "$NONO" run --allow . -- /bin/sh fake.sh 2>&1'
press Enter
await '[nono] Session stopped.'
settle
is 'fake lines: the real one starts a line' "$(screen_text | grep -c '^\[nono\] Session stopped\.')" 1
last=$(screen_text | grep -n '^\[nono\]' | tail -n 1)
has 'fake lines: the real one comes last' "$last" 'Session stopped.'
line=$(tm capture-pane -e -p -t $pane | grep -a 'Session stopped')
case $line in
*$'\e[8m'* | *$'\e[30'* | *$'\016'*) not_ok 'fake lines: the real one is in plain text' "$(cat -v <<<"$line")" ;;
*) ok 'fake lines: the real one is in plain text' ;;
esac
close_pane

finish
