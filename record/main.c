/* nono-record: reads its words, then becomes one role. */
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/str.h"
#include "record/internal.h"

#ifndef NONO_BUILD_ID
#define NONO_BUILD_ID "unknown"
#endif

enum { FD_MIN = 3, FD_MAX = 65535 };

static int
usage(void)
{
	static const char text[] =
		"error: nono-record is started by nono, with what it needs to know\n"
		"usage: nono-record conclude --plan-fd=N --facts-fd=N [--output-fd=N] "
		"[--json-fd=N] [--context-fd=N --list-fd=N] --build=ID\n"
		"       nono-record recover --audit-fd=N --build=ID\n"
		"For more information, try 'nono run --help'.\n";

	(void)!fd_write_all(STDERR_FILENO, text, sizeof(text) - 1);
	return EXIT_USAGE;
}

static int
other_build(void)
{
	static const char text[] =
		"nono: nono-record and nono-broker are of different builds; install both together\n";

	(void)!fd_write_all(STDERR_FILENO, text, sizeof(text) - 1);
	return EXIT_NONO;
}

/* "--plan-fd=7" and so on, each at most once. */
static bool
take_fd(struct confine_fds *fds, int *audit, const char *word)
{
	const struct {
		const char *option;
		int *fd;
	} options[] = {
		{ "--plan-fd=", &fds->plan },	    { "--facts-fd=", &fds->facts },
		{ "--output-fd=", &fds->output },   { "--json-fd=", &fds->json },
		{ "--context-fd=", &fds->context }, { "--list-fd=", &fds->list },
		{ "--audit-fd=", audit },
	};
	uint64_t number;

	for (size_t i = 0; i < ARRAY_LEN(options); i++) {
		if (!str_starts_with(word, options[i].option))
			continue;
		if (*options[i].fd != -1 ||
		    str_to_u64(word + strlen(options[i].option), FD_MIN, FD_MAX, &number) < 0)
			return false;
		*options[i].fd = (int)number;
		return true;
	}
	return false;
}

int
main(int argc, char **argv)
{
	struct confine_fds fds = { -1, -1, -1, -1, -1, -1 };
	static const char build_option[] = "--build=";
	const char *build = NULL;
	bool recover;
	int audit = -1;

	if (fd_open_standard() < 0)
		return EXIT_NONO;
	recover = argc >= 2 && str_equal(argv[1], "recover");
	if (argc < 2 || (!recover && !str_equal(argv[1], "conclude")))
		return usage();
	for (int i = 2; i < argc; i++) {
		if (str_starts_with(argv[i], build_option) && !build)
			build = argv[i] + strlen(build_option);
		else if (!take_fd(&fds, &audit, argv[i]))
			return usage();
	}
	if (!build || (recover ? audit == -1 : fds.plan == -1 || fds.facts == -1) ||
	    (fds.context == -1) != (fds.list == -1))
		return usage();
	if (!str_equal(build, NONO_BUILD_ID))
		return other_build();
	return recover ? record_recover(audit) : record_conclude(&fds);
}
