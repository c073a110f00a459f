/*
 * `nono why` against the kernel: random trees, random policies, random questions. Each policy is
 * asked in this process, with the code of `nono why`, and then applied by `nono wrap`, under which
 * this same program does what was asked about. A sample is asked through the command as well.
 *
 * usage: why_random NONO CASES SEED    in an empty directory; prints one line per mismatch
 *        why_random act                reads operations, prints their errnos
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/str.h"
#include "cli/json.h"
#include "cli/profile_seen.h"
#include "cli/why.h"

enum {
	NAMES_MAX = 64,
	QUESTIONS_MAX = 40,
	FLAGS_MAX = 24,
	FIRST_PORT = 20000,
	PORTS = 12,
	SAMPLE_EVERY = 20,
};

/* ---- the actor: inside the sandbox ---- */

static int
act_create(const char *path)
{
	int fd = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);

	if (fd == -1)
		return errno;
	close(fd);
	return unlink(path) == -1 ? errno : 0;
}

static int
act_open(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC | O_NONBLOCK);

	if (fd == -1)
		return errno;
	close(fd);
	return 0;
}

/* As subject_check_mode() says: a directory is written by making a name in it. */
static int
act_path(char op, const char *path)
{
	char name[PATH_MAX + 8];
	struct stat st;
	int r = 0;

	if (stat(path, &st) == -1) {
		if (errno != ENOENT)
			return errno;
		return act_create(path);
	}
	if (!S_ISDIR(st.st_mode))
		return act_open(path, op == 'r' ? O_RDONLY : op == 'w' ? O_WRONLY : O_RDWR);
	if (op != 'w')
		r = act_open(path, O_RDONLY | O_DIRECTORY);
	if (r == 0 && op != 'r') {
		(void)snprintf(name, sizeof(name), "%.4000s/.made", path);
		r = act_create(name);
	}
	return r;
}

static int
act_port(char op, unsigned int port)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
				 .sin_port = htons((uint16_t)port),
				 .sin_addr = { htonl(INADDR_LOOPBACK) } };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), r = 0;

	if (fd == -1)
		return EACCES;
	if ((op == 'c' ? connect(fd, (struct sockaddr *)&a, sizeof(a))
		       : bind(fd, (struct sockaddr *)&a, sizeof(a))) == -1)
		r = errno;
	close(fd);
	/* Nobody listens, or somebody does: both are the network's answer, not the sandbox's. */
	return r == ECONNREFUSED || r == EADDRINUSE ? 0 : r;
}

static int
act(void)
{
	char line[PATH_MAX + 8];

	while (fgets(line, sizeof(line), stdin)) {
		line[strcspn(line, "\n")] = '\0';
		(void)printf("%d\n", line[0] == 'c' || line[0] == 'b'
					     ? act_port(line[0], (unsigned int)atoi(line + 2))
					     : act_path(line[0], line + 2));
	}
	return fflush(stdout) == EOF;
}

/* ---- chance ---- */

static unsigned int
roll(uint64_t *state, unsigned int sides)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return (unsigned int)((*state >> 33) % sides);
}

/* ---- the tree ---- */

struct box {
	const char *top; /* canonical */
	char name[NAMES_MAX][PATH_MAX];
	size_t names;
	unsigned char kind[NAMES_MAX]; /* 'd', 'f', 'l' */
	uint64_t state;
	const char *nono, *self;
};

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

static int
open_up(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)ftw;
	if (type == FTW_DNR || type == FTW_D)
		(void)chmod(path, 0700);
	return 0;
}

