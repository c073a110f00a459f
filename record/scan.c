/*
 * What the text of a session says about refusals, line by line (spec 02 section 23.2). Pure and
 * linear; the text is the program's and may be a lie: a finding is a hint, the plan decides.
 */
#include <string.h>

#include "record/internal.h"

enum {
	ACCESS_BOTH = PLAN_READ | PLAN_WRITE,
	ERROR_OBJECT_LINES = 24, /* an error object of Node is about ten lines long */
	TRACEBACK_LINES = 2,	 /* from the call that failed to the error, in Python */
};

struct phrase {
	const char *text;
	unsigned int access; /* what the phrase alone tells; 0: nothing */
};

static const struct phrase denials[] = {
	{ "operation not permitted", 0 },
	{ "permission denied", 0 },
	{ "read-only file system", PLAN_WRITE },
};

static const char missing_phrase[] = "no such file or directory";

/* Logins to other machines end in the same words. */
static const char *const login_texts[] = {
	"permission denied (publickey",
	"permission denied (password",
	"permission denied (keyboard",
	"permission denied, please try again",
};

static const char *const network_words[] = { "network", "socket", "connect", "urlopen" };
static const char *const network_calls[] = { "listen", "bind" }; /* words, not parts of one */
static const char *const network_errors[] = {
	"not permitted", "permission denied", "connection refused", "unreachable", "eacces", "eperm"
};
/* Resolvers and others fail without any of the words above. */
static const char *const network_texts[] = {
	"couldn't connect to server",
	"address family not supported by protocol",
	"eafnosupport",
	"could not resolve host",
	"temporary failure in name resolution",
	"name or service not known",
	"temporary failure resolving",
	"getaddrinfo eai_again",
	"getaddrinfo enotfound",
	"nodename nor servname provided",
};

static const char *const failure_texts[] = {
	"eexist",	   "already exists", "version must be at least", "requires version",
	"minimum version", "upgrade your",   "unrecognized option",	 "invalid option",
};

/* The state that lines hand on to the lines below them. */
struct scanner {
	struct scan *found;
	unsigned int object_lines;   /* of an error object still expected */
	unsigned int object_access;  /* from its "syscall" */
	struct finding *object;	     /* its finding, once made */
	struct slice relative_write; /* named on an earlier line, or n 0 */
	unsigned int network_lines;  /* on which an error is still of the call that was shown */
};

static bool
has_any(struct slice line, const char *const *texts, size_t n)
{
	size_t at;

	for (size_t i = 0; i < n; i++)
		if (text_find(line, 0, texts[i], &at))
			return true;
	return false;
}

/* ---- access ---- */

static bool
slice_is(struct slice s, const char *word)
{
	return slice_equal(s, slice_of(word));
}

static struct slice
last_component(struct slice path)
{
	for (size_t i = path.n; i > 0; i--)
		if (path.p[i - 1] == '/')
			return (struct slice){ path.p + i, path.n - i };
	return path;
}

/* "touch: ..." and "/usr/bin/touch: ...": the name of the program that complains. */
static struct slice
line_program(struct slice line)
{
	const char *colon = memchr(line.p, ':', line.n);
	struct slice word = { line.p, colon ? (size_t)(colon - line.p) : 0 };

	return last_component(text_trim(word));
}

static unsigned int
program_access(struct slice program)
{
	static const char *const writers[] = { "tee",	  "touch", "mkdir", "mktemp",
					       "install", "cp",	   "mv",    "rm",
					       "ln",	  "chmod", "chown", "truncate" };
	static const char *const readers[] = { "cat",  "grep", "sed",  "awk",  "head",
					       "tail", "less", "more", "find", "ls" };

	for (size_t i = 0; i < ARRAY_LEN(writers); i++)
		if (slice_is(program, writers[i]))
			return PLAN_WRITE;
	for (size_t i = 0; i < ARRAY_LEN(readers); i++)
		if (slice_is(program, readers[i]))
			return PLAN_READ;
	return 0;
}

