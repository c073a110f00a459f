/* nono-broker: reads its plan, splits off the guardian, runs the session. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/hooks.h"
#include "base/str.h"
#include "broker/internal.h"

#ifndef NONO_BUILD_ID
#define NONO_BUILD_ID "unknown"
#endif

enum { PLAN_FD_MAX = 65535 };

static const char plan_option[] = "--plan-fd=", build_option[] = "--build=";

static int
usage(void)
{
	static const char text[] =
		"error: nono-broker is started by `nono run`, with a plan of the same build\n"
		"usage: nono-broker --plan-fd=N [--build=ID [--json-fd=N] [--save-fd=N] [--auto-run-fd=N]]\n"
		"For more information, try 'nono run --help'.\n";

	(void)!fd_write_all(STDERR_FILENO, text, sizeof(text) - 1);
	return EXIT_USAGE;
}

/* "--json-fd=7" and the like, each at most once: nobody else gets the descriptor. */
static bool
take_fd(const char *word, struct handed *h)
{
	const struct {
		const char *option;
		int *fd;
	} options[] = { { "--json-fd=", &h->json_fd },
			{ "--save-fd=", &h->save_fd },
			{ "--auto-run-fd=", &h->auto_run_fd } };
	uint64_t number;

	for (size_t i = 0; i < ARRAY_LEN(options); i++) {
		if (!str_starts_with(word, options[i].option))
			continue;
		if (*options[i].fd != -1 ||
		    str_to_u64(word + strlen(options[i].option), 3, PLAN_FD_MAX, &number) < 0)
			return false;
		*options[i].fd = (int)number;
		return fcntl((int)number, F_SETFD, FD_CLOEXEC) == 0;
	}
	return false;
}

int
main(int argc, char **argv)
{
	const struct sigaction by_default = { .sa_handler = SIG_DFL };
	sigset_t all, original;
	uint64_t plan_fd = 0;
	struct terminal_modes modes;
	struct plan plan;
	struct err e = ERR_INIT;
	struct handed handed = { -1, -1, -1 };
	int guardian_fd;

	if (fd_open_standard() < 0)
		return EXIT_NONO;
	if (argc < 2 || argc > 6 || !str_starts_with(argv[1], plan_option) ||
	    str_to_u64(argv[1] + strlen(plan_option), 3, PLAN_FD_MAX, &plan_fd) < 0)
		return usage();
	for (int i = 3; i < argc; i++)
		if (!take_fd(argv[i], &handed))
			return usage();
	if (argc >= 3 && !str_equal(argv[2], "--build=" NONO_BUILD_ID)) {
		if (!str_starts_with(argv[2], build_option))
			return usage();
		(void)err_set(
			&e, -EPROTONOSUPPORT,
			"nono and nono-broker are of different builds (%s and %s); install both "
			"together",
			argv[2] + strlen(build_option), NONO_BUILD_ID);
		message_error(NULL, &e);
		return EXIT_NONO;
	}

	/* Nobody of the same user may look into the broker or trace it, from its first line on. */
	if (prctl(PR_SET_DUMPABLE, 0) == -1)
		(void)err_set_errno(&e, -errno, "cannot protect the broker's memory");
	/* Inherited as ignored, it would make the kernel reap our children unseen. */
	else if (sigaction(SIGCHLD, &by_default, NULL) == -1 || sigfillset(&all) == -1 ||
		 sigprocmask(SIG_SETMASK, &all, &original) == -1)
		(void)err_set_errno(&e, -errno, "cannot block signals");
	if (e.code < 0 || plan_load(&plan, (int)plan_fd, &e) < 0) {
		message_error(NULL, &e);
		return EXIT_NONO;
	}
	terminal_modes_save(&modes);
	if (guardian_start(&plan, &modes, &guardian_fd, &e) < 0) {
		message_error(&plan, &e);
		return message_exit_code(&plan, &e);
	}
	return session_run(&plan, &original, &modes, guardian_fd, &handed);
}
