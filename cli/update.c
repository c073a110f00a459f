/* Whether there is a newer version, from what an earlier check left. */
#include "cli/update.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/fd.h"
#include "base/str.h"
#include "cli/env.h"
#include "profiles/place.h"

#ifndef NONO_VERSION
#define NONO_VERSION "unknown"
#endif

/* The number at *p, which moves behind it and a dot; -1 when there is none. */
static long
next_number(const char **p)
{
	long v = 0;
	size_t n = strspn(*p, "0123456789");

	if (n == 0 || n > 6)
		return -1;
	for (size_t i = 0; i < n; i++)
		v = v * 10 + ((*p)[i] - '0');
	*p += n;
	*p += **p == '.';
	return v;
}

bool
update_is_newer(const char *version, const char *than)
{
	version += *version == 'v';
	while (*version || *than) {
		long a = *version ? next_number(&version) : 0;
		long b = *than ? next_number(&than) : 0;

		/* "1.2.0-rc1" and the like: its numbers were all that counts. */
		if (a < 0 || b < 0)
			return false;
		if (a != b)
			return a > b;
	}
	return false;
}

bool
update_url_is_allowed(const char *url)
{
	static const char *const local[] = { "127.0.0.1", "[::1]", "localhost" };
	const char *host;

	if (str_starts_with(url, "https://"))
		return url[8] != '\0';
	if (!str_starts_with(url, "http://"))
		return false;
	host = url + 7;
	for (size_t i = 0; i < ARRAY_LEN(local); i++) {
		size_t n = strlen(local[i]);

		if (strncmp(host, local[i], n) == 0 && strchr(":/", host[n]))
			return true;
	}
	return false;
}

/* The source that the user named, or NULL. */
static const char *
source(const struct config *c, char *const *environment)
{
	const char *url = env_get(environment, "NONO_UPDATE_URL");

	for (char *const *v = environment; *v; v++)
		if (str_starts_with(*v, "NONO_NO_UPDATE_CHECK="))
			return NULL;
	return c->update_check ? (url ? url : c->update_url) : NULL;
}

static int
read_cache(struct update_cache *cache, char *const *environment)
{
	autobuf struct buf path = BUF_INIT, text = BUF_INIT;
	struct err e = ERR_INIT;
	autofd int fd = -1;
	struct stat st;
	int r;

	if ((r = place_state(&path, environment, &e)) < 0 ||
	    (r = buf_adds(&path, "/update-check.json")) < 0)
		return r;
	/* Inside a sandbox this is refused, and nothing is shown there. */
	fd = open(buf_str(&path), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	if (fd == -1 || fstat(fd, &st) == -1)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	if ((r = buf_read_fd(&text, fd, UPDATE_BYTES_MAX)) < 0)
		return r;
	return update_parse(cache, (struct slice){ text.p, text.n });
}

/* The package manager that this program belongs to decides; a server never does. */
static const char *
install_command(void)
{
	char self[64];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	self[n > 0 ? n : 0] = '\0';
	if (!str_equal(self, "/usr/bin/nono"))
		return NULL;
	if (access("/var/lib/dpkg/info/nono.list", F_OK) == 0)
		return "sudo apt-get install --only-upgrade nono";
	return access("/var/lib/pacman/local", F_OK) == 0 ? "sudo pacman -S nono" : NULL;
}

static void
put_notice(struct out *o, const struct update_cache *cache)
{
	const char *command = install_command();

	out_puts(o, "\n  ");
	out_role(o, ROLE_YELLOW, true, "update");
	out_puts(o, " ");
	out_text(o, cache->version);
	out_puts(o, " available (current: " NONO_VERSION ")\n");
	if (*cache->message) {
		out_puts(o, "  ");
		out_text(o, cache->message);
		out_puts(o, "\n");
	}
	if (command)
		out_putf(o, "  $ %s\n", command);
	if (update_url_is_allowed(cache->url)) {
		out_puts(o, "  ");
		out_text(o, cache->url);
		out_puts(o, "\n");
	}
}

void
update_notice(struct out *o, const struct config *c, char *const *environment, bool verbose)
{
	const char *url = source(c, environment);
	struct update_cache cache;
	int r;

	if (!url || o->quiet || isatty(o->fd) != 1)
		return;
	if (!update_url_is_allowed(url)) {
		out_warning(
			o,
			"the address for update checks is not used: it must begin with https://");
		return;
	}
	r = read_cache(&cache, environment);
	if (r == -EBADMSG || r == -EFBIG)
		out_warning(o, "update-check.json cannot be understood and is ignored");
	else if (r == 0 && cache.available && update_is_newer(cache.version, NONO_VERSION))
		put_notice(o, &cache);
	/*
	 * A check is a request of its own process with its own deadline. The program for it speaks
	 * TLS and is not part of this build; nothing else here may open a connection.
	 */
	if (verbose)
		out_puts(o,
			 "  updates are shown from an existing update-check.json only: this build "
			 "cannot ask for them\n");
}
