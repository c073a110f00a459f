/*
 * The scene: what is outside, what is granted, and the plans. Everything stands in one fresh
 * directory and goes with it.
 */
#include "cli/prove_stage.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <netinet/in.h>

#include "base/fd.h"
#include "base/str.h"
#include "cli/env.h"

enum { FTW_DESCRIPTORS = 8 };

/* ---- the scene ---- */

static int
make_file(struct stage *s, const char *name)
{
	char path[PATH_MAX];
	autofd int fd = -1;

	if (snprintf(path, sizeof(path), "%s/%s", s->box, name) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	return fd == -1 ? -errno : fd_write_all(fd, "secret\n", 7);
}

static int
make_directory(struct stage *s, const char *name)
{
	char path[PATH_MAX];

	if (snprintf(path, sizeof(path), "%s/%s", s->box, name) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	return mkdir(path, 0700) == -1 ? -errno : 0;
}

static int
make_box(struct stage *s)
{
	static const char *const directories[] = {
		"granted",	     "second",
		"outside",	     "home",
		"home/.local",	     "home/.local/state",
		"home/.local/share", "home/.local/share/keyrings",
	};
	static const char *const files[] = { "granted/file", "granted/moved", "outside/file" };
	const char *parent = env_get(s->environment, "TMPDIR");
	char path[PATH_MAX], real[PATH_MAX];
	int r = 0;

	errno = 0;
	if (!parent || parent[0] != '/')
		parent = "/tmp";
	if (snprintf(path, sizeof(path), "%s/nono-setup.XXXXXX", parent) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	if (!mkdtemp(path))
		return -errno;
	/* What the plan grants and what the kernel compares is the real path. */
	if (!realpath(path, real) || strlen(real) >= sizeof(s->box)) {
		r = errno ? -errno : -ENAMETOOLONG;
		(void)rmdir(path);
		return r;
	}
	memcpy(s->box, real, strlen(real) + 1);
	for (size_t i = 0; i < ARRAY_LEN(directories) && r == 0; i++)
		r = make_directory(s, directories[i]);
	for (size_t i = 0; i < ARRAY_LEN(files) && r == 0; i++)
		r = make_file(s, files[i]);
	return r;
}

static int
listen_on_loopback(int *ret_fd, char *text, size_t n)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t length = sizeof(address);
	autofd int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd == -1 || bind(fd, (const struct sockaddr *)&address, sizeof(address)) == -1 ||
	    listen(fd, 8) == -1 || getsockname(fd, (struct sockaddr *)&address, &length) == -1)
		return -errno;
	(void)snprintf(text, n, "%u", (unsigned int)ntohs(address.sin_port));
	*ret_fd = fd_take(&fd);
	return 0;
}

static int
listen_abstract(struct stage *s)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	size_t n = strlen(s->name);
	autofd int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd == -1)
		return -errno;
	memcpy(address.sun_path + 1, s->name, n);
	if (bind(fd, (const struct sockaddr *)&address,
		 (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + n)) == -1 ||
	    listen(fd, 8) == -1)
		return -errno;
	s->abstract = fd_take(&fd);
	return 0;
}

/* Two terminals: the sandboxed process's own, and one that is somebody else's. */
static void
make_terminals(struct stage *s)
{
	int *masters[] = { &s->own_master, &s->other_master };

	for (size_t i = 0; i < ARRAY_LEN(masters); i++) {
		int fd = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);

		if (fd == -1 || grantpt(fd) == -1 || unlockpt(fd) == -1 ||
		    ptsname_r(fd, s->terminal, sizeof(s->terminal)) != 0) {
			s->terminal[0] = '\0';
			(void)fd_close(fd);
			return;
		}
		*masters[i] = fd;
	}
}

static int
make_victim(struct stage *s)
{
	pid_t parent = getpid();

	s->victim = fork();
	if (s->victim == -1)
		return -errno;
	if (s->victim == 0) {
		/* Not left behind, whatever becomes of us. */
		if (prctl(PR_SET_PDEATHSIG, SIGKILL) == -1 || getppid() != parent)
			_exit(1);
		for (;;)
			(void)pause();
	}
	(void)snprintf(s->victim_text, sizeof(s->victim_text), "%d", (int)s->victim);
	return 0;
}

