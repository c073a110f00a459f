#!/bin/bash
# Programs on a terminal: each driven the same way outside and under nono, the pictures compared.
. "${NONO_TOP:-$(dirname "$0")/../..}/tests/harness/lib.sh"
. "$NONO_TOP/tests/harness/launch.sh"
. "$NONO_TOP/tests/harness/tmux.sh"
only=${1:-} # by hand: a part of a name
trap close_tmux EXIT

mkdir work
cd work || exit 2
export LANG=C.UTF-8
for i in $(seq 200); do printf 'line %d: some text to page and edit, Grüße, 漢字\n' "$i"; done >text
cp "$NONO_TOP/tests/cli/full_screen.js" .
grant=(--allow .)
under=("$NONO" run -s "${grant[@]}" --)

# compare NAME DRIVER COMMAND...: DRIVER presses keys and takes shots with `picture LABEL`.
compare() {
	local name=$1 driver=$2 label
	shift 2
	rm -f "$shots"/*
	[ -z "${only:-}" ] || [[ $name == *"$only"* ]] || return 0
	for where in outside inside; do
		if [ $where = outside ]; then
			open_stage "$@"
		else
			open_stage "${under[@]}" "$@"
		fi
		"$driver" || {
			not_ok "$name: $where" 'the script did not get through'
			continue
		}
		await 'END 0' || not_ok "$name: $where" 'it did not end with 0'
		picture end
		[ $where = outside ] || same_modes "$name: modes of the terminal are kept"
	done
	for label in "$shots"/outside.*; do
		label=${label##*/outside.}
		if ! grep -q '[^[:space:]]' "$shots/outside.$label"; then
			not_ok "$name: $label" 'nothing was to be seen'
		elif cmp -s "$shots/outside.$label" "$shots/inside.$label"; then
			ok "$name: $label"
		else
			not_ok "$name: $label" 'the pictures differ'
			diff "$shots/outside.$label" "$shots/inside.$label" | cat -v | head -n 10
		fi
	done
}

picture() {
	shot "$where.$1"
	[ -z "${normal:-}" ] || sed -i -E "$normal" "$shots/$where.$1"
}

# ---- editors and pagers ----

drive_vim() {
	await 'line 20:' || return
	picture opened
	type_text '10Gdd2jihello Grüße 漢字'
	press Escape
	await 'hello Gr' && picture edited || return
	resize_pane 100 30
	await 'line 29:' && picture larger || return
	resize_pane 60 20
	picture smaller
	resize_pane 80 24
	type_text ':set mouse=a number syntax=c'
	press Enter
	picture numbered
	type_text ':q!'
	press Enter
}
compare vim drive_vim vim -u NONE -N -i NONE --cmd 'set ttimeout ttimeoutlen=20' text

drive_less() {
	await 'line 20:' && picture opened || return
	press Space
	await 'line 40:' && picture paged || return
	type_text '/line 150'
	press Enter
	await 'line 150:' && picture found || return
	resize_pane 50 15
	picture resized
	resize_pane 80 24
	# less forgets a key that comes together with SIGWINCH: it leaves read(2) by longjmp.
	await 'line 170:' || return
	type_text q
}
compare less drive_less less text

