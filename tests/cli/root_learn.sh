#!/bin/bash
# nono learn and the system's resolver: the name that the C library asks a server for is shown with
# the address. Root: the server listens on port 53, and resolv.conf is another one, in a namespace.
. "${NONO_TOP:-$(dirname "$0")/../..}/tests/harness/lib.sh"

if ! command -v python3 >/dev/null || ! unshare -m true 2>/dev/null; then
	skip 'names' 'python3 or a mount namespace is missing'
	finish
fi
cat >server.py <<'S'
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("127.0.0.53", 53))
open("serving", "w").close()
while True:
    q, peer = s.recvfrom(512)
    end = q.index(b"\0", 12) + 5
    answers = b""
    if q[end - 3] == 1:  # A; others have no answer
        answers = b"\xc0\x0c\0\x01\0\x01\0\0\0\x01\0\x04\x7f\0\0\x09"
    s.sendto(q[:2] + b"\x81\x80\0\x01\0" + (b"\1" if answers else b"\0") + b"\0\0\0\0" +
             q[12:end] + answers, peer)
S
cat >client.py <<'C'
import os, socket, threading
def visit(name, port):
    try:
        socket.create_connection((name, port), 1)
    except OSError:
        pass
visit("api.learn.test", 7001)
t = threading.Thread(target=visit, args=("thread.learn.test", 7002))
t.start()
t.join()
if os.fork() == 0:
    visit("child.learn.test", 7003)
    os._exit(0)
os.wait()
C
echo 'nameserver 127.0.0.53' >resolv.conf
printf 'hosts: files dns\n' >nsswitch.conf
cat >inside <<'I'
mount --bind resolv.conf "$(readlink -f /etc/resolv.conf)" && mount --bind nsswitch.conf /etc/nsswitch.conf || exit 9
python3 server.py &
server=$!
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
	[ -e serving ] && break
	sleep 0.2
done
"$NONO" learn --yes -- python3 client.py
kill $server
I
run unshare -m sh inside
if [ "$rc" = 9 ]; then
	skip 'names' 'resolv.conf cannot be replaced here'
	finish
fi
has 'a process' "$out" 'api.learn.test (127.0.0.9):7001'
has 'a thread' "$out" 'thread.learn.test (127.0.0.9):7002'
has 'a child' "$out" 'child.learn.test (127.0.0.9):7003'
has 'the server itself has no name' "$out" '    127.0.0.53:53'
finish
