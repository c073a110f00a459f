#!/bin/bash
# What the footer advises lets the next run pass: the printed flags are taken as they stand, typed
# into a shell, and the same command runs again with them.
. "${NONO_TOP:-$(dirname "$0")/../..}/tests/harness/lib.sh"

pty=$NONO_BUILD/tests/cli/pty
top=$PWD
mkdir project out
cd project || exit 2

# on_terminal ARGUMENT...: a run of nono on a terminal; what it printed in $seen, exit code in $rc.
on_terminal() {
	"$pty" -- "$NONO" run --allow . "$@" >"$TMPDIR/.seen" 2>&1 </dev/null
	rc=$?
	seen=$(tr -d '\r' <"$TMPDIR/.seen")
}

# advice: the flags that the footer printed, as words of a shell, in the array `flags`.
advice() {
	local line

	line=$(printf '%s\n' "$seen" | sed -n $'s/\e\\[K//; s/^  Try: //p; s/^Fix flags: //p')
	flags=()
	[ -z "$line" ] || eval "flags=($line)" 2>/dev/null
}

# again NAME ARGUMENT...: fails, is advised, passes with the advice and is told nothing more.
again() {
	local name=$1

	shift
	on_terminal "$@"
	if [ $rc = 0 ]; then
		not_ok "$name" 'the first run was not refused'
		return
	fi
	advice
	if [ ${#flags[@]} = 0 ]; then
		not_ok "$name" "no advice in '${seen:0:400}'"
		return
	fi
	on_terminal "${flags[@]}" "$@"
	if [ $rc = 0 ]; then
		ok "$name"
	else
		not_ok "$name" "again with '${flags[*]}': '${seen:0:400}'"
	fi
}

# advises NAME WANTED ARGUMENT...: the flags of the footer, and no more than those.
advises() {
	local name=$1 wanted=$2

	shift 2
	on_terminal "$@"
	case $seen in
	*'Command exited with'* | *'The command failed'*) ;;
	*)
		not_ok "$name" "no footer in '${seen:0:300}'"
		return
		;;
	esac
	advice
	is "$name" "${flags[*]}" "$wanted"
}

open='import sys; open(sys.argv[1])'
long=$(printf '%0100d' 0)
mkdir ../out/dir "../out/two words" "../out/it's" "../out/$long"
for name in file 'two words/a file' "it's/a 'quoted' \"file\"" $'caf\xe9' $'a\xe9 b' $'c\e[31m\x01' \
	é '$HOME `id`; x' a:b 'back\slash' 'back\' "$long/$long"; do
	echo text >"../out/$name"
done
printf '#!/bin/sh\necho ran\n' >../out/script
chmod +x ../out/script
ln -s ../out/file link
ln -s nowhere ../out/dangling

again 'a file is read' -- cat "$top/out/file"
again 'a relative path' -- cat ../out/file
again '..' -- cat "$top/out/dir/../file"
again 'a link in a grant' -- cat link
again 'two words' -- cat "$top/out/two words/a file"
again 'quotes' -- cat "$top/out/it's/a 'quoted' \"file\""
again 'quotes, by Python' -- python3 -c "$open" "$top/out/it's/a 'quoted' \"file\""
again 'bytes that are no UTF-8' -- cat "$top"/out/$'caf\xe9'
again 'the same by Python' -- python3 -c "$open" "$top"/out/$'caf\xe9'
again 'a byte in the middle' -- cat "$top"/out/$'a\xe9 b'
again 'control characters' -- cat "$top"/out/$'c\e[31m\x01'
again 'UTF-8' -- cat "$top/out/é"
again 'what a shell would run' -- cat "$top/out/\$HOME \`id\`; x"
again 'a colon' -- cat "$top/out/a:b"
again 'a backslash' -- cat "$top/out/back\\slash"
again 'a backslash at the end' -- cat "$top/out/back\\"
again 'a name over several rows' -- cat "$top/out/$long/$long"
again 'a directory is listed' -- ls "$top/out/dir"
again 'by Python' -- python3 -c 'import os, sys; os.listdir(sys.argv[1])' "$top/out/dir"
again 'a script' -- sh -c '"$0"' "$top/out/script"
again 'a file is written' -- sh -c 'echo x >"$0"' "$top/out/file"
again 'a file is made' -- sh -c 'echo x >"$0"' "$top/out/made"
again 'a file is made, relative' -- touch ../out/dir/touched
again 'a directory is made' -- mkdir "$top/out/dir/new"
again 'a link that leads nowhere' -- sh -c 'echo x >"$0"' "$top/out/dangling"
again 'by Node' -- node -e 'fs.readFileSync(process.argv[1])' "$top/out/file"

# The narrowest that does it: a file, not its directory, and never more than was wanted.
advises 'one file' "--read-file $top/out/file" -- cat ../out/file
advises 'one file of odd bytes' "--read-file $top/out/"$'caf\xe9' -- cat "$top"/out/$'caf\xe9'
advises 'one file with quotes' "--read-file $top/out/it's/a 'quoted' \"file\"" \
	-- cat "$top/out/it's/a 'quoted' \"file\""
