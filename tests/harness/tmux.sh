# For test scripts that look at a terminal: programs on a pane of a tmux server of their own, keys,
# pictures of the screen. After lib.sh and launch.sh.
# shellcheck shell=bash

pane_columns=80 pane_rows=24
pane=stage
tmux_socket=$TMPDIR/tmux
shots=$TMPDIR/shots
mkdir -p "$shots"

cat >"$TMPDIR/tmux.conf" <<'CONF'
set -g status off
set -g escape-time 0
set -g default-terminal tmux-256color
set -g exit-empty off
set -g set-clipboard off
set -ga terminal-overrides ',*:Tc'
CONF

# Started as by a person: the server gets no variable of an outer tmux and a shell that reads nothing.
tm() {
	env -u TMUX -u TMUX_PANE SHELL=/bin/sh tmux -S "$tmux_socket" -f "$TMPDIR/tmux.conf" "$@"
}

# Run "$@" between two looks at the modes of the terminal; END tells that it is over.
cat >"$TMPDIR/stage" <<'STAGE'
#!/bin/bash
at=$1
shift
trap : INT QUIT TSTP
stty -a >"$at.before"
"$@"
code=$?
stty -a >"$at.after"
printf '\nEND %s\n' $code
exec sleep 1000
STAGE
chmod +x "$TMPDIR/stage"

# open_pane COMMAND...: on a fresh terminal of 80x24.
open_pane() {
	local words
	tm kill-session -t "$pane" 2>/dev/null
	printf -v words '%q ' "$@"
	tm new-session -d -s "$pane" -x $pane_columns -y $pane_rows -c "$PWD" "exec $words"
}

# open_stage COMMAND...: the same, with the modes noted before and after.
open_stage() {
	rm -f "$TMPDIR/modes".*
	open_pane "$TMPDIR/stage" "$TMPDIR/modes" "$@"
}

close_pane() {
	tm kill-session -t "$pane" 2>/dev/null
}

close_tmux() {
	tm kill-server 2>/dev/null
}

screen_text() {
	tm capture-pane -p -t "$pane" 2>/dev/null
}

# press KEY...: names as tmux knows them; type_text TEXT: as it is.
press() {
	tm send-keys -t "$pane" "$@"
}

type_text() {
	tm send-keys -t "$pane" -l -- "$1"
}

resize_pane() {
	tm resize-window -t "$pane" -x "$1" -y "$2"
}

shows() {
	case $(screen_text) in *"$1"*) return 0 ;; esac
	return 1
}

shows_not() {
	! shows "$1"
}

# await TEXT: until the screen shows it.
await() {
	wait_until "${2:-10}" shows "$1" && return
	echo "# waited in vain for '$1' on:"
	screen_text | sed '/^$/d; s/^/# /' | cut -c1-100 | tail -n 8
	return 1
}

# Until the picture has not changed for a quarter of a second.
settle() {
	local before='' now same=0 i
	for ((i = 0; i < 100; i++)); do
		now=$(tm capture-pane -e -p -t "$pane")
		if [ "$now" = "$before" ]; then
			same=$((same + 1))
			[ $same -lt 5 ] || return 0
		else
			same=0
		fi
		before=$now
		sleep 0.05
	done
}

pane_state() {
	tm display-message -p -t "$pane" 'alternate #{alternate_on} cursor #{cursor_flag} \
#{cursor_x},#{cursor_y} insert #{insert_flag} keypad #{keypad_cursor_flag}#{keypad_flag} mouse \
#{mouse_all_flag}#{mouse_any_flag}#{mouse_button_flag}#{mouse_sgr_flag}#{mouse_standard_flag} \
origin #{origin_flag} wrap #{wrap_flag} region #{scroll_region_upper}-#{scroll_region_lower}'
}

# shot FILE: picture with colours, and the modes of the terminal.
shot() {
	settle
	{
		tm capture-pane -e -p -t "$pane"
		pane_state
	} >"$shots/$1"
}

same_modes() {
	wait_until 10 [ -s "$TMPDIR/modes.after" ] || {
		not_ok "$1" 'the session did not end'
		return
	}
	is "$1" "$(sed 's/rows [0-9]*; columns [0-9]*;//' "$TMPDIR/modes.after")" \
		"$(sed 's/rows [0-9]*; columns [0-9]*;//' "$TMPDIR/modes.before")"
}