int
stage_set(struct stage *s)
{
	ssize_t n = readlink("/proc/self/exe", s->self, sizeof(s->self) - 1);
	struct timespec now;
	int r;

	if (n == -1)
		return err_set_errno(s->e, -errno, "Setup error: cannot find this program");
	s->self[n] = '\0';
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	(void)snprintf(s->name, sizeof(s->name), "nono-setup-%d-%lx", (int)getpid(),
		       (unsigned long)now.tv_nsec);
	make_terminals(s);
	if ((r = make_box(s)) < 0)
		return err_set_errno(s->e, r,
				     "Setup error: cannot make a directory for the checks; set "
				     "TMPDIR to one that can be written");
	if ((r = listen_on_loopback(&s->listener, s->port_text, sizeof(s->port_text))) < 0 ||
	    (r = listen_on_loopback(&s->granted_listener, s->granted_text,
				    sizeof(s->granted_text))) < 0 ||
	    (r = listen_abstract(s)) < 0)
		return err_set_errno(s->e, r, "Setup error: cannot make sockets for the checks");
	if (s->kernel->landlock_abi < LANDLOCK_ABI_NET)
		(void)snprintf(s->granted_text, sizeof(s->granted_text), "0");
	if ((r = make_victim(s)) < 0)
		return err_set_errno(s->e, r, "Setup error: cannot start a process for the checks");
	return 0;
}

static int
remove_one(const char *path, const struct stat *st ATTR_UNUSED, int type, struct FTW *f ATTR_UNUSED)
{
	(void)(type == FTW_DP ? rmdir(path) : unlink(path));
	return 0;
}

void
stage_clear(struct stage *s)
{
	if (s->victim > 0) {
		(void)kill(s->victim, SIGKILL);
		while (waitpid(s->victim, NULL, 0) == -1 && errno == EINTR)
			;
	}
	if (*s->box)
		(void)nftw(s->box, remove_one, FTW_DESCRIPTORS, FTW_DEPTH | FTW_PHYS);
	(void)fd_close(s->listener);
	(void)fd_close(s->granted_listener);
	(void)fd_close(s->abstract);
	(void)fd_close(s->own_master);
	(void)fd_close(s->other_master);
}

/* ---- plans ---- */

static int
add_grant(struct plan_builder *b, const char *path, unsigned int access, enum plan_kind kind)
{
	struct plan_grant g = {
		.access = (uint8_t)access,
		.kind = (uint8_t)kind,
		.source = PLAN_SOURCE_USER,
		.alias = (uint8_t)plan_alias_of(path, access),
	};
	int r = plan_build_string(b, path, &g.original);

	g.resolved = g.original;
	return r < 0 ? r : plan_build_grant(b, &g);
}

static int
add_below_box(struct plan_builder *b, const struct stage *s, const char *name)
{
	autobuf struct buf path = BUF_INIT;
	int r = buf_addf(&path, "%s/%s", s->box, name);

	return r < 0 ? r : add_grant(b, buf_str(&path), PLAN_READ | PLAN_WRITE, PLAN_KIND_DIR);
}

static int
add_words(struct plan_builder *b, const struct stage *s, enum prove_mode mode)
{
	char number[16];
	const char *const words[] = {
		"nono",	      PROVE_COMMAND,   number,	    s->box,  s->victim_text,
		s->port_text, s->granted_text, s->terminal, s->name,
	};
	int r = 0;

	(void)snprintf(number, sizeof(number), "%d", (int)mode);
	for (size_t i = 0; i < ARRAY_LEN(words) && r == 0; i++) {
		r = plan_build_argument(b, words[i]);
		if (r == 0)
			r = plan_build_shown(b, words[i]);
	}
	return r;
}

static int
add_settings(struct plan_builder *b, const struct stage *s, enum prove_mode mode)
{
	struct plan_settings *to = &b->settings;
	const struct {
		const char *text;
		struct plan_ref *ref;
	} texts[] = {
		{ s->self, &to->program },    { "/", &to->start_directory },
		{ "/tmp", &to->temp_parent }, { "0123456789abcdef", &to->session_id },
		{ "/", &to->home },	      { "/", &to->workdir },
	};
	int r = 0;

	to->mode = PLAN_MODE_WRAP;
	to->flags = PLAN_SHARED_TMP | PLAN_SILENT | PLAN_NO_DIAGNOSTICS | PLAN_NO_AUDIT |
		    PLAN_NO_STATE;
	to->net = mode == PROVE_BLOCKED ? PLAN_NET_BLOCKED : PLAN_NET_ALLOWED;
	to->signal_mode = PLAN_ISOLATED;
	to->uid = getuid();
	if (mode == PROVE_NUMBERS)
		to->flags |= PLAN_OWN_PROCESSES | PLAN_NEED_PROCESSES;
	to->namespaces = mode == PROVE_TREE ? PLAN_NAMESPACES_REQUIRE : PLAN_NAMESPACES_AUTO;
	for (size_t i = 0; i < ARRAY_LEN(texts) && r == 0; i++)
		r = plan_build_string(b, texts[i].text, texts[i].ref);
	return r;
}

