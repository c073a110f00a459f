/* The outer side; see the header. */
#include "cli/live.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fd.h"
#include "base/str.h"

#ifndef MFD_EXEC /* Linux 6.3 */
#define MFD_EXEC 0x0010U
#endif

enum {
	ANSWER_MS_MAX = 60000, /* between two answers: a path may lead to a slow server */
	PROGRAM_BYTES_MAX = 64 << 20,
	FAILED_MARK = 0x4641494c, /* in `zero`: the text of an error follows */
};

struct live {
	pid_t pid;
	int program, plan, list; /* memory files that both sides have */
	int go;			 /* one byte when the files are filled */
	int in;			 /* answers */
	struct buf words;	 /* what goes to `list` */
	struct live_answer *answer;
	size_t count;
};

/* ---- the process that becomes the sandbox ---- */

static _Noreturn void
fail(int out, const struct err *e)
{
	const struct live_answer mark = { .error = -1, .zero = FAILED_MARK };

	(void)!fd_write_all(out, &mark, sizeof(mark));
	(void)!fd_write_all(out, e->text, strlen(e->text));
	_exit(EXIT_NONO);
}

static int
set_streams(const struct live *l, int out)
{
	autofd int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null == -1 || dup2(l->list, STDIN_FILENO) == -1 || dup2(out, STDOUT_FILENO) == -1 ||
	    dup2(null, STDERR_FILENO) == -1)
		return -errno;
	return 0;
}

static _Noreturn void
become_sandbox(const struct live *l, int wait, int out)
{
	struct err e = ERR_INIT;
	struct launch *launch;
	struct kernel kernel;
	struct plan plan;
	void *image;
	size_t bytes;
	char byte;
	int r;

	if (read(wait, &byte, 1) != 1)
		_exit(0);
	/* No terminal: a case about /dev/tty shall not meet that of the user. */
	(void)setsid();
	if ((r = set_streams(l, out)) < 0 ||
	    (r = fd_read_file(l->plan, PLAN_BYTES_MAX, false, &image, &bytes)) < 0) {
		(void)err_set_errno(&e, r, "cannot prepare the sandbox of the test");
		fail(out, &e);
	}
	kernel_probe(&kernel);
	if (plan_open(&plan, image, bytes, &e) == 0 &&
	    launch_prepare(&launch, &plan, &kernel, &e) == 0)
		(void)launch_exec(launch, &e);
	fail(STDOUT_FILENO, &e);
}

/* ---- around it ---- */

/* A copy of this program that can be executed; the descriptor or -errno. */
static int
copy_program(void)
{
	autofd int self = open("/proc/self/exe", O_RDONLY | O_CLOEXEC), fd = -1;
	autofree void *p = NULL;
	size_t n;
	int r;

	if (self == -1)
		return -errno;
	if ((r = fd_read_file(self, PROGRAM_BYTES_MAX, false, &p, &n)) < 0)
		return r;
	fd = memfd_create("nono", MFD_CLOEXEC | MFD_EXEC);
	/* Before 6.3 every memory file can be executed, and the flag is not known. */
	if (fd == -1 && errno == EINVAL)
		fd = memfd_create("nono", MFD_CLOEXEC);
	if (fd == -1)
		return -errno;
	if ((r = fd_write_all(fd, p, n)) < 0 || (r = fchmod(fd, 0500) == -1 ? -errno : 0) < 0)
		return r;
	return fd_take(&fd);
}

static int
make_files(struct live *l)
{
	int r;

	if ((l->plan = memfd_create("nono-plan", MFD_CLOEXEC)) == -1 ||
	    (l->list = memfd_create("nono-live", MFD_CLOEXEC)) == -1)
		return -errno;
	/* Writers would keep it from being executed (ETXTBSY): the descriptor that is left reads. */
	if ((r = copy_program()) < 0)
		return r;
	l->program = r;
	return 0;
}

static int
reopen_program(struct live *l)
{
	char name[64];
	int fd;

	(void)snprintf(name, sizeof(name), "/proc/self/fd/%d", l->program);
	if ((fd = open(name, O_RDONLY | O_CLOEXEC)) == -1)
		return -errno;
	(void)fd_close(l->program);
	l->program = fd;
	return 0;
}

int
live_start(struct live **ret, struct err *e)
{
	struct live *l = mem_calloc(1, sizeof(*l));
	autofd int wait = -1, out = -1;
	int go[2], in[2], r;

	*ret = l;
	if (!l)
		return err_set(e, -ENOMEM, "out of memory");
	l->program = l->plan = l->list = l->go = l->in = -1;
	if ((r = make_files(l)) < 0 || (r = reopen_program(l)) < 0)
		return err_set_errno(e, r,
				     "--live: cannot make a copy of nono to run in a sandbox");
	if (pipe2(go, O_CLOEXEC) == -1)
		return err_set_errno(e, -errno, "--live: cannot make a pipe");
	wait = go[0];
	l->go = go[1];
	if (pipe2(in, O_CLOEXEC) == -1)
		return err_set_errno(e, -errno, "--live: cannot make a pipe");
	l->in = in[0];
	out = in[1];
	if ((l->pid = fork()) == -1)
		return err_set_errno(e, -errno, "--live: cannot start another process");
	if (l->pid == 0) {
		/* Its end is how it learns that we are gone. */
		l->go = fd_close(l->go);
		l->in = fd_close(l->in);
		become_sandbox(l, wait, out);
	}
	return 0;
}