static bool
is_shell_start_file(struct slice path)
{
	static const char *const names[] = { ".bashrc",	     ".bash_profile", ".bash_login",
					     ".bash_logout", ".bash_aliases", ".profile",
					     ".zshrc",	     ".zshenv",	      ".zprofile",
					     ".zlogin",	     ".inputrc",      "config.fish",
					     "bash.bashrc" };
	struct slice name = last_component(path);

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (slice_is(name, names[i]))
			return true;
	return false;
}

static unsigned int
line_access(struct slice line, struct slice path)
{
	/* The last of each: compilers, who call what they cannot read a fatal error and no more. */
	static const char *const writes[] = { "cannot create",
					      "can't create",
					      "write error",
					      "for writing",
					      "cannot open output",
					      "opening output file",
					      "opening dependency file" };
	static const char *const reads[] = { "for reading", "cannot open", "can't open",
					     "fatal error: " };
	unsigned int access;

	if (has_any(line, writes, ARRAY_LEN(writes)))
		return PLAN_WRITE;
	if (has_any(line, reads, ARRAY_LEN(reads)))
		return PLAN_READ;
	access = program_access(line_program(line));
	if (!access && is_shell_start_file(path))
		access = PLAN_READ;
	return access;
}

/* System calls by the name that Node prints. */
static unsigned int
call_access(struct slice call)
{
	static const char *const writers[] = { "mkdir",	    "mkdtemp", "rename", "unlink",
					       "rmdir",	    "symlink", "link",	 "chmod",
					       "chown",	    "fchmod",  "write",	 "utime",
					       "ftruncate", "lchown",  "listen" };
	static const char *const readers[] = { "scandir", "opendir", "readdir", "readlink",
					       "lstat",	  "stat",    "read",	"spawn" };

	static const char spawn[] = "spawn "; /* and the program */

	if (call.n >= sizeof(spawn) - 1 && memcmp(call.p, spawn, sizeof(spawn) - 1) == 0)
		return PLAN_READ;
	for (size_t i = 0; i < ARRAY_LEN(writers); i++)
		if (slice_is(call, writers[i]))
			return PLAN_WRITE;
	for (size_t i = 0; i < ARRAY_LEN(readers); i++)
		if (slice_is(call, readers[i]))
			return PLAN_READ;
	return ACCESS_BOTH;
}

/* ---- findings ---- */

static bool
is_alike(const struct finding *a, const struct finding *b)
{
	if (a->kind != b->kind || a->paths != b->paths || a->access != b->access)
		return false;
	for (size_t i = 0; i < a->paths; i++)
		if (!slice_equal(a->path[i].text, b->path[i].text))
			return false;
	return true;
}

/* The one that stands for it in the list; NULL when the list is full. */
static struct finding *
add(struct scan *s, const struct finding *f)
{
	for (size_t i = 0; i < s->count; i++) {
		if (!is_alike(&s->item[i], f))
			continue;
		/* Of several complaints about the network, one that names a port. */
		if (f->kind == FINDING_NETWORK && !line_port(s->item[i].line) && line_port(f->line))
			s->item[i].line = f->line;
		return &s->item[i];
	}
	if (s->count == FINDINGS_MAX)
		return NULL;
	s->item[s->count] = *f;
	return &s->item[s->count++];
}

/* ---- error objects of Node and npm ---- */

/* "key: 'value',", or "npm ERR! key value": the value. */
static bool
object_field(struct slice line, const char *key, struct slice *ret)
{
	static const char *const prefixes[] = { "npm err! ", "npm error " };
	size_t at = 0, n = strlen(key);

	for (size_t i = 0; i < ARRAY_LEN(prefixes); i++)
		if (text_find((struct slice){ line.p, line.n < 16 ? line.n : 16 }, 0, prefixes[i],
			      &at) &&
		    at == 0)
			line.p += strlen(prefixes[i]), line.n -= strlen(prefixes[i]);
	line = text_trim(line);
	if (line.n <= n || memcmp(line.p, key, n) != 0 || !strchr(": ", line.p[n]))
		return false;
	return text_word(line, n + (line.p[n] == ':'), ret);
}