static int
add_mask(struct plan_builder *b, const struct stage *s)
{
	struct plan_deny d = { .flags = PLAN_DENY_MASK };
	autobuf struct buf path = BUF_INIT;
	int r;

	if ((r = buf_addf(&path, "%s/granted", s->box)) < 0 ||
	    (r = plan_build_string(b, buf_str(&path), &d.literal)) < 0)
		return r;
	d.resolved = d.literal;
	return plan_build_deny(b, &d);
}

static int
fill_plan(struct plan_builder *b, const struct stage *s, enum prove_mode mode)
{
	uint64_t port;
	int r;

	if ((r = add_settings(b, s, mode)) < 0 || (r = add_words(b, s, mode)) < 0 ||
	    (r = add_grant(b, s->self, PLAN_READ, PLAN_KIND_FILE)) < 0 ||
	    (r = add_grant(b, "/proc/self", PLAN_READ, PLAN_KIND_ANY)) < 0 ||
	    (r = add_grant(b, "/dev/pts", PLAN_READ | PLAN_WRITE, PLAN_KIND_ANY)) < 0 ||
	    (r = add_grant(b, "/dev/urandom", PLAN_READ, PLAN_KIND_FILE)) < 0 ||
	    (r = add_below_box(b, s, "granted")) < 0 || (r = add_below_box(b, s, "second")) < 0)
		return r;
	if (mode == PROVE_TREE)
		return add_mask(b, s);
	if (mode == PROVE_BLOCKED && str_to_u64(s->granted_text, 1, UINT16_MAX, &port) == 0)
		r = plan_build_port(b, (unsigned int)port, PLAN_PORT_CONNECT);
	return r;
}

/* A grant that was one object when it was checked and is another now. */
static int
add_swapped_grant(struct plan_builder *b, const struct stage *s)
{
	struct plan_grant g = {
		.access = PLAN_READ,
		.kind = PLAN_KIND_DIR,
		.source = PLAN_SOURCE_USER,
		.flags = PLAN_GRANT_CHECKED,
		.type = S_IFDIR,
	};
	autobuf struct buf path = BUF_INIT;
	struct stat st;
	int r;

	if ((r = buf_addf(&path, "%s/outside", s->box)) < 0)
		return r;
	if (stat(buf_str(&path), &st) == -1)
		return -errno;
	g.device = st.st_dev;
	g.inode = st.st_ino + 1;
	if ((r = plan_build_string(b, buf_str(&path), &g.original)) < 0)
		return r;
	g.resolved = g.original;
	return plan_build_grant(b, &g);
}

int
stage_prepare(struct launch **ret, const struct stage *s, enum prove_mode mode, bool swapped,
	      struct err *e)
{
	static struct plan plan;
	struct launch_terminal own = { .tty_fd = -1, .job_fd = -1 };
	struct plan_builder b;
	size_t bytes;
	void *image;
	int r;

	if (plan_builder_init(&b) < 0)
		return err_set_errno(e, -ENOMEM, "cannot build a plan");
	r = fill_plan(&b, s, mode);
	if (r == 0 && swapped)
		r = add_swapped_grant(&b, s);
	if (r < 0)
		(void)err_set_errno(e, r, "cannot build a plan");
	else
		r = plan_build_open(&b, &image, &bytes, &plan, e);
	plan_builder_clear(&b);
	if (r < 0)
		return r;
	/* Nothing is started that could tell something there. */
	if (mode == PROVE_NUMBERS)
		own.job_fd = STDERR_FILENO;
	own.own_devpts = mode == PROVE_DEVPTS && !launch_no_devpts(&plan);
	return launch_prepare_on(ret, &plan, s->kernel, &own, e);
}
