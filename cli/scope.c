/*
 * A session that was started by ssh or cron lies in a part of the cgroup hierarchy that belongs to
 * root. The user's service manager has a part of its own, and moves a process of the user there on
 * request. The scope gets no limits: they are set on the session's own group inside, where they do
 * not hold for the broker.
 */
#include "cli/scope.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fd.h"
#include "base/log.h"
#include "cli/env.h"
#include "launch/cgroup.h"

/* Set for the second start, so that a manager that moves nobody does not make us start for ever. */
#define MARKER "NONO_IN_SCOPE"

#define RUNTIME "XDG_RUNTIME_DIR"

/* The directory of the user's sockets as "NAME=VALUE". */
static int
runtime_entry(struct buf *b, const char *given)
{
	if (given)
		return buf_addf(b, RUNTIME "=%s", given);
	return buf_addf(b, RUNTIME "=/run/user/%u", (unsigned int)getuid());
}

static bool
manager_answers(const char *runtime_directory)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	autofd int fd = -1;
	int n = snprintf(address.sun_path, sizeof(address.sun_path), "%s/systemd/private",
			 runtime_directory);

	if (n < 0 || (size_t)n >= sizeof(address.sun_path))
		return false;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	return fd != -1 && connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0;
}

static size_t
count(char *const *list)
{
	size_t n = 0;

	while (list[n])
		n++;
	return n;
}

/* `runtime` is NULL when the environment has it. */
static void
start_again(char *const *argv, char *const *environment, const char *runtime)
{
	static const char *const before[] = { "systemd-run", "--user",	  "--scope",
					      "--quiet",     "--collect", "--" };
	size_t words = count(argv), variables = count(environment);
	autofree char **list = mem_calloc(ARRAY_LEN(before) + words + 1, sizeof(*list));
	autofree char **env = mem_calloc(variables + 3, sizeof(*env));
	char self[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (!list || !env || n <= 0 || words == 0)
		return;
	self[n] = '\0';
	/* execve takes char *const *, yet never writes through it. */
	for (size_t i = 0; i < ARRAY_LEN(before); i++)
		list[i] = (char *)(uintptr_t)before[i];
	list[ARRAY_LEN(before)] = self;
	memcpy(list + ARRAY_LEN(before) + 1, argv + 1, (words - 1) * sizeof(*list));
	memcpy(env, environment, variables * sizeof(*env));
	env[variables++] = (char *)(uintptr_t)(MARKER "=1");
	if (runtime)
		env[variables] = (char *)(uintptr_t)runtime;
	(void)execvpe(list[0], list, env);
	log_line(LOG_DEBUG, "cannot start systemd-run: %s", strerror(errno));
}

void
scope_enter(const struct opt *o, bool limited, char *const *argv, char *const *environment)
{
	autobuf struct buf path = BUF_INIT, runtime = BUF_INIT;
	const char *given = env_get(environment, RUNTIME);
	enum cgroup_kind kind;

	limited |= opt_has(o, FLAG_MEMORY) || opt_has(o, FLAG_MAX_PROCS);
	if (!limited || opt_has(o, FLAG_DRY_RUN) || env_get(environment, MARKER) ||
	    cgroup_find(&path, &kind, 0, NULL) != -ENOENT)
		return;
	if (runtime_entry(&runtime, given) < 0 ||
	    !manager_answers(buf_str(&runtime) + sizeof(RUNTIME)))
		return;
	start_again(argv, environment, given ? NULL : runtime.p);
}
