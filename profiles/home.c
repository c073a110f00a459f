/*
 * Whose home directory: $HOME, else passwd(5) read by us (a static program cannot use NSS), else
 * what getent(1) says, which knows LDAP and the like.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/str.h"
#include "profiles/internal.h"

enum {
	GETENT_BYTES_MAX = 4096,
	GETENT_TIMEOUT_MS = 5000,
	PASSWD_UID = 2, /* name:password:UID:GID:GECOS:directory:shell */
	PASSWD_HOME = 5,
};

const char *
environment_get_n(char *const *environment, const char *name, size_t n)
{
	for (; environment && *environment; environment++)
		if (strncmp(*environment, name, n) == 0 && (*environment)[n] == '=')
			return *environment + n + 1;
	return NULL;
}

const char *
environment_get(char *const *environment, const char *name)
{
	return environment_get_n(environment, name, strlen(name));
}

static bool
is_number(struct slice field, uid_t uid)
{
	uint64_t v = 0;

	if (field.n == 0 || field.n > 10)
		return false;
	for (size_t i = 0; i < field.n; i++) {
		if (field.p[i] < '0' || field.p[i] > '9')
			return false;
		v = v * 10 + (uint64_t)(field.p[i] - '0');
	}
	return v == uid;
}

/* The home of one passwd line, if it is this user's. */
static bool
line_home(struct slice line, uid_t uid, struct slice *ret)
{
	struct slice field = { line.p, 0 };
	bool ours = false;

	for (int i = 0; i <= PASSWD_HOME; i++) {
		const char *end = line.p + line.n;
		const char *colon = memchr(field.p, ':', (size_t)(end - field.p));

		field.n = (size_t)((colon ? colon : end) - field.p);
		if (i == PASSWD_UID)
			ours = is_number(field, uid);
		if (i == PASSWD_HOME) {
			*ret = field;
			return ours;
		}
		if (!colon)
			return false;
		field.p = colon + 1;
	}
	return false;
}

bool
passwd_home(struct slice text, uid_t uid, struct slice *ret)
{
	while (text.n > 0) {
		const char *newline = memchr(text.p, '\n', text.n);
		struct slice line = { text.p, newline ? (size_t)(newline - text.p) : text.n };
		struct slice home = { NULL, 0 };

		if (line_home(line, uid, &home) && home.n > 0 && home.p[0] == '/' &&
		    !memchr(home.p, '\0', home.n)) {
			*ret = home;
			return true;
		}
		text.n -= line.n + (newline ? 1 : 0);
		text.p += line.n + (newline ? 1 : 0);
	}
	return false;
}

/* It may ask servers: it gets a deadline. */
static int
getent_passwd(struct buf *b, uid_t uid)
{
	char number[16];
	char *argv[] = { (char[]){ "getent" }, (char[]){ "passwd" }, number, NULL };
	char *environment[] = { (char[]){ "PATH=/usr/bin:/bin" }, NULL };
	const struct run run = {
		.argv = argv,
		.environment = environment,
		.timeout_ms = GETENT_TIMEOUT_MS,
		.bytes_max = GETENT_BYTES_MAX,
	};

	(void)snprintf(number, sizeof(number), "%lu", (unsigned long)uid);
	return run_program(b, &run);
}

static int
read_passwd(struct buf *b)
{
	autofd int fd = open("/etc/passwd", O_RDONLY | O_CLOEXEC);

	if (fd == -1)
		return -errno;
	return buf_read_fd(b, fd, PASSWD_BYTES_MAX);
}

int
home_find(struct buf *b, char *const *environment, uid_t uid, struct err *e)
{
	const char *value = environment_get(environment, "HOME");
	autobuf struct buf text = BUF_INIT;
	struct slice home;
	int r;

	if (value && value[0] != '/')
		return err_set(e, -EINVAL,
			       "Environment variable 'HOME' validation failed: must be an absolute "
			       "path, got: '%s'",
			       value);
	if (value) {
		r = buf_adds(b, value);
		return r < 0 ? err_memory(e) : 0;
	}
	r = read_passwd(&text);
	if (r == -ENOMEM)
		return err_memory(e);
	if (r < 0 || !passwd_home((struct slice){ text.p, text.n }, uid, &home)) {
		buf_reset(&text);
		r = getent_passwd(&text, uid);
		if (r < 0 || !passwd_home((struct slice){ text.p, text.n }, uid, &home))
			return err_set(e, -ENOENT,
				       "Home directory not found: HOME is not set and user %lu has "
				       "none; set HOME to an absolute path",
				       (unsigned long)uid);
	}
	r = buf_add(b, home.p, home.n);
	return r < 0 ? err_memory(e) : 0;
}
