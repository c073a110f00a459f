#!/usr/bin/env python3
"""An independent verifier of audit sessions and of the ledger.

It shares no code with the product and was written from the description of the format alone: the
chain, the Merkle root, the side log, session.json and the ledger are computed again from the bytes
on disk.

usage: verify.py [--cut] STATE...      STATE is the directory that holds audit/
       verify.py --self-test           the golden values of the format's description

One line for each session:

  verified ID (N events)
  incomplete ID: verifies up to the cut (N events)
  MISMATCH ID: reason; reason

and one for the ledger. Exit code 1 when anything is a mismatch, or, without --cut, incomplete.
"""
import base64
import hashlib
import json
import os
import struct
import sys

LEAF = b"nono.audit.event.alpha\n"
CHAIN = b"nono.audit.chain.alpha\n"
NODE = b"nono.audit.merkle.alpha\n"
DIGEST = b"nono.audit.session-digest.alpha\n"
LEDGER = b"nono.audit.ledger.chain.alpha\n"
NOTE = b"nono.audit.ext.v1\n"
ZERO = bytes(32)

EVENT_KEYS = {
    "session_started": (["type", "started", "command"], ["redaction_policy"]),
    "session_ended": (["type", "ended", "exit_code"], []),
    "sandbox_runtime": (["type", "event"], []),
    "network": (["type", "event"], []),
}
SESSION_KEYS = [
    "session_id", "started", "ended", "command", "executable_identity", "tracked_paths",
    "snapshot_count", "exit_code", "merkle_roots", "network_events", "audit_event_count",
    "audit_integrity", "audit_attestation",
]


class Bad(Exception):
    pass


def sha(*parts):
    h = hashlib.sha256()
    for p in parts:
        h.update(p)
    return h.digest()


def canonical(value):
    """Compact JSON, keys in the order they have, no floats."""
    def quote(s):
        short = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r",
                 "\t": "\\t"}
        return '"' + "".join(
            short.get(c, c if ord(c) >= 0x20 else "\\u%04x" % ord(c)) for c in s) + '"'

    if value is None:
        return "null"
    if value is True or value is False:
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return quote(value)
    if isinstance(value, list):
        return "[" + ",".join(canonical(v) for v in value) + "]"
    if isinstance(value, dict):
        return "{" + ",".join(quote(k) + ":" + canonical(v) for k, v in value.items()) + "}"
    raise Bad("a value that canonical JSON does not have: %r" % (value,))


def parse(data):
    """Strict: no floats, no constants, no duplicate keys, UTF-8."""
    def refuse(text):
        raise Bad("number %s" % text)

    def unique(pairs):
        keys = [k for k, _ in pairs]
        if len(set(keys)) != len(keys):
            raise Bad("duplicate key")
        return dict(pairs)

    try:
        return json.loads(data.decode("utf-8"), parse_float=refuse, parse_constant=refuse,
                          object_pairs_hook=unique)
    except (UnicodeDecodeError, ValueError) as e:
        raise Bad("not JSON: %s" % e)