# What changes by itself is replaced: everything behind the heading of the table, and figures.
drive_top() {
	await 'TIME+' || return
	resize_pane 76 20
	await 'TIME+' && picture table || return
	resize_pane 80 24
	type_text q
}
normal='s/.*(top - |Tasks:|%Cpu|MiB ).*/\1/; /^(.\[[0-9;]*m)* *[0-9]+ /d; s/cursor .*//;
	/^(.\[[0-9;()B]*m?)*$/d'
compare top drive_top top -d 60
normal=
if command -v htop >/dev/null; then
	normal='s/[0-9.:]+//g'
	drive_htop() {
		await 'Quit' || return
		pane_state >"$shots/$where.modes"
		type_text q
	}
	# It writes its settings at the end; in the directory both may write to.
	sensors=()
	[ ! -e /etc/sensors3.conf ] || sensors+=(--read-file /etc/sensors3.conf)
	[ ! -e /etc/sensors.d ] || sensors+=(--read /etc/sensors.d)
	under=("$NONO" run -s "${grant[@]}" "${sensors[@]}" --)
	compare htop drive_htop env HTOPRC="$PWD/htoprc" htop
	under=("$NONO" run -s "${grant[@]}" --)
	normal=
fi

# ---- a shell, and what it is for ----

drive_bash() {
	await '$' || return
	type_text 'sleep 100'
	press Enter
	sleep 0.5
	press C-z
	await Stopped || return
	type_text 'jobs; fg'
	press Enter
	sleep 0.5
	press C-z
	sleep 0.3
	type_text 'bg; jobs; kill %1'
	press Enter
	await 'Running' || return
	sleep 0.3
	type_text 'cat'
	press Enter
	type_text 'echoed'
	press Enter
	press C-c
	sleep 0.2
	type_text 'stty size; echo "state $?"'
	press Enter
	await 'state 0' && picture 'job control' || return
	resize_pane 90 30
	type_text 'stty size; echo "again $?"'
	press Enter
	await 'again 0' && picture resized || return
	resize_pane 80 24
	type_text $'printf \'\\033[38;2;1;2;3mtrue colour\\033[0m 漢 e\\314\\201\\n\'; (exit 0)'
	press Enter
	picture colour
	type_text exit
	press Enter
}
cat >rc <<'RC'
PS1='$ '
bind 'set enable-bracketed-paste on'
RC
normal='s/\[1\] *[0-9]+$/[1]/; s/^\[1\]\+ +Terminated.*//; /^$/d; s/cursor [^ ]* //; s/[0-9]+,[0-9]+//'
compare bash drive_bash bash --noprofile --rcfile rc -i
normal=

drive_python() {
	await '>>>' || return
	type_text 'print("x" * 100, "漢字")'
	press Enter
	press Up
	press Enter
	type_text 'import os; os.get_terminal_size().columns'
	press Enter
	await '80' || return
	type_text 'input("name? ")'
	press Enter
	await 'name?' || return
	type_text someone
	press Enter
	await "'someone'" && picture session || return
	press C-d
}
normal='s/^Python .*|^\[GCC.*//'
compare python drive_python /usr/bin/python3 -E
normal=

drive_nothing() {
	await END
}
compare 'ssh -G' drive_nothing ssh -F /dev/null -G example.org

# ---- full screens ----

drive_node() {
	await bottom && picture opened || return
	type_text $'\e[<0;5;7M'
	await 'event 1b5b3c303b353b374d' && picture mouse || return
	tm set-buffer -b paste 'two
lines'
	tm paste-buffer -p -b paste -t "$pane"
	await 'event 1b5b3230307e' && picture paste || return
	press Up
	await 'event 1b4f41' && picture 'application keys' || return
	resize_pane 100 30
	await 'size 100x30' && picture larger || return
	resize_pane 50 20
	await 'size 50x20' && picture smaller || return
	resize_pane 80 24
	await 'size 80x24' || return
	type_text q
}
if [ -x /usr/bin/node ]; then
	compare node drive_node /usr/bin/node full_screen.js
fi

# A tmux of its own inside, where the system allows a devpts.
drive_tmux() {
	await 'inner$' || return
	type_text 'printf "\033[1;32mgreen\033[0m %s\n" 漢字'
	press Enter
	press C-b
	type_text '%'
	await '│' || return
	type_text 'echo right'
	press Enter
	await 'right' && picture split || return
	resize_pane 100 30
	picture resized
	resize_pane 80 24
	press C-b
	type_text '&'
	await '(y/n)' || return
	type_text y
}
cat >inner.conf <<'CONF'
set -g default-command "exec env PS1='inner$ ' /bin/sh"
set -g status-right ''
set -g status-left ''
set -g window-status-current-format 'window'
set -g escape-time 0
CONF
if unshare -m mount -t devpts none /dev/pts 2>/dev/null ||
	unshare -Urm mount -t devpts none /dev/pts 2>/dev/null; then
	normal='s/\[exited\].*//'
	# shellcheck disable=SC2016 # $$ is the inner shell's
	compare 'tmux inside' drive_tmux \
		sh -c 'unset TMUX; exec tmux -S ./inner.$$ -f inner.conf new-session'
	normal=
else
	skip 'tmux inside' 'this system lets nobody mount a devpts'
fi

# ---- sequences that tmux does not show, on a bare terminal ----

pty=$tools/cli/pty
passes() {
	local name=$1 sequence
	printf -v sequence '%b' "$2"
	has "$name" "$("$pty" -- "${under[@]}" printf '%b' "a$2b")" "a${sequence}b"
}
passes '24-bit colour' '\033[38;2;10;20;30m'
passes 'indexed colour with colons' '\033[38:5:208m'
passes 'kitty keys: push' '\033[>1u'
passes 'kitty keys: pop' '\033[<u'
passes 'modifyOtherKeys' '\033[>4;1m'
passes 'synchronized output' '\033[?2026h'
passes 'bracketed paste' '\033[?2004h'
passes 'mouse reports' '\033[?1003h\033[?1006h'
passes 'focus reports' '\033[?1004h'
passes 'alternate screen' '\033[?1049h'
passes 'cursor shape' '\033[5 q'
passes 'wide, combining and joined characters' '漢e\0314\0201👩‍🚀'
passes 'a hyperlink' '\033]8;;https://example.org\033\\text\033]8;;\033\\'

out=$("$pty" -- "${under[@]}" printf '\033[?1049h\033[?1003h\033[?2004h\033[?25l\033[>1u')
left=${out#*$'\033[>1u'}
for sequence in '[?1049l' '[?1003l' '[?2004l' '[?25h'; do
	has "left behind and undone: $sequence" "$left" $'\033'"$sequence"
done

finish