static void
tree_remove(const char *top)
{
	/* A directory that could not be read is entered in the next round. */
	for (int i = 0; i < 6; i++)
		(void)nftw(top, open_up, 16, FTW_PHYS);
	(void)nftw(top, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static const char *
pick(struct box *b, unsigned char kind)
{
	for (int i = 0; i < 200; i++) {
		size_t n = roll(&b->state, (unsigned int)b->names);

		if (kind == 0 || b->kind[n] == kind)
			return b->name[n];
	}
	return b->name[0];
}

static bool
add_name(struct box *b, unsigned char kind, const char *path)
{
	if (b->names == NAMES_MAX)
		return false;
	(void)snprintf(b->name[b->names], sizeof(b->name[0]), "%s", path);
	b->kind[b->names++] = kind;
	return true;
}

static bool
make_file(struct box *b, const char *path)
{
	int fd = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);

	return fd != -1 && close(fd) == 0 && add_name(b, 'f', path);
}

static void
add_random_name(struct box *b, unsigned int number)
{
	char path[PATH_MAX], target[PATH_MAX];
	bool ok = false;

	/* Longer names than the box allows are not made. */
	if (snprintf(path, sizeof(path), "%.1000s/%c%u", pick(b, 'd'),
		     (int)('a' + roll(&b->state, 6)), number) >= (int)sizeof(path))
		return;
	switch (roll(&b->state, 8)) {
	case 0:
	case 1:
	case 2:
		ok = mkdir(path, 0700) == 0 && add_name(b, 'd', path);
		break;
	case 3:
	case 4:
		ok = make_file(b, path);
		break;
	case 5: /* another name of a file */
		ok = link(pick(b, 'f'), path) == 0 && add_name(b, 'f', path);
		break;
	case 6:
		(void)snprintf(target, sizeof(target), "%s", pick(b, 0));
		ok = symlink(target, path) == 0 && add_name(b, 'l', path);
		break;
	default: /* a link to nothing, yet */
		(void)snprintf(target, sizeof(target), "%.1000s/no%u", pick(b, 'd'), number);
		ok = symlink(target, path) == 0 && add_name(b, 'l', path);
		break;
	}
	(void)ok;
}

static void
tree_make(struct box *b)
{
	static const char *const homes[] = { "home/.ssh", "home/.aws", "home/.config",
					     "home/.config/gh", "home/work" };
	static const unsigned int modes[] = { 0000, 0100, 0200, 0300, 0400, 0500, 0600 };
	char path[PATH_MAX];

	tree_remove(b->top);
	b->names = 0;
	if (mkdir(b->top, 0700) == -1) {
		perror(b->top);
		exit(2);
	}
	(void)add_name(b, 'd', b->top);
	(void)snprintf(path, sizeof(path), "%s/home", b->top);
	if (mkdir(path, 0700) == 0)
		(void)add_name(b, 'd', path);
	for (size_t i = 0; i < ARRAY_LEN(homes); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", b->top, homes[i]);
		if (mkdir(path, 0700) == 0)
			(void)add_name(b, 'd', path);
		(void)strncat(path, "/id", sizeof(path) - strlen(path) - 1);
		(void)make_file(b, path);
	}
	for (unsigned int i = 0; i < 30; i++)
		add_random_name(b, i);
	/* The first ones stay open, or nothing could be asked. */
	for (size_t i = b->names; i > 3; i--)
		if (b->kind[i - 1] != 'l' && roll(&b->state, 5) == 0)
			(void)chmod(b->name[i - 1], modes[roll(&b->state, ARRAY_LEN(modes))]);
}

/* ---- the policy ---- */

struct policy {
	char text[FLAGS_MAX][PATH_MAX];
	const char *flag[2 * FLAGS_MAX];
	size_t flags, texts;
};

static void
add_flag(struct policy *p, const char *flag, const char *value)
{
	if (p->texts == FLAGS_MAX)
		return;
	p->flag[p->flags++] = flag;
	if (!value)
		return;
	(void)snprintf(p->text[p->texts], sizeof(p->text[0]), "%s", value);
	p->flag[p->flags++] = p->text[p->texts++];
}

static void
policy_make(struct box *b, struct policy *p)
{
	static const char *const dirs[] = { "--allow", "--read", "--write" };
	static const char *const files[] = { "--allow-file", "--read-file", "--write-file" };
	static const char *const ports[] = { "--open-port", "--listen-port",
					     "--allow-connect-port" };
	char port[16], made[PATH_MAX];
	unsigned int n = roll(&b->state, 6);

	p->flags = p->texts = 0;
	for (unsigned int i = 0; i < n; i++) {
		unsigned int which = roll(&b->state, 3), what = roll(&b->state, 12);

		if (what < 6) {
			/* Through a link, too: it may lead to a file, and then is refused. */
			add_flag(p, dirs[which], pick(b, what < 5 ? 'd' : 'l'));
		} else if (what < 11) {
			add_flag(p, files[which], pick(b, what < 10 ? 'f' : 'l'));
		} else {
			(void)snprintf(made, sizeof(made), "%.1000s/new%u", pick(b, 'd'), i);
			add_flag(p, files[which], made);
		}
	}
	if (p->texts > 0 && roll(&b->state, 3) == 0)
		add_flag(p, "--bypass-protection",
			 p->text[roll(&b->state, (unsigned int)p->texts)]);
	if (roll(&b->state, 3) == 0)
		add_flag(p, "--block-net", NULL);
	for (n = roll(&b->state, 3); n > 0; n--) {
		(void)snprintf(port, sizeof(port), "%u", FIRST_PORT + roll(&b->state, PORTS));
		add_flag(p, ports[roll(&b->state, 3)], port);
	}
	if (roll(&b->state, 4) == 0)
		add_flag(p, "--allow-cwd", NULL);
}

/* ---- questions ---- */

struct question {
	char op; /* r, w, b(oth) as 'x'; 'c'onnect, 'b'ind */
	char path[PATH_MAX];
	unsigned int port;
	bool allowed;
	char reason[64];
};

static bool
parent_is_there(const char *path)
{
	char parent[PATH_MAX];
	struct stat st;

	(void)snprintf(parent, sizeof(parent), "%s", path);
	*strrchr(parent, '/') = '\0';
	return stat(*parent ? parent : "/", &st) == 0 || errno == EACCES;
}

/* What the actor can do in a way that tells the sandbox from the tree. */
static bool
is_useful(const struct question *q)
{
	struct stat st;

	if (stat(q->path, &st) == 0 || errno == EACCES)
		return true;
	/* Missing: it can only be made, and not through a link to nothing (O_EXCL). */
	return errno == ENOENT && q->op == 'w' && parent_is_there(q->path) &&
	       lstat(q->path, &st) == -1;
}

static bool
question_make(struct box *b, const struct policy *p, struct question *q)
{
	static const char *const elsewhere[] = { "/etc/passwd",	  "/etc/shadow", "/usr/bin",
						 "/tmp",	  "/",		 "/bin/sh",
						 "/etc",	  "/root",	 "/dev/null",
						 "/proc/version", "/sys",	 "/var/lib",
						 "/opt" };
	static const char ops[] = "rwx";

	if (roll(&b->state, 5) == 0) {
		q->op = roll(&b->state, 2) ? 'c' : 'b';
		q->port = FIRST_PORT + roll(&b->state, PORTS);
		(void)snprintf(q->path, sizeof(q->path), "%u", q->port);
		return true;
	}
	q->op = ops[roll(&b->state, 3)];
	switch (roll(&b->state, 10)) {
	case 0:
		(void)snprintf(q->path, sizeof(q->path), "%s",
			       elsewhere[roll(&b->state, ARRAY_LEN(elsewhere))]);
		break;
	case 1:
		(void)snprintf(q->path, sizeof(q->path), "%.1000s/none", pick(b, 'd'));
		break;
	case 2:
		(void)snprintf(q->path, sizeof(q->path), "%.1000s/..", pick(b, 'd'));
		break;
	case 3:
	case 4: /* what was granted */
		if (p->texts == 0 || p->text[0][0] != '/')
			return false;
		(void)snprintf(q->path, sizeof(q->path), "%s", p->text[0]);
		break;
	default:
		(void)snprintf(q->path, sizeof(q->path), "%s", pick(b, 0));
		break;
	}
	return is_useful(q);
}

/* As in nono-profile, of which this program is a part. */
int
json_profile(struct profile **ret, const struct profile_request *rq, struct policy_notes *notes,
	     struct err *e)
{
	return profile_load(ret, rq, notes, e);
}

int
json_expect(const struct profile *p, const char *hex, struct err *e)
{
	return seen_expect(p, hex, e);
}

int
json_compare_seen(const struct profile *p, const char *state, struct policy_notes *notes,
		  struct err *e)
{
	return seen_compare(p, state, notes, e);
}

int
json_project_profile(struct profile **ret, const char **ret_path, struct pool *pool,
		     const struct project_request *rq, struct policy_notes *notes, struct err *e)
{
	(void)ret;
	(void)ret_path;
	(void)pool;
	(void)rq;
	(void)notes;
	return err_set(e, -ENOSYS, "no profile of a project");
}

int
json_user_groups(struct user_groups *ret, struct pool *pool, char *const *environment,
		 struct err *e)
{
	(void)pool;
	(void)environment;
	(void)e;
	*ret = (struct user_groups){ 0 };
	return 0;
}

int
json_manifest(struct manifest **ret, const char *path, struct policy_notes *notes, struct err *e)
{
	return manifest_load(ret, path, notes, e);
}

/* Ask in this process: 0, or -1 when the policy itself is refused. */
static int
ask_all(const struct policy *p, struct question *q, size_t n)
{
	const char *argv[2 * FLAGS_MAX + 2] = { "nono", "why" };
	struct opt o = OPT_INIT;
	struct why w = { 0 };
	struct err e = ERR_INIT;
	int r;

	memcpy(argv + 2, p->flag, p->flags * sizeof(*argv));
	r = opt_parse(&o, (int)(p->flags + 2), (char *const *)(uintptr_t)argv, environ, &e);
	if (r == 0)
		r = opt_check(&o, &e);
	if (r == 0)
		r = why_prepare(&w, &o, environ, &e);
	for (size_t i = 0; r == 0 && i < w.notes.count; i++)
		if (w.notes.item[i].kind == POLICY_NOTE_WOULD_FAIL)
			r = -1;
	for (size_t i = 0; r == 0 && i < n; i++) {
		answer_clear(&w.answer);
		if (q[i].port)
			r = why_port(&w, q[i].port, q[i].op == 'b', &e);
		else
			r = why_path(&w, q[i].path,
				     q[i].op == 'r'   ? PLAN_READ
				     : q[i].op == 'w' ? PLAN_WRITE
						      : PLAN_READ | PLAN_WRITE,
				     &e);
		q[i].allowed = w.answer.status == ANSWER_ALLOWED;
		(void)snprintf(q[i].reason, sizeof(q[i].reason), "%s",
			       w.answer.reason ? w.answer.reason : e.text);
	}
	why_clear(&w);
	opt_clear(&o);
	return r;
}

/* Run NONO with these words; its output goes to *ret_out, an open pipe. The pid. */
static pid_t
start(const char *const *argv, int in, int *ret_out)
{
	int pipe_fds[2];
	pid_t pid;

	if (pipe(pipe_fds) == -1 || (pid = fork()) == -1) {
		perror("fork");
		exit(2);
	}
	if (pid == 0) {
		int null = open("/dev/null", O_RDWR);

		dup2(in == -1 ? null : in, 0);
		dup2(pipe_fds[1], 1);
		dup2(null, 2);
		execv(argv[0], (char *const *)(uintptr_t)argv);
		_exit(99);
	}
	close(pipe_fds[1]);
	*ret_out = pipe_fds[0];
	return pid;
}

static int
wait_code(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, 0) != pid)
		return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void
