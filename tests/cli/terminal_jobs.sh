#!/bin/bash
# A session as a job of an interactive shell: stop, continue, background; keys typed ahead, flow
# control, hang-up. And whatever is killed: the modes of the terminal are as before, nothing is left.
. "${NONO_TOP:-$(dirname "$0")/../..}/tests/harness/lib.sh"
. "$NONO_TOP/tests/harness/launch.sh"
. "$NONO_TOP/tests/harness/tmux.sh"
trap close_tmux EXIT
only=${1:-} # by hand: a part of a name

mkdir work
cd work || exit 2
export LANG=C.UTF-8 NONO_TEST
for i in $(seq 100); do echo "line $i of the text"; done >text
cat >rc <<'RC'
PS1='outer$ '
vim() { nono run -s --allow . -- vim -u NONE -N -i NONE --cmd 'set ttimeout ttimeoutlen=20' text; }
nono() { "$NONO" "$@"; }
pty_modes() { stty -a >"$1"; }
RC
word=4$(printf '%06d' $((($$ * 7 + RANDOM) % 1000000)))

open_shell() {
	open_pane env -u NONO_TEST_ATTACK bash --noprofile --rcfile "$PWD/rc" -i
	await 'outer$'
	type_line 'stty -a >../before'
	await 'outer$ stty'
}

type_line() {
	type_text "$1"
	press Enter
}

# check NAME TEXT: the screen shows it in time.
check() {
	if await "$2" "${3:-10}"; then
		ok "$1"
	else
		not_ok "$1" "no '$2'"
	fi
}

wanted() {
	[ -z "$only" ] || [[ $1 == *"$only"* ]]
}

modes_kept() {
	rm -f ../after
	type_line ' stty -a >../after; echo "mo""des"'
	await modes || true
	wait_until 5 [ -s ../after ]
	is "$1" "$(cat ../after)" "$(cat ../before)"
}

# pid_of guardian|broker|shim|screen|program: the process of the session that runs in the pane. Others
# of the same name may be about: only descendants of the pane's shell count.
pid_of() {
	ps -A -o pid=,ppid=,comm= | awk -v who="$1" -v top="$(tm display-message -p -t $pane '#{pane_pid}')" '
		{ parent[$1] = $2; name[$1] = $3; program[$2] = $1 }
		END {
			for (p in name) {
				for (q = p; q > 1 && q != top; q = parent[q])
					;
				if (q != top)
					continue
				if (name[p] == "nono-screen")
					found["screen"] = p
				if (name[p] != "nono-broker")
					continue
				depth = 0
				for (q = parent[p]; name[q] == "nono-broker"; q = parent[q])
					depth++
				found[depth == 0 ? "guardian" : depth == 1 ? "broker" : "shim"] = p
			}
			found["program"] = program[found["shim"]]
			print found[who]
		}'
}

session=()
# Note the processes of the session, for nothing_left.
note_session() {
	local who
	session=()
	for who in guardian broker shim screen program; do
		session+=("$(pid_of $who)")
	done
}

all_gone() {
	local p
	for p in "${session[@]}"; do
		[ -z "$p" ] || ! kill -0 "$p" 2>/dev/null || return 1
	done
	[ -z "$(processes_with "$word")" ]
}

nothing_left() {
	if wait_until 8 all_gone; then
		ok "$1"
	else
		not_ok "$1" "of ${session[*]} or $(processes_with "$word" | tr '\n' ' ')"
		# shellcheck disable=SC2046
		kill -9 $(processes_with "$word") 2>/dev/null
	fi
	session=()
}

# ---- stop and continue ------------------------------------------------------------------------

if wanted vim; then
	open_shell
	type_line vim
	await 'line 20 of' || not_ok 'vim starts' 'no text'
	note_session
	type_text 'ichanged '
	press Escape
	await changed
	shot first
	press C-z
	check '^Z on nono run vim: the shell is back' 'Stopped'
	modes_kept '^Z on nono run vim: modes of the shell'
	is '^Z leaves the alternate screen' "$(tm display-message -p -t $pane '#{alternate_on}')" 0
	type_line fg
	await 'changed line 1' || not_ok 'fg after ^Z' 'vim is not back'
	shot second
	is 'fg: the picture is as before' "$(cat "$shots/second")" "$(cat "$shots/first")"
	resize_pane 90 20
	await 'line 19 of'
	press C-z
	await Stopped
	resize_pane 80 24
	type_line fg
	await 'line 23 of'
	shot third
	is 'fg after a resize in the shell: the picture' "$(cat "$shots/third")" "$(cat "$shots/first")"
	type_text ':q!'
	press Enter
	await 'outer$'
	modes_kept 'vim ended: modes of the shell'

	nothing_left 'vim: nothing is left'
	close_pane
fi

