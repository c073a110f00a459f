/*
 * F-9: f9_second_mount NONO MODE: what is denied by its name is also to be seen below a granted
 * directory, because something is mounted there. Landlock would let it be read; nono must refuse
 * to start. The mounts are made in namespaces of our own, so that no root is needed.
 *
 * ESC_HOME/.ssh/key says "secret"; what is granted is a directory with the mount in it.
 */
#include "tests/escape/attack.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct mount_case {
	const char *name;
	const char *from;  /* in ESC_HOME */
	const char *at;	   /* in the granted directory: the mount point */
	const char *key;   /* the secret there */
	const char *extra; /* one more option, or NULL */
};

static char grant[PATH_MAX];

static void
join(char ret[PATH_MAX], const char *dir, const char *name)
{
	if (snprintf(ret, PATH_MAX, "%s/%s", dir, name) >= PATH_MAX)
		exit(3);
}

static void
make_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	if (fd == -1 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		exit(3);
	(void)close(fd);
}

/* What a program under nono reads there; -1: it could not. */
static int
read_inside(const char *nono, const char *mode, const char *extra, const char *path, char text[64])
{
	const char *argv[] = { nono,  mode, "-s",	"--allow-cwd", "--read", grant,
			       extra, "--", "/bin/cat", path,	       NULL };
	int out[2], status = 0;
	ssize_t n;
	pid_t pid;

	if (!extra)
		memmove(&argv[6], &argv[7], sizeof(argv) - 7 * sizeof(*argv));
	if (pipe2(out, O_CLOEXEC) == -1 || (pid = fork()) == -1)
		exit(3);
	if (pid == 0) {
		(void)dup2(out[1], 1);
		(void)execv(nono, (char *const *)(void *)argv);
		_exit(3);
	}
	(void)close(out[1]);
	n = read(out[0], text, 63);
	text[n > 0 ? n : 0] = '\0';
	(void)close(out[0]);
	if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		exit(3);
	return WEXITSTATUS(status) == 0 ? 0 : -1;
}

static void
attack(const char *nono, const char *mode, const struct mount_case *c)
{
	char from[PATH_MAX], at[PATH_MAX], key[PATH_MAX], text[64] = "";

	join(from, attack_env("ESC_HOME"), c->from);
	join(at, grant, c->at);
	join(key, grant, c->key);
	if (mount(from, at, NULL, MS_BIND | MS_REC, NULL) == -1) {
		attack_skip(c->name, "nothing can be mounted here");
		return;
	}
	(void)read_inside(nono, mode, c->extra, key, text);
	attack_effect(c->name, strcmp(text, "secret") == 0, "refused");
	if (umount2(at, MNT_DETACH) == -1)
		exit(3);
}

/* The same with what nobody denies. */
static void
twin(const char *nono, const char *mode)
{
	char from[PATH_MAX], at[PATH_MAX], file[PATH_MAX], text[64] = "";

	join(from, attack_env("ESC_OUT"), "f9-plain");
	(void)mkdir(from, 0755);
	join(file, from, "file");
	make_file(file, "public");
	join(at, grant, "directory");
	join(file, at, "file");
	if (mount(from, at, NULL, MS_BIND, NULL) == -1)
		return;
	errno = read_inside(nono, mode, NULL, file, text) == 0 ? 0 : EACCES;
	attack_twin("bind-harmless", strcmp(text, "public") == 0);
	(void)umount2(at, MNT_DETACH);
}

int
main(int argc, char **argv)
{
	static const struct mount_case cases[] = {
		{ "bind-denied", ".ssh", "directory", "directory/key", NULL },
		{ "bind-above", "", "directory", "directory/.ssh/key", NULL },
		{ "bind-file", ".ssh/key", "file", "file", NULL },
		{ "bind-denied-auto", ".ssh", "directory", "directory/key", "--deny-overlap=auto" },
		{ "bind-file-auto", ".ssh/key", "file", "file", "--deny-overlap=auto" },
	};
	const size_t count = sizeof(cases) / sizeof(cases[0]);
	char path[PATH_MAX];

	if (argc != 3)
		return 2;
	join(grant, attack_env("ESC_OUT"), "f9-granted");
	join(path, grant, "directory");
	(void)mkdir(grant, 0755);
	(void)mkdir(path, 0755);
	join(path, grant, "file");
	make_file(path, "");
	if (!attack_own_mounts()) {
		for (size_t i = 0; i < count; i++)
			attack_skip(cases[i].name, "no user namespace to mount in");
		return 0;
	}
	for (size_t i = 0; i < count; i++)
		attack(argv[1], argv[2], &cases[i]);
	twin(argv[1], argv[2]);
	return 0;
}