show(const char *what, const struct policy *p, const struct question *q, const char *got)
{
	(void)printf("mismatch: %s: why", what);
	for (size_t i = 0; i < p->flags; i++)
		(void)printf(" %s", p->flag[i]);
	if (q)
		(void)printf(" | %c %s: %s (%s)", q->op, q->path, q->allowed ? "allowed" : "denied",
			     q->reason);
	(void)printf(", got %s\n", got);
}

/* Do all of it under `nono wrap`; the number of mismatches. */
static unsigned int
compare_kernel(const struct box *b, const struct policy *p, const struct question *q, size_t n,
	       int refused)
{
	const char *argv[2 * FLAGS_MAX + 8] = { b->nono, "wrap", "--silent" };
	size_t used = 3;
	unsigned int wrong = 0;
	FILE *list = tmpfile(), *answers;
	int out, code;
	char line[64];
	pid_t pid;

	memcpy(argv + used, p->flag, p->flags * sizeof(*argv));
	used += p->flags;
	/* Without it --silent refuses an ungranted working directory. */
	if (p->flags == 0 || strcmp(p->flag[p->flags - 1], "--allow-cwd") != 0)
		argv[2] = "--no-diagnostics";
	argv[used++] = "--";
	argv[used++] = b->self;
	argv[used++] = "act";
	for (size_t i = 0; i < n; i++)
		(void)fprintf(list, "%c %s\n", q[i].op, q[i].path);
	(void)fflush(list);
	(void)lseek(fileno(list), 0, SEEK_SET);
	pid = start(argv, fileno(list), &out);
	answers = fdopen(out, "r");
	for (size_t i = 0; i < n; i++) {
		bool got = fgets(line, sizeof(line), answers);
		int error = got ? atoi(line) : -1;

		if (!got && refused)
			break;
		line[strcspn(line, "\n")] = '\0';
		if (got && !refused && (error == 0) == q[i].allowed &&
		    (error == 0 || error == EACCES))
			continue;
		show("kernel", p, &q[i], got ? strerror(error) : "no answer");
		wrong++;
		if (!got)
			break;
	}
	(void)fclose(answers);
	(void)fclose(list);
	code = wait_code(pid);
	if (code != (refused ? 1 : 0)) {
		(void)snprintf(line, sizeof(line), "exit code %d of wrap", code);
		show("launch", p, NULL, line);
		wrong++;
	}
	return wrong;
}

