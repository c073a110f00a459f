/*
 * Write a plan image by hand, so that a test can start nono-broker without the front end.
 *
 *   make_plan [--all-terminals] [--rw DIR] OUT PROGRAM [ARGUMENT...]
 *   make_plan --sample OUT
 *
 * PROGRAM is absolute. It may read /usr, /bin, /lib and /lib64, and use DIR for reading and
 * writing; it gets PATH and nothing else of the environment, and the network stays open.
 * --all-terminals is linux.pty_access "all". --sample writes a plan with every section filled: a seed
 * for tests/fuzz/fuzz_plan.c.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fd.h"
#include "base/path.h"
#include "tests/harness/plan_sample.h"

static int
add_system(struct plan_builder *b)
{
	static const char *const directories[] = { "/usr", "/bin", "/lib", "/lib64" };
	int r = 0;

	for (size_t i = 0; i < ARRAY_LEN(directories) && r == 0; i++) {
		struct sample_grant g = {
			.original = directories[i],
			.access = PLAN_READ,
			.kind = PLAN_KIND_ANY,
			.flags = PLAN_GRANT_OPTIONAL,
		};

		r = sample_add_grant(b, &g);
	}
	return r;
}

static int
add_directory(struct plan_builder *b, const char *directory)
{
	struct plan_grant g = {
		.access = PLAN_READ | PLAN_WRITE,
		.kind = PLAN_KIND_DIR,
		.source = PLAN_SOURCE_USER,
		.flags = PLAN_GRANT_CHECKED,
	};
	autobuf struct buf resolved = BUF_INIT;
	autofd int fd = -1;
	struct stat st;
	int r;

	if ((fd = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC)) == -1 || fstat(fd, &st) == -1)
		return -errno;
	g.device = st.st_dev;
	g.inode = st.st_ino;
	g.type = st.st_mode & S_IFMT;
	if ((r = path_of_fd(&resolved, fd)) < 0 ||
	    (r = plan_build_string(b, directory, &g.original)) < 0 ||
	    (r = plan_build_string(b, buf_str(&resolved), &g.resolved)) < 0)
		return r;
	return plan_build_grant(b, &g);
}

/* The plan starts where the caller stands. */
static int
add_place(struct plan_builder *b)
{
	char cwd[PATH_MAX];
	int r;

	if (!getcwd(cwd, sizeof(cwd)))
		return -errno;
	if ((r = plan_build_string(b, cwd, &b->settings.start_directory)) < 0)
		return r;
	b->settings.workdir = b->settings.start_directory;
	b->settings.uid = (uint32_t)getuid();
	b->settings.flags = PLAN_SILENT | PLAN_NO_AUDIT;
	return plan_build_environment(b, "PATH=/usr/bin:/bin");
}

static int
write_image(struct plan_builder *b, const char *out, struct err *e)
{
	autofree void *image = NULL;
	autofd int fd = -1;
	size_t bytes;
	int r;

	if ((r = plan_build_finish(b, &image, &bytes, e)) < 0)
		return r;
	if ((fd = open(out, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)) == -1)
		return err_set_errno(e, -errno, "cannot create '%s'", out);
	if ((r = fd_write_all(fd, image, bytes)) < 0)
		return err_set_errno(e, r, "cannot write '%s'", out);
	return 0;
}

static int
add_terminals(struct plan_builder *b)
{
	const struct sample_grant g = {
		.original = "/dev/pts",
		.access = PLAN_READ | PLAN_WRITE,
		.kind = PLAN_KIND_ANY,
		.flags = PLAN_GRANT_OPTIONAL,
	};

	/* Not silent: there is a warning to be seen. */
	b->settings.flags = PLAN_PTY_ALL | PLAN_NO_AUDIT;
	return sample_add_grant(b, &g);
}

static int
make(const char *directory, bool terminals, char **words, struct err *e)
{
	struct plan_builder b;
	int r;

	if ((r = sample_begin(&b, words[1])) < 0)
		return err_set_errno(e, r, "cannot begin a plan");
	if ((r = add_place(&b)) == 0 && (r = add_system(&b)) == 0 && directory)
		r = add_directory(&b, directory);
	if (r == 0 && terminals)
		r = add_terminals(&b);
	for (size_t i = 2; words[i] && r == 0; i++)
		r = plan_build_argument(&b, words[i]);
	r = r < 0 ? err_set_errno(e, r, "cannot build the plan") : write_image(&b, words[0], e);
	plan_builder_clear(&b);
	return r;
}

static int
make_sample(const char *out, struct err *e)
{
	struct plan_builder b;
	int r;

	if ((r = sample_full(&b)) < 0)
		return err_set_errno(e, r, "cannot build the sample");
	r = write_image(&b, out, e);
	plan_builder_clear(&b);
	return r;
}

int
main(int argc, char **argv)
{
	const char *directory = NULL;
	bool terminals = false;
	struct err e = ERR_INIT;
	char **word = argv + 1;
	int r;

	if (argc == 3 && strcmp(word[0], "--sample") == 0) {
		r = make_sample(word[1], &e);
	} else {
		if (argc > 3 && strcmp(word[0], "--all-terminals") == 0) {
			terminals = true;
			word++;
		}
		if (word[0] && word[1] && strcmp(word[0], "--rw") == 0) {
			directory = word[1];
			word += 2;
		}
		if (!word[0] || !word[1] || word[0][0] == '-') {
			(void)fprintf(
				stderr,
				"usage: make_plan [--all-terminals] [--rw DIR] OUT PROGRAM [ARGUMENT...]\n"
				"       make_plan --sample OUT\n");
			return EXIT_USAGE;
		}
		r = make(directory, terminals, word, &e);
	}
	if (r < 0) {
		(void)fprintf(stderr, "make_plan: %s\n", e.text);
		return EXIT_NONO;
	}
	return 0;
}
