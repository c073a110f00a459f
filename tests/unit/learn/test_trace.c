/* learn/trace.c, observe.c: both ways to stop a command see the same. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "learn/trace.h"
#include "tests/harness/unit.h"

static const char script[] = "cat in; cd sub && cat below; echo x >made; mv made moved; rm moved; "
			     "test -e looked; cat absent; mkdir d; exit 3";

struct box {
	char path[64];
	const char *script;
};

static int
start_shell(void *context, struct err *e)
{
	struct box *b = context;
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (chdir(b->path) == -1 || dup2(fd, 1) == -1 || dup2(fd, 2) == -1)
		return err_set_errno(e, -errno, "no directory");
	(void)execl("/bin/sh", "sh", "-c", b->script, (char *)NULL);
	return err_set_errno(e, -errno, "no shell");
}

static int
start_nothing(void *context, struct err *e)
{
	(void)context;
	return err_set(e, -ENOENT, "there is no such thing");
}

static void
make_file(const struct box *b, const char *name)
{
	char path[128];
	int fd;

	(void)snprintf(path, sizeof(path), "%s/%s", b->path, name);
	fd = open(path, O_WRONLY | O_CREAT, 0600);
	CU_ASSERT_FATAL(fd != -1);
	(void)close(fd);
}

static void
box_init(struct box *b)
{
	char sub[128];

	(void)strcpy(b->path, "/var/tmp/nono-unit.XXXXXX");
	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(b->path));
	(void)snprintf(sub, sizeof(sub), "%s/sub", b->path);
	CU_ASSERT_EQUAL_FATAL(mkdir(sub, 0700), 0);
	make_file(b, "in");
	make_file(b, "sub/below");
	make_file(b, "sub/looked");
	b->script = script;
}

static void
box_clear(const struct box *b)
{
	char command[128];

	(void)snprintf(command, sizeof(command), "rm -rf %s", b->path);
	CU_ASSERT_EQUAL(system(command), 0);
}

static uint32_t
flags_of(const struct box *b, const struct trace_result *r, const char *name)
{
	char path[128];
	int n = snprintf(path, sizeof(path), "%s/%s", b->path, name);

	return paths_flags(&r->paths, path, (size_t)n);
}

static void
check_backend(bool every_call)
{
	struct box b;
	struct trace_result r;
	struct trace_options o = { .start = start_shell,
				   .context = &b,
				   .looks = true,
				   .results = true,
				   .every_call = every_call };
	struct err e = ERR_INIT;

	box_init(&b);
	CU_ASSERT_EQUAL_FATAL(trace_command(&r, &o, &e), 0);
	CU_ASSERT_EQUAL(r.filtered, !every_call);
	CU_ASSERT(WIFEXITED(r.status) && WEXITSTATUS(r.status) == 3);
	CU_ASSERT_EQUAL(flags_of(&b, &r, "in"), PATH_READ);
	CU_ASSERT_EQUAL(flags_of(&b, &r, "sub/below"), PATH_READ);
	CU_ASSERT_EQUAL(flags_of(&b, &r, "sub/looked"), PATH_LOOKED);
	CU_ASSERT_EQUAL(flags_of(&b, &r, "sub/absent"), PATH_ABSENT);
	CU_ASSERT(flags_of(&b, &r, "sub/made") & PATH_MADE);
	CU_ASSERT(flags_of(&b, &r, "sub/made") & PATH_MADE_WRITE);
	CU_ASSERT(flags_of(&b, &r, "sub/moved") & PATH_MOVED);
	CU_ASSERT(!(flags_of(&b, &r, "sub/moved") & PATH_KEPT));
	CU_ASSERT(flags_of(&b, &r, "sub/d") & PATH_KEPT);
	CU_ASSERT(flags_of(&b, &r, "sub/d") & PATH_DIRECTORY);
	CU_ASSERT_EQUAL(r.unreadable, 0);
	CU_ASSERT(!r.foreign_calls && !r.timed_out && !r.interrupted && r.left == 0);
	trace_result_clear(&r);
	box_clear(&b);
}

static void
test_filter(void)
{
	check_backend(false);
}

static void
test_every_call(void)
{
	check_backend(true);
}

static void
test_not_started(void)
{
	struct trace_result r;
	struct trace_options o = { .start = start_nothing };
	struct err e = ERR_INIT;
	sigset_t before, after;

	(void)sigprocmask(SIG_SETMASK, NULL, &before);
	CU_ASSERT_EQUAL(trace_command(&r, &o, &e), -ENOENT);
	CU_ASSERT_STRING_EQUAL(e.text, "there is no such thing");
	(void)sigprocmask(SIG_SETMASK, NULL, &after);
	for (int s = 1; s < 32; s++)
		CU_ASSERT_EQUAL(sigismember(&before, s), sigismember(&after, s));
	CU_ASSERT(waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD);
	trace_result_clear(&r);
}

static void
test_bounded(void)
{
	struct box b;
	struct trace_result r;
	struct trace_options o = { .start = start_shell, .context = &b };
	struct err e = ERR_INIT;

	box_init(&b);
	b.script = "i=0; while [ $i -lt 300 ]; do (: >f$i) & i=$((i + 1)); done; wait";
	CU_ASSERT_EQUAL_FATAL(trace_command(&r, &o, &e), 0);
	CU_ASSERT(WIFEXITED(r.status) && WEXITSTATUS(r.status) == 0);
	CU_ASSERT(flags_of(&b, &r, "f0") & PATH_MADE);
	CU_ASSERT(flags_of(&b, &r, "f299") & PATH_MADE);
	trace_result_clear(&r);
	box_clear(&b);
}

/* Stopped and continued as a shell does it with its jobs. */
static void
test_stopped(void)
{
	struct box b;
	struct trace_result r;
	struct trace_options o = { .start = start_shell, .context = &b, .timeout_ms = 20000 };
	struct err e = ERR_INIT;

	box_init(&b);
	b.script = "cat in & kill -STOP $!; (sleep 0.2; kill -CONT $!) & wait; "
		   "sh -c 'kill -STOP $$; cat sub/below' & p=$!; sleep 0.3; kill -CONT $p; wait $p";
	CU_ASSERT_EQUAL_FATAL(trace_command(&r, &o, &e), 0);
	CU_ASSERT(WIFEXITED(r.status) && WEXITSTATUS(r.status) == 0);
	CU_ASSERT(!r.timed_out);
	CU_ASSERT_EQUAL(flags_of(&b, &r, "sub/below"), PATH_READ);
	trace_result_clear(&r);
	box_clear(&b);
}

int
main(void)
{
	static const struct unit_test tests[] = {
		{ "stopped by a filter", test_filter },
		{ "stopped at every call", test_every_call },
		{ "what cannot be started", test_not_started },
		{ "many processes", test_bounded },
		{ "stopped and continued processes", test_stopped },
	};

	return unit_run("trace", tests, UNIT_COUNT(tests));
}
