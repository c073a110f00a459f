#!/bin/bash
# linux.compat32: 32-bit programs run, under the same policy.
. "${NONO_TOP:-$(dirname "$0")/../..}/tests/harness/lib.sh"
. "$NONO_TOP/tests/harness/launch.sh"

probe=$tools/cli/compat32
profiles=$HOME/.config/nono/profiles
mkdir -p "$profiles" granted outside
chmod 700 "$HOME/.config" "$HOME/.config/nono" "$profiles"
top=$PWD
profile() {
	cat >"$profiles/$1.json"
	chmod 600 "$profiles/$1.json"
}
profile both <<<"{\"filesystem\": {\"read\": [\"$top/granted\"]}, \"linux\": {\"compat32\": true}}"
profile one <<<"{\"filesystem\": {\"read\": [\"$top/granted\"]}}"
profile both-shut <<<"{\"filesystem\": {\"read\": [\"$top/granted\"]}, \"network\": {\"block\": true}, \"linux\": {\"compat32\": true}}"

if [ "$(uname -m)" != x86_64 ]; then
	run "$NONO" run -s --profile both true
	has 'compat32: not on this machine' "$rc $err" 'sets linux.compat32'
	finish
fi
"$probe" >plain
if [ $? = 3 ]; then
	skip 'compat32' 'this kernel has no 32-bit entry'
	finish
fi
cp "$probe" granted/
is 'outside it works' "$(sed -n 's/^getpid //p;s/^modify-ldt-64 //p' plain | paste -sd ' ')" 'ok ok'

closed='socket-raw EPROTONOSUPPORT
socket-packet EAFNOSUPPORT
socketcall ENOSYS
ipc ENOSYS
mount EPERM
unshare-user EPERM
io-uring ENOSYS'
for mode in run wrap; do
	run "$NONO" $mode -s --profile both "$top/granted/compat32"
	is "$mode: allowed" "$out" "getpid ok
socket-stream ok
$closed
modify-ldt ok
modify-ldt-64 ok"
	run "$NONO" $mode -s --profile both-shut "$top/granted/compat32"
	is "$mode: the network is as shut" "$(sed -n 's/^socket-stream //p;s/^socket-raw //p' <<<"$out" | paste -sd ' ')" \
		"$([ "$("$tools/cli/try" landlock)" -ge 4 ] && echo ok EPROTONOSUPPORT || echo EAFNOSUPPORT EAFNOSUPPORT)"
	run "$NONO" $mode -s --profile one "$top/granted/compat32"
	is "$mode: the default" "$(cut -d ' ' -f 2 <<<"$out" | paste -sd ' ')" \
		'ENOSYS ENOSYS ENOSYS ENOSYS ENOSYS ENOSYS ENOSYS ENOSYS ENOSYS ENOSYS EPERM'
done

# A program that is 32-bit itself: its exit code is 40, and 2 more when it can open the path.
python3 - granted/program "$top/granted/file" <<'PY'
import struct, sys
name = sys.argv[2].encode() + b"\0"
base, head = 0x08048000, 52 + 32
code = (b"\xb8\x05\0\0\0" b"\xbb%s" b"\x31\xc9" b"\x31\xd2" b"\xcd\x80"	# open(name, O_RDONLY)
        b"\xc1\xf8\x1f" b"\x83\xe0\xfe" b"\x83\xc0\x2a" b"\x89\xc3"	# 42, less 2 when it failed
        b"\xb8\x01\0\0\0" b"\xcd\x80")					# exit
at = base + head + len(code) - 2 + 4
code = code.replace(b"%s", struct.pack("<I", at), 1)
size = head + len(code) + len(name)
elf = b"\x7fELF\1\1\1" + bytes(9) + struct.pack("<HHIIIIIHHHHHH", 2, 3, 1, base + head, 52, 0, 0, 52, 32, 1, 0, 0, 0)
elf += struct.pack("<IIIIIIII", 1, 0, base, base, size, size, 5, 4096)
open(sys.argv[1], "wb").write(elf + code + name)
PY
chmod 755 granted/program
echo x >granted/file
granted/program
is 'a 32-bit program outside' $? 42
for mode in run wrap; do
	run "$NONO" $mode -s --profile both "$top/granted/program"
	is "$mode: a 32-bit program" "$rc" 42
	run "$NONO" $mode -s --profile one "$top/granted/program"
	is "$mode: a 32-bit program by default" "$((rc != 42 && rc != 40))" 1
done
sed "s#$top/granted/file#$top/outside/file#" granted/program >granted/other
chmod 755 granted/other
echo x >outside/file
for mode in run wrap; do
	run "$NONO" $mode -s --profile both "$top/granted/other"
	is "$mode: it cannot open what is not granted" "$rc" 40
done

finish
