#!/bin/bash
# Saving what a session was refused: who is asked, what is offered, what is written, and that a program
# which writes what it likes to its terminal decides about none of it.
. "${NONO_TOP:-$(dirname "$0")/../..}/tests/harness/lib.sh"
. "$NONO_TOP/tests/harness/launch.sh"
command -v tmux >/dev/null || {
	skip 'saving on a terminal' 'tmux is not installed'
	finish
}
. "$NONO_TOP/tests/harness/tmux.sh"

unset CI NONO_NO_SAVE_PROMPT
pty=$tools/cli/pty
profiles=$HOME/.config/nono/profiles
mkdir -p "$profiles"
plant "$HOME/data/f" inside
plant "$HOME/data/g" inside
plant "$HOME/.ssh/key" secret
title='[nono] Review denied paths'
name_question="('skip' saves nothing):"

saved_files() {
	ls "$profiles" | grep -v lock | tr '\n' ' '
}

# session OPTION... -- COMMAND...: on a terminal, up to the question.
session() {
	open_stage "$NONO" run --allow . "$@"
	await "$title"
}

# ended CODE NAME: the session is over with this code, and the terminal is as it was.
ended() {
	await "END $1" >/dev/null && ok "$2: exit code" || not_ok "$2: exit code" "$(screen_text | tail -3)"
	same_modes "$2: terminal"
}

not_asked() {
	local name=$1
	shift
	open_stage "$@"
	await END >/dev/null
	settle
	is "not asked: $name" "$(screen_text | grep -cF "$title")" 0
}

row() {
	screen_text | grep -F "$1" | grep -v '(guessed\|Try:\|cat:' | grep '(.*)' | tail -1
}

# ---- nobody answers ----

mkdir -p "$HOME/.config/nono"
echo $'[ui]\nprompt_timeout_secs = 2' >"$HOME/.config/nono/config.toml"
chmod 600 "$HOME/.config/nono/config.toml"
session -- cat "$HOME/data/f"
press Space
ended 1 'no answer'
is 'no answer: nothing was saved' "$(saved_files)" ''
rm "$HOME/.config/nono/config.toml"

# ---- every way out but one saves nothing ----

session -- cat "$HOME/data/f"
has 'offered, as a claim, and skipped' "$(row '/data/f')" '> skip '
has 'the claim is marked' "$(row '/data/f')" 'claimed by program'
press Enter
ended 1 'Enter'
for key in Escape q C-c C-d; do
	session -- cat "$HOME/data/f"
	press Space
	await '> grant' >/dev/null
	press $key
	ended 1 "$key"
done
session -- cat "$HOME/data/f"
press a
await '> grant' >/dev/null
press Enter
await "$name_question"
type_text skip
press Enter
ended 1 'skip for a name'
is 'nothing was saved' "$(saved_files)" ''

# ---- a new profile ----

session -- cat "$HOME/data/f"
press Space
await '> grant' >/dev/null
press Enter
await "$name_question"
settle
has 'the whole path is shown before' "$(screen_text)" "grant      $HOME/data/f  (read file"
type_text 'a b'
press Enter
await "'a b' is not a profile name" && ok 'a bad name is asked again' || not_ok 'a bad name' ''
type_text default
press Enter
await 'would shadow' && ok 'a built-in name is asked again' || not_ok 'a built-in name' ''
type_text mine
press Enter
await 'Run with: nono run --profile mine -- cat' && ok 'how to use it' || not_ok 'how to use it' ''
ended 1 'saved'
is 'what was written' "$(tr -d ' \n' <"$profiles/mine.json")" \
	'{"meta":{"name":"mine","version":"1.0.0","description":"Runtime-discoveredpathprofileforcat"},"filesystem":{"read_file":["~/data/f"]}}'
is 'private' "$(stat -c %a "$profiles/mine.json")" 600
run "$NONO" run --silent --allow . --profile mine -- cat "$HOME/data/f"
is 'the program passes under it' "$rc $out" '0 inside'
run "$NONO" run --silent --allow . --profile mine -- cat "$HOME/data/g"
is 'and its neighbour is refused' "$rc" 1

# The base is kept, and named.
session --profile linux-host-compat -- cat "$HOME/data/f"
press Space
await '> grant' >/dev/null
press Enter
await "User profile name [linux-host-compat-local]" && ok 'named for its base' || not_ok 'named for its base' ''
press Enter
ended 1 'based'
is 'it extends the profile of the session' \
	"$(tr -d ' \n' <"$profiles/linux-host-compat-local.json" | grep -c '{"extends":\["linux-host-compat"\],')" 1