# Stopped and continued from elsewhere; less does what a full-screen program should.
if wanted less; then
	open_shell
	type_line "nono run -s --allow . -- less text"
	await 'line 20 of'
	note_session
	shot first
	kill -TSTP "$(pid_of guardian)"
	check 'kill -TSTP of nono: the shell is back' 'Stopped'
	modes_kept 'kill -TSTP of nono: modes of the shell'
	kill -CONT "$(pid_of guardian)"
	sleep 0.5
	type_line 'echo still the "shell'"'"'s"'
	check 'kill -CONT while the shell has the terminal: the shell keeps it' "still the shell's"
	type_line fg
	await 'line 20 of' || not_ok 'fg after kill -CONT' 'less is not back'
	shot second
	# less asks anew in its last line, as it does without nono.
	is 'fg after kill -TSTP: the picture' "$(head -n 23 "$shots/second")" "$(head -n 23 "$shots/first")"
	press C-z
	await Stopped || not_ok '^Z after kill -TSTP' 'it does not stop'
	type_line 'clear; bg; sleep 0.5; jobs'
	check 'bg: the shell lives on' '[1]'
	modes_kept 'bg: modes of the shell'
	type_line fg
	# The old picture may still be there: what is typed now must not reach the shell.
	sleep 1
	await 'line 20 of' || not_ok 'fg after bg' 'less is not back'
	type_text q
	await 'outer$'
	type_line 'echo "ag""ain"'
	await again
	modes_kept 'less ended: modes of the shell'
	nothing_left 'less: nothing is left'
	close_pane
fi

# On the main screen the shell writes between the program's lines: the same picture as without nono.
question() {
	open_shell
	type_line "under=\"$2\"; clear"
	sleep 0.3
	type_line '$under /bin/sh question.sh'
	await 'one>'
	sleep 0.3
	press C-z
	await Stopped
	type_line 'echo an"other line"; echo and an"other"'
	await 'and another'
	type_line fg
	sleep 0.7
	type_line typed
	await 'two>'
	type_line more
	await 'and more' && await 'outer$'
	settle
	shot "$1"
	tm display-message -p -t $pane '#{cursor_x},#{cursor_y}' >>"$shots/$1"
	close_pane
}

if wanted question; then
	cat >question.sh <<'PROGRAM'
printf 'one> '; read -r a; echo "got $a"; printf 'two> '; read -r b; echo "and $b"
PROGRAM
	question plain ''
	question nono '$NONO run -s --allow . --'
	has '^Z and fg on the main screen: it went on' "$(cat "$shots/nono")" 'and more'
	is '^Z and fg on the main screen: lines and cursor are where they are without nono' \
		"$(cat "$shots/nono")" "$(cat "$shots/plain")"
fi

# The kernel echoes ^Z a moment after it has stopped the program; by then the broker may be giving the
# terminal back.
if wanted last-words; then
	for delay in 0 5; do
		run "$tools/cli/last_words" "$(dirname "$NONO")/nono-screen" $delay
		has "the echo of ^Z, ${delay} ms late: shown before the shell's prompt" "$out" 'early late'
	done
fi

# What reaches the terminal from the background, whose modes are the shell's: raw bytes.
bytes_of() {
	rm -f bytes
	open_shell
	type_line "under='$1'; clear"
	sleep 0.3
	tm pipe-pane -t $pane "cat >$(printf %q "$PWD/bytes")"
	type_line "\$under /bin/sh -c 'sleep 0.7; echo be''gin; echo middle; printf \"a\\rb\\n\"; echo en''d' & sleep 3; echo ov''er"
	await over 15
	sleep 0.3
	close_pane
	LC_ALL=C sed -n '/begin/,/end/p' bytes | od -An -c
}

if wanted line-ends; then
	plain=$(bytes_of '')
	has 'control: a program in the background' "$plain" 'e   n   d'
	is 'in the background: the same bytes as without nono' "$(bytes_of 'nono run -s --allow . --')" "$plain"
fi

if wanted background; then
	open_shell
	type_line "nono run -s --allow . -- /bin/sh -c 'sleep 1; echo from the background; read line; echo got \$line' &"
	check 'in the background: the program prints' 'from the background'
	modes_kept 'in the background: modes of the shell'
	sleep 0.5
	type_line fg
	sleep 0.7
	type_line typed
	check 'fg of a background session: it reads the terminal' 'got typed'
	await 'outer$'
	modes_kept 'after fg of a background session: modes'
	type_line clear
	sleep 0.3
	type_line "nono run -s --allow . -- /bin/bash -c 'for i in {1..40}; do echo tick \$i; sleep 0.1; done; echo finished'"
	await 'tick 5'
	press C-z
	await Stopped
	type_line bg
	check 'bg: the program goes on' finished
	modes_kept 'bg of a program that prints: modes'
	nothing_left 'background: nothing is left'
	close_pane