def merkle(leaves):
    if not leaves:
        return sha(b"")
    level = leaves
    while len(level) > 1:
        up = [sha(NODE, level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
        if len(level) % 2:
            up.append(level[-1])
        level = up
    return level[0]


def read(path):
    with open(path, "rb") as f:
        return f.read()


def whole_lines(data):
    """The complete lines, and whether the last one was torn."""
    lines = data.split(b"\n")
    return lines[:-1], lines[-1] != b""


def check_event(record, number, previous):
    """One line of the main log: (leaf, chain)."""
    where = "event %d: " % number
    if list(record) != ["sequence", "prev_chain", "leaf_hash", "chain_hash", "event_json", "event"]:
        raise Bad(where + "keys %s" % list(record))
    if record["sequence"] != number:
        raise Bad(where + "sequence")
    if record["prev_chain"] != (previous.hex() if number else None):
        raise Bad(where + "prev_chain")
    text = record["event_json"].encode()
    if canonical(record["event"]).encode() != text:
        raise Bad(where + "event_json_mismatch")
    leaf = sha(LEAF, text)
    chain = sha(CHAIN, previous, leaf)
    if record["leaf_hash"] != leaf.hex():
        raise Bad(where + "leaf_hash")
    if record["chain_hash"] != chain.hex():
        raise Bad(where + "chain_hash")
    event = record["event"]
    must, may = EVENT_KEYS.get(event.get("type"), (None, None))
    if must is None:
        raise Bad(where + "type %r" % event.get("type"))
    if [k for k in event if k not in may] != must:
        raise Bad(where + "keys of %s" % event["type"])
    return leaf, chain


class Session:
    def __init__(self, path):
        self.path = path
        self.id = os.path.basename(path)
        self.problems = []
        self.finished = False
        self.torn = False
        self.events = []
        self.chains = []
        self.leaves = []
        self.data = None

    def check(self):
        for step in (self.check_log, self.check_notes, self.check_summary):
            try:
                step()
            except Bad as e:
                self.problems.append(str(e))
        return self

    def check_log(self):
        try:
            lines, self.torn = whole_lines(read(self.path + "/audit-events.ndjson"))
        except FileNotFoundError:
            lines = []
        for line in lines:
            record = parse(line)
            if canonical(record).encode() != line:
                raise Bad("event %d: the line is not compact" % len(self.events))
            leaf, chain = check_event(record, len(self.events),
                                      self.chains[-1] if self.chains else ZERO)
            self.events.append(record["event"])
            self.leaves.append(leaf)
            self.chains.append(chain)
        types = [e["type"] for e in self.events]
        if types and types[0] != "session_started":
            raise Bad("the first event is %s" % types[0])
        if "session_ended" in types[:-1]:
            raise Bad("an event follows session_ended")

    def check_notes(self):
        self.notes, self.note_head = 0, ZERO
        try:
            lines, torn = whole_lines(read(self.path + "/audit-ext.ndjson"))
        except FileNotFoundError:
            return
        self.torn = self.torn or torn
        for line in lines:
            n = parse(line)
            where = "note %d: " % self.notes
            if list(n) != ["seq", "prev", "main_sequence", "main_chain", "kind", "body_json",
                           "hash"] or canonical(n).encode() != line:
                raise Bad(where + "keys or layout")
            if n["seq"] != self.notes:
                raise Bad(where + "seq")
            if n["prev"] != (self.note_head.hex() if self.notes else None):
                raise Bad(where + "prev")
            if not 0 <= n["main_sequence"] < len(self.chains) or \
                    n["main_chain"] != self.chains[n["main_sequence"]].hex():
                raise Bad(where + "not tied to the main log")
            body = n["body_json"].encode()
            value = parse(body)
            if canonical(value).encode() != body or value.get("kind") != n["kind"]:
                raise Bad(where + "body")
            head = sha(NOTE, self.note_head, n["main_sequence"].to_bytes(8, "big"),
                       bytes.fromhex(n["main_chain"]), body)
            if n["hash"] != head.hex():
                raise Bad(where + "hash")
            self.note_head = head
            self.notes += 1

    def check_summary(self):
        try:
            data = parse(read(self.path + "/session.json"))
        except FileNotFoundError:
            return
        if list(data) not in (SESSION_KEYS, SESSION_KEYS + ["ext"]):
            raise Bad("session.json: keys %s" % list(data))
        if data["session_id"] != self.id:
            raise Bad("session_id")
        self.data = data
        if self.events and (self.events[0]["started"], self.events[0]["command"]) != \
                (data["started"], data["command"]):
            raise Bad("session.json: not the session of the log")
        if data["ended"] is None:
            if data["exit_code"] is not None or data["audit_integrity"] is not None or \
                    data["audit_event_count"] != 0:
                raise Bad("session.json: has results without an end")
            return
        self.finished = True
        if data["audit_event_count"] != len(self.events) or self.torn:
            raise Bad("event_count")
        end = self.events[-1]
        if end["type"] == "session_ended" and (end["ended"], end["exit_code"]) != \
                (data["ended"], data["exit_code"]):
            raise Bad("session.json: another end than in the log")
        if end["type"] != "session_ended" and not data["ext"]["problems"]:
            raise Bad("no session_ended and no reason")
        summary = data["audit_integrity"]
        if summary is not None and summary != {
                "hash_algorithm": "sha256", "event_count": len(self.events),
                "chain_head": self.chains[-1].hex(), "merkle_root": merkle(self.leaves).hex()}:
            raise Bad("chain_head or merkle_root")
        ext = data.get("ext", {})
        if ext.get("ext_count") != self.notes or \
                ext.get("ext_head") != (self.note_head.hex() if self.notes else None):
            raise Bad("ext_head")

    def digest(self):
        return sha(DIGEST, canonical(digest_value(self.data)).encode()).hex()


def digest_value(data):
    """The value that the ledger's digest is made of: paths as bytes, no ext."""
    d = {k: data[k] for k in SESSION_KEYS}
    exact = data.get("ext", {}).get("tracked_paths_b64")
    if exact is not None:
        if [base64.b64decode(p).decode("utf-8", "replace") for p in exact] != d["tracked_paths"]:
            raise Bad("tracked_paths_b64 and tracked_paths differ")
        d["tracked_paths"] = [list(base64.b64decode(p)) for p in exact]
    else:
        d["tracked_paths"] = [list(p.encode()) for p in d["tracked_paths"]]
    if d["executable_identity"] is not None:
        path = d["executable_identity"]["resolved_path"].encode()
        if "executable_b64" in data.get("ext", {}):
            path = base64.b64decode(data["ext"]["executable_b64"])
        d["executable_identity"] = {"resolved_path": list(path),
                                    "sha256": d["executable_identity"]["sha256"]}
    return d


def check_ledger(audit):
    """{session id: digest} of a ledger whose whole chain is right, and the lines that wait."""
    entries, head = {}, ZERO
    lines, size = [], 0
    if os.path.exists(audit + "/ledger.ndjson"):
        data = read(audit + "/ledger.ndjson")
        lines, torn = whole_lines(data)
        size = len(data)
        if torn:
            raise Bad("ledger_torn_tail")
    for number, line in enumerate(lines):
        e = parse(line)
        if list(e) != ["sequence", "prev_chain", "session_id", "session_digest", "completed_at",
                       "chain_hash"] or canonical(e).encode() != line:
            raise Bad("ledger %d: keys or layout" % number)
        if e["sequence"] != number:
            raise Bad("ledger_sequence %d" % number)
        if e["prev_chain"] != (head.hex() if number else None):
            raise Bad("ledger_prev %d" % number)
        payload = {k: e[k] for k in ("sequence", "session_id", "session_digest", "completed_at")}
        head = sha(LEDGER, head, canonical(payload).encode())
        if e["chain_hash"] != head.hex():
            raise Bad("ledger_chain %d" % number)
        if e["session_id"] in entries:
            raise Bad("ledger: two lines for %s" % e["session_id"])
        entries[e["session_id"]] = e["session_digest"]
    check_head(audit, lines, size, head)
    pending = {}
    if os.path.isdir(audit + "/ledger.pending"):
        for name in os.listdir(audit + "/ledger.pending"):
            e = parse(read(audit + "/ledger.pending/" + name))
            if name != e["session_id"] + ".json":
                raise Bad("pending line under another name: %s" % name)
            pending[e["session_id"]] = e["session_digest"]
    return entries, pending


def check_head(audit, lines, size, chain):
    """One of the two states in ledger.head is that of the ledger."""
    try:
        head = read(audit + "/ledger.head")
    except FileNotFoundError:
        head = b""
    if not head:
        if size:
            raise Bad("ledger.head is missing")
        return
    if len(head) != 256 or head[:8] != b"NONOLEDG" or head[8:16] != struct.pack("<Q", 1) or \
            head[192:224] != bytes(32) or sha(head[:224]) != head[224:]:
        raise Bad("ledger.head is damaged")
    for at in (16, 104):
        length, count, last = struct.unpack("<QQQ", head[at:at + 24])
        if length == size and count == len(lines) and (not lines or (
                last == len(lines[-1]) + 1 and
                head[at + 24:at + 56] == sha(lines[-1] + b"\n") and
                head[at + 56:at + 88] == chain)):
            return
    raise Bad("ledger.head knows another ledger")


def check_state(state, cut_allowed):
    audit = state + "/audit"
    good = True
    if not os.path.isdir(audit):
        return good
    try:
        entries, pending = check_ledger(audit)
        print("ledger %s (%d lines, %d pending)" % ("verified", len(entries), len(pending)))
    except Bad as e:
        print("MISMATCH ledger: %s" % e)
        return False
    seen = set()
    for name in sorted(os.listdir(audit)):
        path = os.path.join(audit, name)
        if name.startswith("ledger") or not os.path.isdir(path) or os.path.islink(path):
            continue
        s = Session(path).check()
        seen.add(name)
        digest = {**entries, **pending}.get(name)
        if s.finished and not s.problems and digest is not None and digest != s.digest():
            s.problems.append("ledger_digest")
        if not s.finished and digest is not None:
            s.problems.append("in the ledger without an end")
        if s.problems:
            print("MISMATCH %s: %s" % (name, "; ".join(s.problems)))
            good = False
        elif not s.finished or digest is None:
            print("incomplete %s: verifies up to the cut (%d events)" % (name, len(s.events)))
            good = good and cut_allowed
        else:
            print("verified %s (%d events)" % (name, len(s.events)))
    for name in entries:
        if name not in seen:
            print("MISMATCH %s: in the ledger, without a directory" % name)
            good = False
    return good


def self_test():
    denied = {"timestamp_unix_ms": 1776801600500, "mode": "connect", "decision": "deny",
              "denial_category": "host_denied", "target": "evil.example", "port": 443,
              "method": None, "path": None, "status": None, "reason": "host not allowed"}
    events = [
        {"type": "session_started", "started": "2026-04-21T20:00:00Z", "command": ["pwd"]},
        {"type": "network", "event": denied},
        {"type": "session_ended", "ended": "2026-04-21T20:00:01Z", "exit_code": 0}]
    chain, leaves = ZERO, []
    for event in events:
        leaves.append(sha(LEAF, canonical(event).encode()))
        chain = sha(CHAIN, chain, leaves[-1])
    assert chain.hex() == "36394800f3bfcd4690e12b9c2514bf11f02f3022539a7b94b8252f7eb56f8054"
    root = merkle(leaves).hex()
    assert root == "bc58702673c4ea915e308d9e959d15fc98ea710ca25b87c9d3d6233796b7345f"
    assert merkle([bytes([i]) * 32 for i in range(1, 6)]).hex() == \
        "87f9319b8dbb3d3fd55d419aabf3c218aafd2dfd82d5e30fb22e8e89c10c0160"
    first = dict(zip(SESSION_KEYS, (
        "0123456789abcdef", "2026-04-21T20:00:00Z", "2026-04-21T20:00:01Z", ["pwd"],
        {"resolved_path": "/bin/pwd", "sha256": "09" * 32}, ["/w"], 0, 0, [], [denied], 3,
        {"hash_algorithm": "sha256", "event_count": 3, "chain_head": chain.hex(),
         "merkle_root": root}, None)))
    second = dict(zip(SESSION_KEYS, (
        "20260421-200000-11111", "2026-04-21T20:00:00Z", None, ["/bin/pwd"], None, ["/w"], 2,
        None, ["01" * 32], [], 2, None, None)))
    head = ZERO
    for n, (data, want_digest, want_chain) in enumerate((
            (first, "731c1035f8a6ac069355b8f47b6b9bc9cb41d8e8d3477d015506e840f141ee43",
             "57c1404e0b49accb3db62c41f67ffecebe8319c40c6b7ed1d125d4bb8351219f"),
            (second, "8a4021ba29fda5b5fd3e16b7fc79b5b942a647ad8a30795b71ae533161537390",
             "db781aaca7aa009e4b7efbd2b7cf1ef2f3585cef75ef7c2eca72fe86bfa4a672"))):
        digest = sha(DIGEST, canonical(digest_value(data)).encode()).hex()
        assert digest == want_digest
        line = {"sequence": n, "session_id": data["session_id"], "session_digest": digest,
                "completed_at": data["ended"] or data["started"]}
        head = sha(LEDGER, head, canonical(line).encode())
        assert head.hex() == want_chain
    print("golden values reproduced")


def main():
    args = sys.argv[1:]
    if args == ["--self-test"]:
        self_test()
        return 0
    cut = "--cut" in args
    states = [a for a in args if a != "--cut"]
    if not states:
        print(__doc__, file=sys.stderr)
        return 2
    return 0 if all([check_state(s, cut) for s in states]) else 1


sys.exit(main())
