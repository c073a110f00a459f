#!/bin/bash
# A profile that a project brings along: only looked for with --allow-project-profile, and only used as
# somebody saw it and said yes on a terminal. Root, for a home that no directory above it lets others
# write: a profile that others could change is refused.
. "${NONO_TOP:-$(dirname "$0")/../..}/tests/harness/lib.sh"

box=$(mktemp -d /opt/nono-project.XXXXXX) || {
	skip 'project_profile' 'no directory in /opt can be made'
	finish
}
trap 'rm -rf "$box"' EXIT
export HOME=$box/home
mkdir -p "$HOME/data" "$HOME/other" "$box/p/.git" "$box/p/.nono" "$box/p/sub/deep"
echo text | tee "$HOME/data/file" >"$HOME/other/file"
pty=$NONO_BUILD/tests/cli/pty
file=$box/p/.nono/profile.json
approvals=$HOME/.local/state/nono/approved-profiles.json
cd "$box/p" || exit 2

# profile PATHS: what it lets be read
profile() {
	printf '{ "meta": { "name": "p" }, "filesystem": { "read": [%s] } }\n' "$1" >"$file"
}
project() {
	run "$NONO" "$mode" -s --allow-project-profile --allow-cwd "$@"
}
# asked ANSWER COMMAND...
asked() {
	run "$pty" '[y/N] ' "$1"$'\n' -- "$NONO" "$mode" --allow-project-profile --allow-cwd "${@:2}"
}

for mode in run wrap; do
	rm -f "$approvals"
	profile '"~/data"'
	run "$NONO" $mode -s --allow-cwd cat "$HOME/data/file"
	has "$mode: without the flag nothing is looked for" "$rc $err" "1 cat: $HOME/data/file: Permission denied"
	project cat "$HOME/data/file"
	has "$mode: nobody to ask: refused" "$rc $err" "1 nono: project profile '$file' is not approved; start on a terminal with --allow-project-profile to be asked, or name it: --profile $file"
	asked n touch "$mode.started"
	is "$mode: no" "$rc $([ -e "$mode.started" ] || echo no) $([ -e "$approvals" ] || echo no)" '1 no no'
	asked y cat "$HOME/data/file"
	is "$mode: yes" "$rc" 0
	has "$mode: the question shows what it says" "$out" 'filesystem.read: ["~/data"]'
	has "$mode: the question names it" "$out" "$file"
	project cat "$HOME/data/file"
	is "$mode: asked once" "$rc $out" '0 text'
	project cat "$HOME/other/file"
	has "$mode: beside it" "$rc $err" "1 cat: $HOME/other/file: Permission denied"
	run env -C sub/deep "$NONO" $mode -s --allow-project-profile cat "$HOME/data/file"
	is "$mode: from below, up to the top of the repository" "$rc $out" '0 text'
	run env -C / "$NONO" $mode -s --allow-project-profile --workdir "$box/p" cat "$HOME/data/file"
	is "$mode: --workdir" "$rc $out" '0 text'
	is "$mode: approvals are private" "$(stat -c %a "$approvals")" 600

	# ---- changed ----

	cp -p "$file" seen.json
	profile '"~/data", "~/other"'
	project cat "$HOME/other/file"
	has "$mode: changed: refused" "$rc $err" "1 nono: project profile '$file' was changed since it was approved"
	cp seen.json "$file"
	project cat "$HOME/data/file"
	has "$mode: changed back: must be seen again" "$rc $err" "1 nono: project profile '$file' is not approved"
	asked y true
	"$NONO" $mode -s --allow-project-profile --allow . sh -c "echo '{ \"filesystem\": { \"read\": [\"~/other\"] } }' >.nono/profile.json" 2>"$TMPDIR/.err"
	project cat "$HOME/other/file"
	has "$mode: rewritten by the program: refused" "$rc $err" "1 nono: project profile '$file' was changed"
	project --dry-run true
	has "$mode: a dry run asks nothing" "$rc $err" "1 nono: project profile '$file' is not approved"
	mkdir -p "$box/q/.nono"
	cp seen.json "$box/q/.nono/profile.json"
	run env -C "$box/q" "$NONO" $mode -s --allow-project-profile true
	has "$mode: the same text at another place" "$rc $err" "1 nono: project profile '$box/q/.nono/profile.json' is not approved"

	# ---- what cannot be approved ----

	printf '{ "meta": { "name": "p" }, "extends": "beside" }\n' >"$file"
	printf '{ "meta": { "name": "beside" } }\n' >.nono/beside.json
	asked y true
	has "$mode: a base beside it is not seen" "$rc $out" "base profile 'beside' not found"
	rm .nono/beside.json
	profile '"/root", "/"'
	asked y touch "$mode.started"
	is "$mode: what lint calls an error is not asked for" "$rc $([ -e "$mode.started" ] || echo no)" '1 no'
	has "$mode: what lint calls an error: told" "$out" "project profile '$file' cannot be approved: P"
	echo '{' >"$file"
	project true
	has "$mode: no JSON" "$rc $err" "1 nono: Profile parse error: $file:"
	cp seen.json "$file"
	chmod 666 "$file"
	project true
	has "$mode: others may write it" "$rc $err" "1 nono: project profile '$file': others can change it"
	chmod 644 "$file"
	mv "$file" .nono/real && ln -s real "$file"
	project true
	has "$mode: a link" "$rc $err" "1 nono: project profile '$file' is a symbolic link"
	rm "$file"
	project true
	has "$mode: there is none" "$rc $err" "1 nono: --allow-project-profile: there is no .nono/profile.json"
	cp seen.json "$file"
	run "$NONO" $mode -s --allow-project-profile --profile default true
	has "$mode: not beside another one" "$rc" 2
	mkdir -p "$box/q/sub"
	run env -C "$box/q/sub" "$NONO" $mode -s --allow-project-profile true
	has "$mode: above, without a repository" "$rc $err" "1 nono: --allow-project-profile: there is no"
done

finish
