/*
 * The plan image: everything a launch needs, as one flat, position-independent block of bytes.
 * The front end builds it, seals it in a memory file and execs the broker; `wrap` uses it in
 * place. It is read-only data: no pointers, native byte order, fixed-width fields, one version.
 *
 *   header | sections, each an array of one record type, 8-byte aligned, zero padding between
 *
 * A string is a struct plan_ref into SEC_STRINGS: `length` bytes at `offset`, none of them NUL,
 * and one NUL behind them. Offset 0, length 0 is the empty string (byte 0 of SEC_STRINGS is NUL).
 *
 * plan_open() (validate.c) accepts an image only when every offset, count, enum value, flag and
 * string in it is inside its limits, all padding is zero and the checksum is right: any single
 * changed byte is refused, and with the checksum recomputed every accessor stays in bounds.
 * The checksum finds accidents, not attacks: an image comes from the same user over a sealed
 * memory file, and the agent never sees it.
 */
#ifndef PLAN_FORMAT_H
#define PLAN_FORMAT_H

#include <stdint.h>

#define PLAN_MAGIC "NONOPLAN"

enum {
	PLAN_VERSION = 5,
	PLAN_ALIGN = 8,
	PLAN_BYTES_MAX = 16 << 20, /* argv and environment alone may be 6 MiB (execve(2)) */
	PLAN_GRANTS_MAX = 8192,
	PLAN_SOCKETS_MAX = 1024,
	PLAN_DENIES_MAX = 8192,
	PLAN_PORTS_MAX = 65536,
	PLAN_WORDS_MAX = 1 << 20, /* argv words; environment entries */
	PLAN_COMMANDS_MAX = 4096,
	PLAN_KEEP_FDS_MAX = 64,
	PLAN_PATH_MAX = 4096,	      /* bytes of any path, without the NUL */
	PLAN_PROCESSES_MAX = 1 << 22, /* as many as the kernel numbers (PID_MAX_LIMIT) */
	PLAN_REDACTIONS_MAX = 4096,
	PLAN_SCROLLBACK_MAX = 10000,
};

enum plan_section {
	PLAN_SEC_SETTINGS,    /* struct plan_settings, exactly one */
	PLAN_SEC_GRANTS,      /* struct plan_grant, in the order of spec 02 2.3 after dedupe */
	PLAN_SEC_SOCKETS,     /* struct plan_socket */
	PLAN_SEC_DENIES,      /* struct plan_deny */
	PLAN_SEC_PORTS,	      /* struct plan_port */
	PLAN_SEC_COMMANDS,    /* struct plan_command */
	PLAN_SEC_ARGV,	      /* struct plan_ref, at least one */
	PLAN_SEC_SHOWN,	      /* struct plan_ref, one for each argument: as it may be recorded */
	PLAN_SEC_ENVIRONMENT, /* struct plan_ref "NAME=VALUE", names unique, name not empty */
	PLAN_SEC_KEEP_FDS,    /* struct plan_keep_fd, ascending, >= 3 */
	PLAN_SEC_REDACTIONS,  /* struct plan_redaction */
	PLAN_SEC_STRINGS,     /* bytes */
	PLAN_SEC_COUNT
};

struct plan_ref {
	uint32_t offset, length;
};

struct plan_span {
	uint32_t offset; /* from the start of the image, multiple of PLAN_ALIGN */
	uint32_t count;	 /* records; bytes for PLAN_SEC_STRINGS */
};

struct plan_header {
	char magic[8];
	uint32_t version;
	uint32_t bytes;	   /* of the whole image, multiple of PLAN_ALIGN */
	uint64_t checksum; /* plan_checksum() with this field zero */
	struct plan_span section[PLAN_SEC_COUNT];
};

enum plan_mode { PLAN_MODE_RUN = 1, PLAN_MODE_SHELL, PLAN_MODE_WRAP };

enum { PLAN_READ = 1, PLAN_WRITE = 2 }; /* access bits, 1..3 */

enum plan_kind {
	PLAN_KIND_DIR = 1, /* recursive */
	PLAN_KIND_FILE,
	PLAN_KIND_ANY, /* decided when opened (group entries) */
};

enum plan_source {
	PLAN_SOURCE_USER = 1,
	PLAN_SOURCE_PROFILE,
	PLAN_SOURCE_GROUP,
	PLAN_SOURCE_SYSTEM
};

/* Grants that mean another object in every process (spec 02 3.5). */
enum plan_alias {
	PLAN_ALIAS_NONE = 0,
	PLAN_ALIAS_STDIN, /* whatever descriptor 0, 1, 2 is, within its own access mode */
	PLAN_ALIAS_STDOUT,
	PLAN_ALIAS_STDERR,
	PLAN_ALIAS_OWN_TTY, /* /dev/pts: only the terminal nodes open as 0, 1, 2 */
	PLAN_ALIAS_PROC,    /* /proc/self for reading: all of /proc, as rules are per inode */
	PLAN_ALIAS_CHILD,   /* below /proc/self, /proc/thread-self, /dev/fd: opened by the child */
	PLAN_ALIAS_COUNT
};