fi

# Kitty's key modes stack up on the terminal: the shell's own must be on top of the stack while it types.
if wanted stack; then
	rm -f bytes
	open_shell
	cat >kitty.sh <<'PROGRAM'
printf '\033[>1u'; echo ready; read -r a; printf '\033[<u\033[>5u'; read -r b; printf '\033[<u'; echo "got $a $b"
PROGRAM
	tm pipe-pane -t $pane "cat >$(printf %q "$PWD/bytes")"
	type_line 'nono run -s --allow . -- /bin/sh kitty.sh'
	await ready
	press C-z
	await Stopped
	type_line 'bg; sleep 0.5; echo "in the ""background"'
	await 'in the background'
	kitty() {
		LC_ALL=C grep -ao $'\033\\[[<>=][0-9;]*u' bytes | tr '\033\n' '  '
	}
	is 'bg on the main screen: no key modes on the terminal of the shell' "$(kitty)" ' [>1u  [<u '
	type_line fg
	sleep 1
	type_line one
	type_line two
	check 'fg after bg on the main screen: it goes on' 'got one two'
	sleep 0.3
	is 'fg after bg on the main screen: key modes are there once' "$(kitty)" \
		' [>1u  [<u  [>1u  [<u  [>5u  [<u '
	await 'outer$'
	: >bytes
	type_line "nono run -s --allow . -- /bin/sh kitty.sh &"
	await ready
	type_line fg
	sleep 1
	type_line one
	type_line two
	check 'fg of a background session with key modes: it goes on' 'got one two'
	sleep 0.3
	is 'fg of a background session: key modes are there once' "$(kitty)" ' [>1u  [<u  [>5u  [<u '
	close_pane
fi

if wanted inner; then
	open_shell
	# Job control inside must not be taken for that of the session.
	type_line "nono shell -s --shell /bin/bash --allow ."
	sleep 1.5
	type_line "PS1='in''ner\$ '"
	await 'inner$'
	note_session
	type_line "sleep $word"
	sleep 0.7
	press C-z
	check '^Z inside nono shell: the inner shell has it' 'Stopped'
	type_line 'jobs -p | wc -l; fg'
	sleep 0.5
	press C-c
	type_line 'echo "in""side $?"'
	check '^C inside nono shell: the inner program has it' 'inside 130'
	type_line 'kill -STOP $$; echo "aft""er stop"'
	check 'a shell that stops itself stops the session' 'Stopped'
	type_line fg
	check 'and goes on with fg' 'after stop'
	type_line 'exit 7'
	sleep 0.5
	type_line 'echo "co""de $?"'
	await 'outer$'
	modes_kept 'nono shell: modes'
	nothing_left 'nono shell: nothing is left'
	close_pane
fi

# ---- keys -------------------------------------------------------------------------------------

if wanted keys; then
	open_shell
	rm -f typed begun go
	# shellcheck disable=SC2016
	type_line 'until [ -e typed ]; do sleep 0.1; done; nono run -s --allow . -- /bin/sh -c '\''touch begun
until [ -e go ]; do sleep 0.1; done; read a; read b; echo "<$a> <$b>"'\''; read c; echo "{$c}"'
	type_line one
	await '^one'
	touch typed
	type_line two
	wait_until 10 test -e begun || not_ok 'typed ahead' 'it did not start'
	type_line three
	settle
	touch go
	check 'typed ahead: before and during the start, in order' '<one> <two>'
	type_line four
	check 'typed behind the end: the next program has it' '{four}'
	modes_kept 'typed ahead: modes'
	type_line clear
	sleep 0.3
	type_line "nono run -s --allow . -- /bin/bash -c 'i=0; while :; do echo tick \$((i++)); sleep 0.05; done'"
	await 'tick 10'
	press C-s
	sleep 0.5
	settle
	before=$(screen_text)
	sleep 0.5
	is '^S stops the output' "$(screen_text)" "$before"
	press C-q
	sleep 0.5
	if [ "$(screen_text)" != "$before" ]; then
		ok '^Q lets it go on'
	else
		not_ok '^Q lets it go on' 'the picture is the same'
	fi
	press C-s
	sleep 0.3
	press C-c
	check '^C ends the program, also after ^S' 'outer$'
	await 'outer$'
	sleep 0.5
	modes_kept '^S and ^C: modes'
	type_line clear
	sleep 0.3
	type_line "nono run -s --allow . -- cat; echo \"en\"\"d \$?\""
	sleep 0.7
	type_line words
	press C-d
	check '^D ends the input' 'end 0'
	nothing_left 'keys: nothing is left'
	close_pane
fi

# ---- the end of everything --------------------------------------------------------------------

tree="setsid sleep $word & (sleep $word &); printf '\\033[?1049h\\033[?1003h\\033[?2004h\\033[?25l'; echo ready; exec sleep $word"