void
live_free(struct live *l)
{
	if (!l)
		return;
	(void)fd_close(l->go);
	if (l->pid > 0) {
		(void)kill(l->pid, SIGKILL);
		while (waitpid(l->pid, NULL, 0) == -1 && errno == EINTR)
			;
	}
	(void)fd_close(l->in);
	(void)fd_close(l->program);
	(void)fd_close(l->plan);
	(void)fd_close(l->list);
	buf_clear(&l->words);
	mem_free(l->answer);
	mem_free(l);
}

int
live_add(struct live *l, enum live_op op, const char *path)
{
	if (buf_addc(&l->words, (char)op) < 0 || buf_add(&l->words, path, strlen(path) + 1) < 0)
		return -ENOMEM;
	l->count++;
	return 0;
}

/* ---- the plan ---- */

/* That of `nono run`, but for the program, which nobody has to grant. */
static int
write_plan(struct live *l, const struct policy_request *asked, struct err *e)
{
	static const char *const words[] = { "nono", LIVE_COMMAND };
	struct policy_request rq = *asked;
	struct policy_notes notes = { 0 };
	struct plan_builder b;
	autofree void *image = NULL;
	char program[64];
	size_t bytes = 0;
	int r;

	rq.explain = rq.dry_run = true;
	rq.no_audit = rq.no_state = rq.shared_tmp = true;
	rq.memory_bytes = rq.max_processes = 0;
	rq.command = (struct words){ words, ARRAY_LEN(words) };
	(void)snprintf(program, sizeof(program), "/proc/self/fd/%d", l->program);
	if (plan_builder_init(&b) < 0)
		return err_set(e, -ENOMEM, "out of memory");
	r = policy_assemble(&b, &rq, &notes, NULL, NULL, e);
	for (size_t i = 0; r == 0 && i < notes.count; i++)
		if (notes.item[i].kind == POLICY_NOTE_WOULD_FAIL)
			r = err_set(
				e, -EACCES,
				"--live: nothing can be tried, because nono run would refuse to "
				"start: %s. Leave --live out to compare with nono why alone",
				notes.item[i].text);
	if (r == 0 && (plan_build_string(&b, program, &b.settings.program) < 0 ||
		       plan_build_shown(&b, "") < 0 || plan_build_shown(&b, "") < 0))
		r = err_set(e, -ENOMEM, "out of memory");
	if (r == 0)
		r = plan_build_finish(&b, &image, &bytes, e);
	plan_builder_clear(&b);
	policy_notes_clear(&notes);
	if (r == 0 && (r = fd_write_all(l->plan, image, bytes)) < 0)
		r = err_set_errno(e, r, "--live: cannot hand over the plan");
	return r;
}

/* ---- answers ---- */

/* Up to `n` bytes: how many, less at the end of the pipe, or -errno. */
static ssize_t
read_some(int fd, void *p, size_t n)
{
	size_t got = 0;

	while (got < n) {
		struct pollfd ready = { .fd = fd, .events = POLLIN };
		int r = poll(&ready, 1, ANSWER_MS_MAX);
		ssize_t more;

		if (r == -1 && errno == EINTR)
			continue;
		if (r <= 0)
			return r == 0 ? -ETIMEDOUT : -errno;
		more = read(fd, (char *)p + got, n - got);
		if (more == -1)
			return -errno;
		if (more == 0)
			break;
		got += (size_t)more;
	}
	return (ssize_t)got;
}

static int
read_answers(struct live *l, struct err *e)
{
	for (size_t i = 0; i < l->count; i++) {
		struct live_answer *a = &l->answer[i];
		ssize_t n = read_some(l->in, a, sizeof(*a));

		if (n == sizeof(*a) && a->zero == FAILED_MARK) {
			char text[ERR_TEXT_MAX] = "";

			(void)read_some(l->in, text, sizeof(text) - 1);
			return err_set(e, -EOPNOTSUPP, "--live: %s", text);
		}
		if (n == 0)
			return err_set(e, -ECHILD,
				       "--live: no program runs under this profile, not even nono: "
				       "it may grant too little of the C library");
		if (n != sizeof(*a) || a->error < 0 || a->zero != 0)
			return err_set_errno(e, n < 0 ? (int)n : -EBADMSG,
					     "--live: the process in the sandbox did not answer");
	}
	return 0;
}

int
live_run(struct live *l, const struct policy_request *rq, const struct live_answer **ret,
	 struct err *e)
{
	int r;

	l->answer = mem_calloc(l->count + 1, sizeof(*l->answer));
	if (!l->answer)
		return err_set(e, -ENOMEM, "out of memory");
	if ((r = write_plan(l, rq, e)) < 0)
		return r;
	if ((r = fd_write_all(l->list, buf_str(&l->words), l->words.n)) < 0 ||
	    (r = fd_write_all(l->go, "", 1)) < 0)
		return err_set_errno(e, r, "--live: cannot hand over the cases");
	*ret = l->answer;
	return read_answers(l, e);
}