enum {
	PLAN_GRANT_OPTIONAL = 1, /* skipped when missing (group entries) */
	PLAN_GRANT_CHECKED = 2,	 /* device, inode and type must be these when opened */
	PLAN_GRANT_COVERED = 4,	 /* an earlier grant above it has the same rights: no rule */
	PLAN_GRANT_CREATED = 8,	 /* made for this grant: removed at the end while empty */
	PLAN_GRANT_ALL_FLAGS = 15
};

struct plan_grant {
	struct plan_ref original; /* as given, absolute or relative; never empty */
	struct plan_ref
		resolved; /* canonical absolute; may be empty when OPTIONAL (not looked up) */
	struct plan_ref source_name; /* group or profile name, else empty */
	uint64_t device, inode;	     /* st_dev, st_ino when CHECKED, else 0 */
	uint32_t type;		     /* st_mode & S_IFMT when CHECKED, else 0 */
	uint8_t access;		     /* PLAN_READ | PLAN_WRITE */
	uint8_t kind;		     /* enum plan_kind */
	uint8_t source;		     /* enum plan_source */
	uint8_t alias;		     /* enum plan_alias */
	uint8_t flags;		     /* PLAN_GRANT_* */
	uint8_t zero[7];
};

enum plan_socket_scope { PLAN_SOCKET_FILE = 1, PLAN_SOCKET_CHILDREN, PLAN_SOCKET_SUBTREE };
enum plan_socket_mode { PLAN_SOCKET_CONNECT = 1, PLAN_SOCKET_CONNECT_BIND };

struct plan_socket {
	struct plan_ref original, resolved, source_name;
	uint8_t scope, mode, source;
	uint8_t zero[5];
};

enum {
	PLAN_DENY_REQUIRED = 1,
	PLAN_DENY_MASK = 2,   /* below a grant: the launch covers it, or fails */
	PLAN_DENY_ABSENT = 4, /* was not there, so it cannot be covered */
	PLAN_DENY_ALL_FLAGS = 7
};

struct plan_deny {
	struct plan_ref literal;  /* expanded, absolute */
	struct plan_ref resolved; /* canonical, or parent-resolved when the leaf is missing */
	struct plan_ref group;	  /* rule that asked for it */
	uint32_t flags;		  /* PLAN_DENY_* */
	uint32_t zero;
};

enum plan_port_use {
	PLAN_PORT_CONNECT = 1, /* --allow-connect-port */
	PLAN_PORT_BIND,	       /* --listen-port */
	PLAN_PORT_LOCALHOST,   /* --open-port: connect and bind */
};

struct plan_port {
	uint16_t port;
	uint8_t use; /* enum plan_port_use */
	uint8_t zero[5];
};

enum plan_command_rule { PLAN_COMMAND_ALLOW = 1, PLAN_COMMAND_BLOCK };

struct plan_command {
	struct plan_ref name;  /* basename, never empty, no '/' */
	struct plan_ref group; /* where it comes from, "" for a flag */
	uint32_t rule;	       /* enum plan_command_rule */
	uint32_t zero;
};

struct plan_keep_fd {
	uint32_t fd; /* 3..65535 */
	uint32_t zero;
};

/* What config.toml changes about redaction: names added to a set, or taken out of all of them. */
enum plan_redaction_set {
	PLAN_REDACT_FLAG = 1,
	PLAN_REDACT_HEADER,
	PLAN_REDACT_QUERY_KEY,
	PLAN_REDACT_VARIABLE,
	PLAN_REDACT_NOT,
};

struct plan_redaction {
	struct plan_ref name; /* never empty */
	uint32_t set;	      /* enum plan_redaction_set */
	uint32_t zero;
};

enum plan_net {
	PLAN_NET_ALLOWED = 1,
	PLAN_NET_BLOCKED, /* exceptions: the localhost, bind and connect ports */
	PLAN_NET_PORTS,	  /* allowed, but TCP only to and on the listed ports */
};

/* What nono-screen lets through to the terminal (ui.terminal_filter). */
enum plan_filter { PLAN_FILTER_STANDARD = 0, PLAN_FILTER_STRICT, PLAN_FILTER_OFF };

/* When a mount namespace is made (linux.namespaces). */
enum plan_namespaces {
	PLAN_NAMESPACES_AUTO = 0, /* for masks and the devpts of a terminal */
	PLAN_NAMESPACES_OFF,
	PLAN_NAMESPACES_FULL, /* always, and read-only but for the write grants */
	PLAN_NAMESPACES_REQUIRE,
};

