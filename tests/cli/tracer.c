/*
 * tracer record OUT -- PROGRAM ...         write every system call of a launch to OUT
 * tracer inject N ERRNO OUT -- PROGRAM ... make the N-th one fail; what happened goes to OUT
 *
 * Standard streams belong to the traced program, and so does the exit code; 125 is the tracer's
 * own failure, 124 a timeout. The last line of OUT:
 *
 *   end calls=N program=yes|no injected=ROLE/NAME|- left=N status=exit:N|signal:N|timeout
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "tests/harness/trace_run.h"

enum { TIMEOUT_S = 20 };

struct error_name {
	const char *name;
	int value;
};

static const struct error_name errors[] = {
	{ "EPERM", EPERM },   { "EIO", EIO },	    { "ENOMEM", ENOMEM }, { "EACCES", EACCES },
	{ "EINVAL", EINVAL }, { "EMFILE", EMFILE }, { "EAGAIN", EAGAIN }, { "ENOSYS", ENOSYS },
	{ "EINTR", EINTR },   { "ENOENT", ENOENT },
};

static int
usage(void)
{
	(void)fprintf(stderr, "usage: tracer record OUT -- PROGRAM ...\n"
			      "       tracer inject N ERRNO OUT -- PROGRAM ...\n");
	return 125;
}

static int
error_value(const char *name)
{
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
		if (strcmp(errors[i].name, name) == 0)
			return errors[i].value;
	return 0;
}

static int
finish(FILE *out, struct trace_result *r)
{
	char status[32];
	int code;

	if (r->timed_out) {
		(void)snprintf(status, sizeof(status), "timeout");
		code = 124;
	} else if (WIFSIGNALED(r->status)) {
		(void)snprintf(status, sizeof(status), "signal:%d", WTERMSIG(r->status));
		code = 128 + WTERMSIG(r->status);
	} else {
		(void)snprintf(status, sizeof(status), "exit:%d", WEXITSTATUS(r->status));
		code = WEXITSTATUS(r->status);
	}
	for (char *c = r->injected_call; *c; c++)
		if (*c == ' ')
			*c = '/';
	(void)fprintf(out, "end calls=%lu program=%s injected=%s left=%d status=%s\n", r->calls,
		      r->program_ran ? "yes" : "no", r->injected ? r->injected_call : "-",
		      r->left_over, status);
	return fclose(out) == 0 ? code : 125;
}

int
main(int argc, char **argv)
{
	struct trace_options o = { .timeout_s = TIMEOUT_S };
	struct trace_result result;
	const char *path;
	FILE *out;
	int r;

	if (argc > 4 && strcmp(argv[1], "record") == 0 && strcmp(argv[3], "--") == 0) {
		path = argv[2];
		o.argv = argv + 4;
	} else if (argc > 6 && strcmp(argv[1], "inject") == 0 && strcmp(argv[5], "--") == 0) {
		path = argv[4];
		o.argv = argv + 6;
		o.inject = strtoul(argv[2], NULL, 10);
		o.error = error_value(argv[3]);
		if (o.inject == 0 || o.error == 0)
			return usage();
	} else {
		return usage();
	}
	out = fopen(path, "we");
	if (!out) {
		(void)fprintf(stderr, "tracer: cannot write '%s': %s\n", path, strerror(errno));
		return 125;
	}
	if (o.inject == 0)
		o.record = out;
	r = trace_run(&o, &result);
	if (r < 0) {
		(void)fprintf(stderr, "tracer: cannot trace '%s': %s\n", o.argv[0], strerror(-r));
		return 125;
	}
	return finish(out, &result);
}