if wanted hang-up; then
	open_shell
	type_line "nono run -s --allow . -- /bin/sh -c \"setsid sleep $word & echo rea''dy; exec sleep $word\""
	await ready
	note_session
	close_pane
	nothing_left 'the terminal is closed: nothing is left'
fi

# orphaned KEYS: the shell is killed while its terminal stays: the kernel then tells nobody but the group
# in the foreground, or the one that is stopped. KEYS are typed before, behind the start. With KEYS "&"
# the session starts in the background, and the terminal is closed when no shell is there to tell.
cat >../orphaned.py <<'PY'
import os, pty, select, signal, sys, time
keys, nono, word = sys.argv[1:]
pid, master = pty.fork()
if pid == 0:
    os.execlp("bash", "bash", "--noprofile", "--norc", "-i")
seen = b""
def wait_for(text):
    global seen
    end = time.monotonic() + 10 * int(os.environ.get("TEST_PATIENCE", "1"))
    while text not in seen and time.monotonic() < end:
        if select.select([master], [], [], 0.1)[0]:
            seen += os.read(master, 65536)
    if text not in seen:
        sys.exit("no %r in %r" % (text, seen))
    seen = b""
def command(p):
    try:
        return open(f"/proc/{p}/cmdline", "rb").read().replace(b"\0", b" ")
    except OSError: # it ended meanwhile
        return b""
os.write(master, b"PS1='outer''$ '\n")
wait_for(b"outer$ ")
os.write(master, ("'%s' run -s --allow . -- /bin/sh -c 'echo rea''dy; sleep %s; read a'%s\n" % (nono, word, " &" * (keys == "&"))).encode())
wait_for(b"ready")
if keys == "\032":
    time.sleep(0.3) # a shell that is about to start a command with vfork cannot be stopped
    os.write(master, keys.encode())
    wait_for(b"Stopped")
os.kill(pid, signal.SIGKILL)
os.waitpid(pid, 0)
if keys == "&":
    os.close(master)
end = time.monotonic() + 10
while time.monotonic() < end:
    if not any(b"sleep " + word.encode() in command(p) for p in os.listdir("/proc") if p.isdigit()):
        print("gone")
        sys.exit()
    time.sleep(0.1)
print("left")
PY
if wanted 'killed shell'; then
	is 'the shell is killed: nothing is left' "$(python3 ../orphaned.py '' "$NONO" "$word" 2>&1)" gone
	is 'the shell of a background job is killed, its terminal closed' \
		"$(python3 ../orphaned.py '&' "$NONO" "$word" 2>&1)" gone
	is 'the shell of a stopped job is killed' "$(python3 ../orphaned.py $'\032' "$NONO" "$word" 2>&1)" gone
fi

screen_flags() {
	tm display-message -p -t $pane '#{alternate_on}#{mouse_any_flag}#{cursor_flag}'
}

plain_screen() {
	[ "$(screen_flags)" = 001 ]
}

# killed WHO MESSAGE: `kill -9` of one process of a session that left all modes on.
killed() {
	local who=$1 message=$2 victim
	wanted "kill $who" || return 0
	open_shell
	type_line "nono run -s --allow . -- /bin/sh -c \"$tree\"; echo \"co\"\"de \$?\""
	await ready || not_ok "kill -9 of $who" 'it did not start'
	note_session
	victim=$(pid_of "$who")
	kill -9 "${victim:?}"
	if [ "$who" = guardian ]; then
		# What the shell says of it may stand on the alternate screen that the broker then leaves.
		wait_until 5 plain_screen
		type_line 'echo "sti""ll he""re"'
		check "kill -9 of the $who: the shell is back" 'still here'
	else
		check "kill -9 of the $who: the shell is back" code
	fi
	if [ -n "$message" ]; then
		check "kill -9 of the $who: the message" "$message"
	fi
	modes_kept "kill -9 of the $who: modes"
	# The shell does not wait for a broker whose guardian was killed.
	wait_until 5 plain_screen
	is "kill -9 of the $who: alternate screen, mouse and cursor" "$(screen_flags)" 001
	nothing_left "kill -9 of the $who: nothing is left"
	close_pane
}
killed program ''
killed screen 'nono-screen, which draws the terminal, ended'
killed broker 'the broker of this session was killed (signal 9)'
killed guardian 'the guardian of this session was killed'
killed shim 'job-control process of this session was stopped or killed'

if wanted crash; then
	open_shell
	type_line "NONO_TEST_ATTACK=screen:crash \"\$NONO_TEST\" run -s --allow . -- sleep $word"
	check 'the screen crashes at the start: the message' 'nono-screen, which draws'
	await 'outer$'
	modes_kept 'the screen crashes at the start: modes'
	nothing_left 'the screen crashes at the start: nothing is left'
	close_pane
fi

finish
