#!/bin/bash
# What nono learn saves: a new profile, additions to one that exists with everything else kept; and
# that the program then passes under it.
. "${NONO_TOP:-$(dirname "$0")/../..}/tests/harness/lib.sh"

pty=$NONO_BUILD/tests/cli/pty
profiles=$HOME/.config/nono/profiles
mkdir -p "$HOME/data" "$HOME/.ssh"
echo inside >"$HOME/data/f"
echo secret >"$HOME/.ssh/config"
# The program reads a file of the home directory, and makes one beside it.
program=(sh -c 'cat ~/data/f && echo more >~/data/g')
name_question='press Enter to skip): '
update_question='[Y/n] '

# saved ANSWER... -- OPTIONS...: on a terminal; every answer to one question for a name.
saved() {
	local pairs=()
	while [ "$1" != -- ]; do
		pairs+=("$name_question" "$1"$'\n')
		shift
	done
	shift
	run "$pty" "${pairs[@]}" -- "$NONO" learn --yes --no-rdns "$@" -- "${program[@]}"
}

saved mine --
has 'a name is asked for, one is suggested' "$out" '(suggested: sh, or press Enter to skip)'
has 'saved' "$out" "Profile saved: $profiles/mine.json"
has 'how to use it' "$out" 'Run with: nono run --profile mine -- sh -c '
is 'private' "$(stat -c %a "$profiles/mine.json")" 600
rm -f "$HOME/data/g"
run "$NONO" run --silent --allow-cwd --profile mine -- "${program[@]}"
is 'the program passes under it' "$rc $out" '0 inside'
is 'the network was not used: it is blocked' "$(grep -c '"block": true' "$profiles/mine.json")" 1
run "$NONO" profile validate mine
is 'it is valid' "$rc" 0
is 'paths are short' "$(grep -c '"~/data"' "$profiles/mine.json")" 1

saved '' --
is 'Enter skips' "$(ls "$profiles" | grep -v lock)" mine.json
saved skip --
is 'skip skips' "$(ls "$profiles" | grep -v lock)" mine.json
saved 'a b' default mine other --
has 'a bad name is asked again' "$out" "'a b' is not a profile name"
has 'a built-in name is asked again' "$out" "'default' would shadow an existing built-in"
has 'a name in use is asked again' "$out" "'mine' exists already"
is 'then it is saved' "$([ -e "$profiles/other.json" ] && echo yes)" yes
saved based -- --profile go-dev
has 'based on a built-in one: suggested' "$out" '(suggested: go-dev-local,'
is 'based on a built-in one' "$(tr -d ' \n' <"$profiles/based.json" | grep -c '"extends":\["go-dev"\]')" 1
run "$NONO" learn --yes --no-rdns -- "${program[@]}"
is 'nothing is asked without a terminal' "$(grep -c "$name_question" <<<"$out$err")" 0
for flag in --silent --json; do
	run "$pty" -- "$NONO" learn --yes --no-rdns $flag -- "${program[@]}"
	is "nothing is asked with $flag" "$(grep -c 'Enter a name' <<<"$out")" 0
done

# ---- an existing one ----

# updated ANSWER PROFILE
updated() {
	rm -f "$HOME/data/g"
	run "$pty" "$update_question" "$1"$'\n' -- "$NONO" learn --yes --no-rdns --profile "$2" -- \
		"${program[@]}"
}
# Comments, order, tabs, a trailing comma and CRLF: one line is added, none changes.
printf '%s\r\n' '// of the team' '{' '	"filesystem": {' '		"write": [' \
	'			// never more' '			"/srv",' '		],' \
	'		"allow": [ // work' '			"/opt" // there' '		]' '	},' \
	'	"meta": { "name": "team" }' '}' >"$profiles/team.json"
chmod 640 "$profiles/team.json"
cp "$profiles/team.json" before
updated n team
is 'no leaves it' "$(cmp before "$profiles/team.json" && echo same)" same
updated '' team
has 'updated' "$out" "Profile updated: $profiles/team.json"
is 'the added lines alone differ' "$(diff before "$profiles/team.json" | tr -d '\r' |
	grep '^[<>]')" $'> \t\t"read_file": ["~/data/f"],\n> \t\t\t"~/data",'
is 'the added line ends as the others do' "$(grep -c $'"~/data",\r$' "$profiles/team.json")" 1
is 'the old text is kept' "$(cmp before "$profiles/team.json~" && echo same)" same
is 'the mode is kept' "$(stat -c %a "$profiles/team.json")" 640
rm -f "$HOME/data/g"
run "$NONO" run --silent --allow-cwd --profile team -- "${program[@]}"
is 'the program passes under it, too' "$rc $out" '0 inside'
run "$pty" -- "$NONO" learn --yes --no-rdns --profile team -- "${program[@]}"
has 'then nothing is missing' "$out" 'No additional paths needed.'

# A list that is no list where the name leads to: nothing changes, the additions are beside it.
mkdir -p elsewhere
printf '{ "filesystem": { "allow": ["/opt"] }, "meta": { "name": "far" } }\n' >elsewhere/far.json
ln -s "$PWD/elsewhere/far.json" "$profiles/far.json"
cp elsewhere/far.json before
updated y far
is 'a symbolic link is not replaced' "$rc $(cmp before elsewhere/far.json && echo same)" '1 same'
has 'and said so' "$out" 'is not a regular file'
rm "$profiles/far.json"

# Protected paths are not saved.
program=(sh -c 'cat ~/.ssh/config ~/data/f')
saved careful --
has 'protected: said' "$out" 'Protected paths are not saved'
is 'protected: not saved' "$(grep -c ssh "$profiles/careful.json")" 0
# Names for a terminal, and for a profile.
mkdir "$HOME/\$HOME"
echo x >"$HOME/\$HOME/f"
program=(cat "$HOME/\$HOME/f" "$HOME/data/f")
saved odd --
is 'a path that a profile would expand is left out' \
	"$(grep -c '\$HOME' "$profiles/odd.json") $(grep -c '"~/data/f"' "$profiles/odd.json")" '0 1'
finish
