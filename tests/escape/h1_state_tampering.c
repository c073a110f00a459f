/*
 * H1: nono's own state and configuration: who writes there decides what the next run may do.
 * ESC_HOME holds .nono, .local/state/nono and .config/nono.
 */
#include "tests/escape/attack.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *
at_home(const char *name)
{
	static char path[PATH_MAX];

	(void)snprintf(path, sizeof(path), "%s/%s", attack_env("ESC_HOME"), name);
	return path;
}

static void
create(const char *name, const char *file)
{
	attack_open(name, at_home(file), O_WRONLY | O_CREAT);
}

int
main(void)
{
	create("legacy-state", ".nono/planted");
	create("state", ".local/state/nono/planted");
	create("config", ".config/nono/planted");
	create("profile", ".config/nono/profiles/codex.json");
	attack_open("profile-read-write", at_home(".config/nono/profiles/mine.json"), O_RDWR);
	attack_result("unlink-profile", unlink(at_home(".config/nono/profiles/victim.json")));
	attack_result("move-config", rename(at_home(".config/nono/profiles"),
					    at_home(".config/nono/profiles.old")));
	(void)rename(at_home(".config/nono/profiles.old"), at_home(".config/nono/profiles"));
	attack_twin_open("own-create", attack_work_path("created"), O_WRONLY | O_CREAT);
	return 0;
}