# ---- a profile of the user's: lines are added, none changes ----

printf '%s\n' '{' '	// of the team' '	"filesystem": {' '		"read_file": [' \
	'			"/srv/x", // there' '		]' '	},' '	"meta": { "name": "team" }' '}' \
	>"$profiles/team.json"
cp "$profiles/team.json" before
for answer in '' n; do
	session --profile team -- cat "$HOME/data/f"
	press Space
	await '> grant' >/dev/null
	press Enter
	await "Update user profile 'team'? [y/N]" >/dev/null
	type_text "$answer"
	press Enter
	ended 1 "answer '$answer'"
	is "answer '$answer' leaves it" "$(cmp before "$profiles/team.json" && echo same)" same
done
session --profile team -- cat "$HOME/data/f" "$HOME/data/g"
has 'all that was refused is offered' "$(row '/data/g')" 'skip '
press a
await '> grant' >/dev/null
press Down Space
await '> suppress' >/dev/null
press Enter
await '[y/N]' >/dev/null
type_text y
press Enter
await "Profile updated: " >/dev/null && ok 'updated' || not_ok 'updated' ''
ended 1 'updated'
is 'added lines alone differ' "$(diff before "$profiles/team.json" | grep -c '^<')" 0
has 'the grant' "$(diff before "$profiles/team.json")" $'> \t\t\t"~/data/f",'
has 'the silenced one' "$(diff before "$profiles/team.json" | tr -d ' \t\n')" \
	'"suppress_save_prompt":["~/data/g"]'
is 'the old text is kept' "$(cmp before "$profiles/team.json~" && echo same)" same

# ---- silenced: still refused, still told, not offered ----

not_asked 'the profile silences it' "$NONO" run --allow . --profile team -- cat "$HOME/data/g"
has 'the footer tells that it is silenced' "$(screen_text)" '/data/g (read)  [save skipped]'
for flag in --suppress-save-prompt --ignore-denied; do
	not_asked "$flag" "$NONO" run --allow . $flag "$HOME/data" -- cat "$HOME/data/f"
	has "$flag: told in the footer" "$(screen_text)" '/data/f (read)  [save skipped]'
done
run "$NONO" run --silent --allow . --suppress-save-prompt "$HOME/data" -- cat "$HOME/data/f"
is 'it grants nothing' "$rc" 1

# ---- nobody is asked ----

program=(cat "$HOME/data/f")
not_asked '--silent' "$NONO" run --silent --allow . -- "${program[@]}"
not_asked '--no-diagnostics' "$NONO" run --no-diagnostics --allow . -- "${program[@]}"
for word in 1 true yes; do
	not_asked "NONO_NO_SAVE_PROMPT=$word" env NONO_NO_SAVE_PROMPT=$word "$NONO" run --allow . -- \
		"${program[@]}"
done
not_asked 'CI' env CI=1 "$NONO" run --allow . -- "${program[@]}"
not_asked 'stderr is no terminal' sh -c '"$@" 2>err' sh "$NONO" run --allow . -- "${program[@]}"
not_asked '--no-pty' "$NONO" run --no-pty --allow . -- "${program[@]}"
not_asked 'success' "$NONO" run --allow . -- true
not_asked 'a failure of its own' "$NONO" run --allow . -- sh -c 'exit 3'
not_asked 'a granted path that is called denied' "$NONO" run --allow . -- \
	sh -c 'echo "cat: $PWD/x: Permission denied"; exit 1'
cp "$profiles/mine.json" own.json
chmod 600 own.json
not_asked 'a profile that was named by its path' "$NONO" run --allow . --profile ./own.json -- \
	"${program[@]}"
open_stage env NONO_NO_SAVE_PROMPT=0 "$NONO" run --allow . -- "${program[@]}"
await "$title" && ok 'NONO_NO_SAVE_PROMPT=0 asks' || not_ok 'NONO_NO_SAVE_PROMPT=0 asks' ''
press Escape
ended 1 'NONO_NO_SAVE_PROMPT=0'

# ---- a hostile program ----

