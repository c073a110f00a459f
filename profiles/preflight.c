/*
 * What an agent needs before it is confined (spec 03 10.4). Claude Code replaces ~/.claude.json by
 * renaming a new file over it, which needs the right to write the home directory; behind a symlink
 * into ~/.claude the same works inside a directory that can be granted. Codex makes ~/.codex, and a
 * grant of what is not there yet would be left out. A failure costs comfort, never the start: it is a
 * warning.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/str.h"
#include "profiles/internal.h"
#include "profiles/profile.h"

#define SETTINGS ".claude.json"
#define TARGET ".claude/claude.json"

/* An empty file where there is none: 0 or -errno. */
static int
make_file(int home, const char *name)
{
	autofd int fd = openat(home, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
			       0600);

	return fd == -1 && errno != EEXIST ? -errno : 0;
}

static int
make_directory(int home, const char *name)
{
	return mkdirat(home, name, 0700) == -1 && errno != EEXIST ? -errno : 0;
}

/* The user's file goes behind the link, or stays where it is: never neither. */
static int
move_settings(int home)
{
	int r;

	if (renameat2(home, SETTINGS, home, TARGET, RENAME_NOREPLACE) == -1)
		return -errno;
	if (symlinkat(TARGET, home, SETTINGS) == 0)
		return 0;
	r = -errno;
	(void)renameat2(home, TARGET, home, SETTINGS, RENAME_NOREPLACE);
	return r;
}

static int
link_settings(int home)
{
	struct stat st;
	int r;

	if (fstatat(home, SETTINGS, &st, AT_SYMLINK_NOFOLLOW) == 0)
		return S_ISREG(st.st_mode) ? move_settings(home) : 0;
	if (errno != ENOENT)
		return -errno;
	if ((r = make_file(home, TARGET)) < 0)
		return r;
	return symlinkat(TARGET, home, SETTINGS) == -1 ? -errno : 0;
}

static int
prepare_claude(int home)
{
	int r;

	if ((r = make_file(home, ".claude.json.lock")) < 0 ||
	    (r = make_directory(home, ".cache")) < 0 ||
	    (r = make_directory(home, ".cache/claude-cli-nodejs")) < 0 ||
	    (r = make_directory(home, ".claude")) < 0)
		return r;
	return link_settings(home);
}

static int
prepare_codex(int home)
{
	return make_directory(home, ".codex");
}

int
preflight(struct assembly *a, struct err *e)
{
	static const struct {
		const char *preset, *name;
		int (*prepare)(int home);
	} agents[] = {
		{ "claude-code", "Claude Code", prepare_claude },
		{ "codex", "Codex", prepare_codex },
	};

	for (size_t i = 0; i < ARRAY_LEN(agents) && !a->rq->dry_run; i++) {
		autofd int home = -1;
		int r;

		if (!profile_builds_on(a->rq->profile, agents[i].preset))
			continue;
		home = open(a->host.home, O_PATH | O_DIRECTORY | O_CLOEXEC);
		r = home == -1 ? -errno : agents[i].prepare(home);
		if (r < 0 &&
		    note_add(a, POLICY_NOTE_WARNING,
			     "the settings of %s in '%s' could not be prepared (%s); it may be "
			     "unable to save them",
			     agents[i].name, a->host.home, strerror(-r)) < 0)
			return err_memory(e);
	}
	return 0;
}