/* The same question to the command. */
static unsigned int
compare_command(const struct box *b, const struct policy *p, const struct question *q)
{
	const char *argv[2 * FLAGS_MAX + 12] = { b->nono, "why", "--exit-status", "--silent" };
	size_t used = 4;
	char got[32];
	int out, code;

	memcpy(argv + used, p->flag, p->flags * sizeof(*argv));
	used += p->flags;
	argv[used++] = q->port ? "--port" : "--path";
	argv[used++] = q->path;
	if (q->port) {
		argv[used++] = q->op == 'b' ? "--bind" : "--host=127.0.0.1";
	} else {
		argv[used++] = "--op";
		argv[used++] = q->op == 'r' ? "read" : q->op == 'w' ? "write" : "readwrite";
	}
	code = wait_code(start(argv, -1, &out));
	close(out);
	if (code == (q->allowed ? 0 : 3))
		return 0;
	(void)snprintf(got, sizeof(got), "exit code %d of why", code);
	show("command", p, q, got);
	return 1;
}

static unsigned int
run_cases(struct box *b, unsigned long cases)
{
	static struct question q[QUESTIONS_MAX];
	static struct policy p;
	unsigned long done = 0, refusals = 0, allowed = 0, sampled = 0;
	unsigned int wrong = 0;

	while (done < cases) {
		size_t n = 0;
		int refused;

		tree_make(b);
		policy_make(b, &p);
		for (int i = 0; i < 200 && n < QUESTIONS_MAX; i++) {
			q[n] = (struct question){ 0 };
			n += question_make(b, &p, &q[n]);
		}
		refused = ask_all(&p, q, n);
		wrong += compare_kernel(b, &p, q, n, refused);
		if (refused) {
			refusals++;
			continue;
		}
		done += n;
		for (size_t i = 0; i < n; i++) {
			allowed += q[i].allowed;
			if (roll(&b->state, SAMPLE_EVERY) == 0) {
				wrong += compare_command(b, &p, &q[i]);
				sampled++;
			}
		}
	}
	(void)printf("%lu cases, %lu allowed, %lu policies refused, %lu asked by the command, "
		     "%u mismatches\n",
		     done, allowed, refusals, sampled, wrong);
	return wrong;
}

int
main(int argc, char **argv)
{
	static struct box b;
	char self[PATH_MAX], top[PATH_MAX], home[PATH_MAX], cwd[PATH_MAX - 128];
	ssize_t n;

	if (argc == 2 && strcmp(argv[1], "act") == 0)
		return act();
	n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	if (argc != 4 || n <= 0 || !getcwd(cwd, sizeof(cwd)))
		return 2;
	self[n] = '\0';
	b.nono = argv[1];
	b.self = self;
	b.state = strtoull(argv[3], NULL, 10) * 2654435761u + 88172645463325252u;
	(void)snprintf(top, sizeof(top), "%s/box", cwd);
	b.top = top;
	(void)snprintf(home, sizeof(home), "%s/box/home", cwd);
	if (setenv("HOME", home, 1) == -1 || unsetenv("XDG_CONFIG_HOME") == -1 ||
	    unsetenv("XDG_STATE_HOME") == -1 || unsetenv("XDG_RUNTIME_DIR") == -1)
		return 2;
	n = (ssize_t)run_cases(&b, strtoul(argv[2], NULL, 10));
	tree_remove(b.top);
	return n > 0;
}