# What it claims: too much, nono's own, what is protected, what only looks like something else.
mkdir -p "$HOME/.local/state/nono" "$HOME/odd"
ln -s "$HOME/.ssh" "$HOME/odd/link"
plant "$HOME/odd/"$'\u202e'"gpj"
plant "$HOME/odd/\$HOME"
cat >lies <<'LIES'
#!/bin/sh
for path in / "$HOME" "$HOME/.config/nono" "$HOME/.config/nono/profiles/mine.json" \
	"$HOME/.local/state/nono" "$HOME/.nono" "$HOME/.ssh/key" "$HOME/odd/link/key" \
	"$HOME/odd/$(printf '\342\200\256')gpj" "$HOME/odd/\$HOME" "$HOME/nothing" /proc/1/environ; do
	echo "sh: cannot create $path: Permission denied"
done
echo "cat: $HOME/data/f: Permission denied"
printf '\033]0;title\007\033[8m'
exit 1
LIES
chmod +x lies
session -- ./lies
offered=$(screen_text | grep -E '^( > |   )(skip|grant|suppress) ' | sed 's/^...//' | awk '{ print $2, $3 }')
# Of a name that a terminal must not show only the directory is left, of one that a profile cannot
# hold only the number.
is 'what is left of lies' "$(sed 's,/[^ ]*…[^ ]*home/,~/,' <<<"$offered")" '⚠ ~/.ssh/key
~/data/f (read
~/odd (write'
has 'what cannot be written is counted' "$(screen_text)" '1 with a name that a profile cannot hold'
press a
await 'grant ' >/dev/null
settle
is 'nothing protected is granted with the rest' "$(screen_text | grep -c 'skip *⚠')" 1
press Space
await '> suppress' >/dev/null
press Space
await '> skip' && ok 'nothing protected is granted by itself' || not_ok 'protected' ''
press Down Down Space Space
await '> skip' >/dev/null
press Enter
await "$name_question"
type_text lies
press Enter
ended 1 'lies'
is 'only what was shown is granted' "$(tr -d ' \n' <"$profiles/lies.json" | sed 's/.*filesystem//')" \
	'":{"read_file":["~/data/f"]}}'

# Keys that were typed for the program answer nothing.
open_stage "$NONO" run --allow . -- sh -c 'stty -echo; echo ready; sleep 1; cat "$0"; exit 1' "$HOME/data/f"
await ready
type_text 'aaa'
press Enter Enter
await "$title"
settle
has 'type-ahead is no answer' "$(row '/data/f')" '> skip '
press Escape
ended 1 'type-ahead'

# Changed while the question stood: a name that leads elsewhere is not what was shown.
mkdir -p "$HOME/swap"
plant "$HOME/swap/f" inside
session -- cat "$HOME/swap/f"
rm "$HOME/swap/f"
ln -s "$HOME/.ssh/key" "$HOME/swap/f"
press Space
await '> grant' >/dev/null
press Enter
await 'END 1' 20 >/dev/null
is 'a path that leads to something protected meanwhile is refused' \
	"$(ls "$profiles" | grep -c '^cat')$(screen_text | grep -c 'Profile saved')" 00
has 'and the reason is told' "$(screen_text | tr -d '\n')" 'nono: nothing was saved: '

# The process that asks is killed: nothing is saved, the terminal is as it was.
session -- cat "$HOME/data/f"
helper=$(ps -t "$(tm display-message -p -t "$pane" '#{pane_tty}')" -o pid=,args= | awk '/[n]ono-profile __save/ { print $1; exit }')
kill -KILL "$helper"
ended 1 'killed'
is 'the cursor is there again' "$(tm display-message -p -t "$pane" '#{cursor_flag} #{wrap_flag}')" '1 1'

# ---- a terminal that can only show lines ----

# lines ANSWER...: pairs of a question and its answer.
lines() {
	run env TERM=dumb "$pty" "$@" -- "$NONO" run --allow . -- cat "$HOME/data/f"
}
line_question='[Enter] skip: '
lines "$line_question" $'\n'
is 'lines: Enter skips' "$rc $(saved_files | grep -c dumb)" '1 0'
lines "$line_question" $'what\n' "$line_question" $'g\n' "$name_question " $'dumb\n'
has 'lines: asked again, then saved' "$out" "Profile saved: $profiles/dumb.json"
is 'lines: exit code' "$rc" 1
lines "$line_question" $'s\n' "$name_question " $'quiet\n'
is 'lines: suppressed' "$(tr -d ' \n' <"$profiles/quiet.json" | grep -c '"suppress_save_prompt":\["~/data/f"\]')" 1

close_tmux
finish