static bool
is_denial_code(struct slice line)
{
	size_t at;

	return text_find_word(line, 0, "eacces", &at) || text_find_word(line, 0, "eperm", &at);
}

/* A line of an error object; the arming line is often one itself. */
static void
scan_object(struct scanner *s, struct slice line)
{
	struct slice value;

	if (is_denial_code(line)) {
		if (s->object_lines == 0) {
			s->object_access = 0;
			s->object = NULL;
		}
		s->object_lines = ERROR_OBJECT_LINES;
	}
	if (s->object_lines == 0)
		return;
	s->object_lines--;
	if (object_field(line, "syscall", &value)) {
		s->object_access = call_access(value);
		if (s->object)
			s->object->access = s->object_access;
	} else if (object_field(line, "path", &value) ||
		   (s->object_access == PLAN_WRITE && object_field(line, "address", &value) &&
		    memchr(value.p, '/', value.n))) { /* a socket is made: listen */
		struct finding f = {
			.kind = FINDING_DENIAL,
			.access = s->object_access ? s->object_access : ACCESS_BOTH,
			.path = { { value, false } },
			.paths = 1,
			.line = line,
		};

		s->object = add(s->found, &f);
		/* The same path from the message in front of the object: now better known. */
		for (size_t i = 0; i < s->found->count; i++) {
			struct finding *g = &s->found->item[i];

			if (g != s->object && g->kind == FINDING_DENIAL && g->paths > 0 &&
			    slice_equal(g->path[0].text, value) && g->access == ACCESS_BOTH)
				g->access = f.access;
		}
	}
}

/* ---- relative writes ---- */

/* "creating empty x", "writing x": a name that the next error may be about. */
static bool
relative_write(struct slice line, struct slice *ret)
{
	static const char *const verbs[] = { "creating", "create", "writing" };
	size_t at, empty;

	for (size_t i = 0; i < ARRAY_LEN(verbs); i++) {
		if (!text_find_word(line, 0, verbs[i], &at))
			continue;
		at += strlen(verbs[i]);
		if (text_find_word(line, at, "empty", &empty) && empty == at + 1)
			at = empty + strlen("empty");
		if (text_word(line, at, ret))
			return true;
	}
	return false;
}

/* ---- lines ---- */

/* Is a word of the network part of the line, and not of a path in it? */
static bool
speaks_of_network(struct slice line, const struct finding *f)
{
	size_t at;

	for (size_t i = 0; i < ARRAY_LEN(network_words); i++) {
		size_t from = 0;

		while (text_find(line, from, network_words[i], &at)) {
			bool inside = false;

			for (size_t k = 0; k < f->paths; k++) {
				const struct slice path = f->path[k].text;

				inside |= !f->path[k].weak && line.p + at >= path.p &&
					  line.p + at < path.p + path.n;
			}
			if (!inside)
				return true;
			from = at + 1;
		}
	}
	for (size_t i = 0; i < ARRAY_LEN(network_calls); i++)
		if (text_find_word(line, 0, network_calls[i], &at))
			return true;
	return false;
}

/* "/dev/tcp/HOST/PORT" is no file, but how shells name a connection. */
static bool
is_shell_connection(const struct finding *f)
{
	static const char *const names[] = { "/dev/tcp/", "/dev/udp/" };
	size_t at;

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (f->paths > 0 && text_find(f->path[0].text, 0, names[i], &at) && at == 0)
			return true;
	return false;
}