advises 'one directory' "--read $top/out/dir" -- ls ../out/dir
advises 'nothing for half a name' '' -- sh -c '. "$0"' "$top"/out/$'a\xe9 b'
has 'but a way to find out' "$seen" '  Discover paths: nono learn --sandboxed -- sh ...'

# Ports. Nobody listens on port 1: another error than the sandbox's shows that it was passed.
passes() { # passes NAME WANTED_FLAGS WANTED_ERROR ARGUMENT...
	local name=$1 wanted=$2 error=$3

	shift 3
	if ! command -v "$2" >/dev/null; then # behind "--"
		skip "$name" "$2 is not installed"
		return
	fi
	advises "$name: the flag" "$wanted" --block-net "$@"
	[ "${flags[*]}" = "$wanted" ] || return
	on_terminal --block-net "${flags[@]}" "$@"
	has "$name: and again" "$seen" "$error"
}
connect='import socket; socket.create_connection(("127.0.0.1", 1))'
listen='require("net").createServer().listen(%s, () => { console.log("bound"); process.exit(1) })'
passes 'a port, by bash' '--allow-connect-port 1' 'Connection refused' \
	-- bash -c 'exec 3<>/dev/tcp/127.0.0.1/1'
passes 'a port, by curl' '--allow-connect-port 1' "Couldn't connect" \
	-- curl -sS http://127.0.0.1:1/
passes 'a port, by Node' '--allow-connect-port 1' ECONNREFUSED \
	-- node -e 'require("net").connect(1, "127.0.0.1")'
# shellcheck disable=SC2059
passes 'listening, by Node' '--listen-port 48077' bound -- node -e "$(printf "$listen" 48077)"
# shellcheck disable=SC2059
again 'a socket is made, by Node' -- node -e "$(printf "$listen" '"../out/dir/s.sock"' |
	sed 's/exit(1)/exit(0)/')"
advises 'no port is named' '--allow-net in place of --block-net' --block-net \
	-- python3 -c "$connect"
has 'its hint' "$seen" '--allow-connect-port <port>'
on_terminal --allow-net -- python3 -c "$connect"
has 'with that' "$seen" 'Connection refused'
advises 'a socket of a closed family' '--allow-net in place of --block-net' --block-net \
	-- python3 -c 'import socket; socket.socket(socket.AF_UNIX)'
on_terminal --allow-net -- python3 -c 'import socket; socket.socket(socket.AF_UNIX)'
is 'with that as well' $rc 0
advises 'nothing about an open network' '' -- python3 -c "$connect"

# The same in the object.
on_terminal --silent --diagnostics-file "$top/d.json" --block-net \
	-- bash -c 'exec 3<>/dev/tcp/127.0.0.1/1'
has 'its code' "$(cat "$top/d.json")" '"code": "sandbox_denied_network"'
has 'its hint in the object' "$(cat "$top/d.json")" '"hint": "--allow-connect-port 1"'
has 'its remediation' "$(cat "$top/d.json")" '"kind": "grant_network"'
on_terminal --silent --diagnostics-file "$top/d.json" -- sh -c 'echo Permission denied; exit 1'
has 'unclear: its code' "$(cat "$top/d.json")" '"code": "command_failed_likely_sandbox"'
has 'unclear: its remediation' "$(cat "$top/d.json")" '"kind": "run_discovery"'
has 'unclear: its hint' "$(cat "$top/d.json")" '"hint": "nono learn --sandboxed -- sh ..."'

# What the file system itself refuses, no flag opens.
touch closed
chmod 0 closed
for path in closed /root/file; do
	advises "nothing for $path" '' -- cat $path
	has 'the reason' "$seen" 'File permissions: (guessed from output)'
	has 'no sandbox denial' "$seen" 'this does not look like a sandbox denial'
done
advises 'nothing for a new file in a directory of root' '' -- touch /usr/bin/new
has 'its reason' "$seen" '  /usr/bin/new (write)'

# What is protected, holds something protected, or is everything.
mkdir -p ~/.ssh ~/.config/gh
echo key >~/.ssh/id_rsa
advises 'nothing for a protected file' '' -- cat ~/.ssh/id_rsa
has 'who decides' "$seen" '[permanently restricted]'
advises 'nothing for a directory that holds something protected' '' -- ls ~/.config
has 'its reason' "$seen" 'nono does not grant this'
advises 'nothing for home' '' -- ls ~
advises 'nothing for the root' '' -- ls /
for lie in ~/.ssh/id_rsa ~ / "$HOME/.ssh/../.ssh/id_rsa" "$top/project/way/id_rsa" //; do
	ln -sfn ~/.ssh way
	advises "a program that asks for $lie" '' \
		-- sh -c 'echo "tee: $0: Permission denied"; exit 1' "$lie"
done

finish