enum plan_isolation { PLAN_ISOLATED = 1, PLAN_SAME_SANDBOX, PLAN_ALLOW_ALL };

enum {
	PLAN_SILENT = 1 << 0,
	PLAN_NO_DIAGNOSTICS = 1 << 1,
	PLAN_SHARED_TMP = 1 << 2,	/* no private temporary directory, TMPDIR untouched */
	PLAN_LEAVE_BACKGROUND = 1 << 3, /* do not kill what is left of the tree at exit */
	PLAN_IPC_FULL = 1 << 4,		/* no scope for abstract sockets */
	PLAN_COLOR = 1 << 5,		/* stderr takes colours */
	PLAN_NO_PTY = 1 << 6,		/* the program keeps the caller's terminal */
	PLAN_DIAGNOSTICS_JSON = 1 << 7,
	PLAN_NO_AUDIT = 1 << 8,
	PLAN_PTY_ALL = 1 << 9,	     /* linux.pty_access "all": every terminal of the system */
	PLAN_NO_STATE = 1 << 10,     /* no state file for `nono why --self` */
	PLAN_DEVICE_NODES = 1 << 11, /* write grants include making device nodes */
	PLAN_STRICT = 1 << 12,	     /* what holds in part only refuses to start */
	PLAN_MANIFEST = 1 << 13,     /* the policy is a manifest: options grant nothing */
	PLAN_ALLOW_USERNS = 1 << 14, /* the program may make user namespaces, and others in them */
	PLAN_KEEP_FILE_CAPS = 1 << 15, /* root keeps its power over owners and modes of files */
	PLAN_COMPAT32 = 1 << 16,       /* 32-bit programs may run (x86_64) */
	PLAN_OWN_PROCESSES = 1 << 17,  /* a pid namespace and the /proc of it */
	PLAN_NEED_PROCESSES = 1 << 18, /* and nothing starts without */
	PLAN_ALL_SETTING_FLAGS = (1 << 19) - 1
};

/*
 * What PLAN_KEEP_FILE_CAPS keeps (capabilities(7)): CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_FOWNER,
 * CAP_FSETID, CAP_SETGID, CAP_SETUID. None of them passes Landlock.
 */
#define PLAN_FILE_CAPS (1ULL << 0 | 1ULL << 1 | 1ULL << 3 | 1ULL << 4 | 1ULL << 6 | 1ULL << 7)

struct plan_settings {
	uint32_t mode;	      /* enum plan_mode */
	uint32_t flags;	      /* PLAN_SILENT ... */
	uint32_t net;	      /* enum plan_net */
	uint32_t signal_mode; /* enum plan_isolation */
	uint32_t uid;
	uint32_t error_exit_code;   /* 1..255: replaces nono's own 1, 126, 127; 0: unset */
	uint32_t verbosity;	    /* 0..3 */
	uint32_t startup_timeout_s; /* --startup-timeout, 1..3600; 0: none; not under wrap */
	uint64_t memory_bytes;	    /* --memory; 0: no limit; not under wrap */
	uint64_t max_processes;	    /* --max-procs, threads count; 0: no limit; not under wrap */
	struct plan_ref program;    /* path given to execve, absolute, never empty */
	struct plan_ref start_directory; /* absolute, never empty */
	struct plan_ref temp_parent;	 /* ${TMPDIR:-/tmp} of the host, absolute, never empty */
	struct plan_ref session_id;	 /* 16 lower hex digits */
	struct plan_ref home;		 /* absolute */
	struct plan_ref workdir;	 /* absolute, as displayed */
	struct plan_ref state_directory; /* of nono, absolute; empty only with PLAN_NO_AUDIT */
	int32_t utc_offset_s;		 /* of the user's local time, within a day */
	uint32_t terminal_filter;	 /* enum plan_filter */
	uint32_t scrollback_rows;	 /* rows kept of what scrolled out of the screen */
	uint32_t namespaces;		 /* enum plan_namespaces */
};

_Static_assert(sizeof(struct plan_grant) == 56, "no hidden padding");
_Static_assert(sizeof(struct plan_socket) == 32, "no hidden padding");
_Static_assert(sizeof(struct plan_deny) == 32, "no hidden padding");
_Static_assert(sizeof(struct plan_port) == 8, "no hidden padding");
_Static_assert(sizeof(struct plan_command) == 24, "no hidden padding");
_Static_assert(sizeof(struct plan_redaction) == 16, "no hidden padding");
_Static_assert(sizeof(struct plan_settings) == 120, "no hidden padding");
_Static_assert(sizeof(struct plan_header) == 24 + 8 * PLAN_SEC_COUNT, "no hidden padding");

#endif