/* Is the error of this line one of the network? */
static bool
is_network_error(const struct scanner *s, struct slice line, const struct finding *f, bool denial)
{
	if (has_any(line, network_texts, ARRAY_LEN(network_texts)) || is_shell_connection(f))
		return true;
	if (has_any(line, network_errors, ARRAY_LEN(network_errors)) && speaks_of_network(line, f))
		return true;
	return denial && f->paths == 0 && s->network_lines > 0;
}

/* The first denial phrase of the line. */
static const struct phrase *
denial_phrase(struct slice line, size_t *ret_at)
{
	const struct phrase *first = NULL;
	size_t at;

	for (size_t i = 0; i < ARRAY_LEN(denials); i++)
		if (text_find(line, 0, denials[i].text, &at) && (!first || at < *ret_at)) {
			first = &denials[i];
			*ret_at = at;
		}
	return first;
}

static void
scan_denial(struct scanner *s, struct finding *f, const struct phrase *phrase, size_t at)
{
	struct slice name;

	f->kind = FINDING_DENIAL;
	f->access = line_access(f->line, f->paths ? f->path[0].text : (struct slice){ NULL, 0 });
	if (phrase->access)
		f->access = phrase->access;
	if (!f->access)
		f->access = ACCESS_BOTH;
	if (f->paths == 0 || (f->path[0].weak && f->access == ACCESS_BOTH)) {
		struct slice head = { f->line.p, at };

		if (!relative_write(head, &name))
			name = s->relative_write;
		if (name.n > 0) {
			f->path[0] = (struct text_path){ name, false };
			f->paths = 1;
			f->access = PLAN_WRITE;
		}
	}
	s->relative_write.n = 0;
	(void)add(s->found, f);
}

static bool
is_failure(struct slice line)
{
	static const char usage[] = "usage:";
	size_t at;

	return has_any(line, failure_texts, ARRAY_LEN(failure_texts)) ||
	       (text_find(line, 0, usage, &at) && at == 0);
}

/* "sock.connect(sa)": the line of a traceback that shows the call. */
static bool
is_network_call(struct slice line)
{
	static const char *const calls[] = { ".connect(", ".bind(", ".listen(", ".sendto(" };

	return has_any(line, calls, ARRAY_LEN(calls));
}

static void
scan_line(struct scanner *s, struct slice line)
{
	struct finding f = { .line = line };
	const struct phrase *phrase;
	size_t at = 0;

	if (line.n == 0 || has_any(line, login_texts, ARRAY_LEN(login_texts)))
		return;
	phrase = denial_phrase(line, &at);
	if (phrase)
		f.paths = text_paths(line, at, strlen(phrase->text), f.path);
	if (is_network_error(s, line, &f, phrase != NULL)) {
		f.kind = FINDING_NETWORK;
		f.paths = 0;
		(void)add(s->found, &f);
	} else if (phrase) {
		scan_denial(s, &f, phrase, at);
	} else if (text_find(line, 0, missing_phrase, &at)) {
		f.kind = FINDING_MISSING;
		f.access = ACCESS_BOTH;
		f.paths = text_paths(line, at, strlen(missing_phrase), f.path);
		(void)add(s->found, &f);
	} else if (is_failure(line)) {
		f.kind = FINDING_FAILURE;
		(void)add(s->found, &f);
	} else {
		struct slice name;

		if (relative_write(line, &name))
			s->relative_write = name;
	}
	if (s->network_lines > 0)
		s->network_lines--;
	if (is_network_call(line))
		s->network_lines = TRACEBACK_LINES;
	scan_object(s, line);
}

void
scan_text(struct scan *ret, struct slice text)
{
	struct scanner s = { .found = ret };

	ret->count = 0;
	while (text.n > 0) {
		const char *end = memchr(text.p, '\n', text.n);
		size_t n = end ? (size_t)(end - text.p) : text.n;

		scan_line(&s, text_trim((struct slice){ text.p, n }));
		text.p += n + (end != NULL);
		text.n -= n + (end != NULL);
	}
}
