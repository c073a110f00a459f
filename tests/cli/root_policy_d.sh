#!/bin/bash
# /etc/nono/policy.d itself, with the release program: only what belongs to root and nobody else can
# write is believed, and it holds for root and for an unprivileged user. In a mount namespace with an
# /etc of its own, so that the machine keeps its policy.
. "${NONO_TOP:-$(dirname "$0")/../..}/tests/harness/lib.sh"

if [ -z "${NONO_POLICY_INSIDE:-}" ]; then
	if ! unshare -m true 2>/dev/null; then
		skip 'everything' 'no mount namespace can be made'
		finish
	fi
	NONO_POLICY_INSIDE=1 exec unshare -m --propagation private bash "$0"
fi
mkdir etc work closed open
cp -a /etc/. etc/ && rm -rf etc/nono && mount --bind etc /etc || {
	skip 'everything' '/etc cannot be replaced here'
	finish
}
chown root:root /etc
chmod 755 /etc "$HOME" "$TMPDIR" . closed open
echo text | tee closed/file >open/file
top=$PWD
policy=/etc/nono/policy.d
user=65534
chown $user work
mkdir home temp && chown $user home temp

# as WHO COMMAND...: in the directory `work`, with a home of their own
as() {
	local who=$1
	shift
	if [ "$who" = root ]; then
		run env -C work "$@"
	else
		HOME=$top/home run setpriv --reuid=$user --regid=$user --clear-groups env -C work TMPDIR="$top/temp" "$@"
	fi
}
holds() {
	for who in root user; do
		for mode in run wrap; do
			as $who "$NONO" $mode -s --allow-cwd --read "$top/closed" cat "$top/closed/file"
			has "$1: $who: $mode" "$rc $err" "1 nono: Configuration parse error: '$top/closed' is protected by policy group 'system:corp'"
			as $who "$NONO" $mode -s --allow-cwd --read "$top/open" cat "$top/open/file"
			is "$1: $who: $mode: beside it" "$rc $out" '0 text'
		done
	done
}
# refused NAME PART: nothing starts
refused() {
	for who in root user; do
		for mode in run wrap; do
			as $who "$NONO" $mode --allow-cwd true
			has "$1: $who: $mode" "$rc $err" '1 '
			has "$1: $who: $mode: why" "$err" "nono: Configuration parse error: system policy $2"
		done
	done
}

for who in root user; do
	as $who "$NONO" run -s --allow-cwd --read "$top/closed" cat "$top/closed/file"
	is "no policy: $who" "$rc $out" '0 text'
done
mkdir -p $policy
for who in root user; do
	as $who "$NONO" run -s --allow-cwd --read "$top/closed" cat "$top/closed/file"
	is "an empty directory: $who" "$rc $out" '0 text'
done
echo "{ \"deny\": [\"$top/closed\"] }" >$policy/corp.json
chmod 755 /etc/nono $policy
chmod 644 $policy/corp.json
holds 'denied'

# ---- whose it is ----

chown $user $policy/corp.json
refused 'a file of somebody else' "$policy/corp.json: it belongs to user $user, not to root; as root: chown root"
chown root $policy/corp.json
chmod 664 $policy/corp.json
refused 'a file its group can write' "$policy/corp.json: others than root can write it"
chmod 644 $policy/corp.json
for directory in $policy /etc/nono /etc; do
	chown $user $directory
	refused "$directory of somebody else" "$directory: it belongs to user $user, not to root"
	chown root $directory
	chmod 1777 $directory
	refused "$directory that others can write" "$directory: others than root can write it"
	chmod 755 $directory
done
chmod 600 $policy/corp.json
as user "$NONO" run --allow-cwd true
has 'a file only root can read' "$rc $err" "1 "
has 'a file only root can read: why' "$err" "system policy $policy/corp.json: Permission denied"
chmod 644 $policy/corp.json
chmod 700 /etc/nono
as user env NONO_SANDBOXED=1 "$NONO" run --allow-cwd true
has 'a directory only root can reach' "$rc $err" "1 "
has 'a directory only root can reach: why' "$err" "system policy $policy: nothing is started"
chmod 755 /etc/nono
mv /etc/nono /etc/other
ln -s other /etc/nono
refused 'a directory behind a link' '/etc/nono: it is no directory'
rm /etc/nono
mv /etc/other /etc/nono
echo '{' >$policy/corp.json
refused 'not understood' "$policy/corp.json:"
as root "$NONO" setup --check-only
is 'setup goes on' "$((rc < 2))" 1
echo "{ \"deny\": [\"$top/closed\"] }" >$policy/corp.json
holds 'denied again'

# ---- inside ----

for who in root user; do
	as $who "$NONO" run -s --allow-cwd "$NONO" wrap -s --allow-cwd true
	is "a session in a session: $who" "$rc$err" 0
	as $who env NONO_TEST_POLICY_D=/nowhere "$NONO" run -s --read "$top/closed" true
	has "no variable changes the place: $who" "$rc $err" "1 nono: Configuration parse error: '$top/closed' is protected"
	as $who "$NONO" run -s --allow-cwd sh -c "echo x >$policy/corp.json; rm $policy/corp.json; echo x >$policy/new.json"
	is "a program cannot change it: $who" "$(ls $policy) $(grep -c deny $policy/corp.json)" 'corp.json 1'
done

finish
