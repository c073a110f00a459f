/* A session for the tests of record/. */
#include "tests/harness/record_sample.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/path.h"
#include "base/str.h"
#include "tests/harness/plan_sample.h"

char *
record_sample_text(const struct record_sample *s, const char *text)
{
	autobuf struct buf b = BUF_INIT;
	int r = 0;

	for (; *text && r == 0; text++)
		r = *text == '@' ? buf_adds(&b, buf_str(&s->base)) : buf_addc(&b, *text);
	return r < 0 ? NULL : buf_take(&b);
}

static bool
make_files(const struct record_sample *s)
{
	static const char *const directories[] = { "@/wide", "@/rw", "@/out", "@/home",
						   "@/home/.ssh" };
	static const char *const files[] = { "@/wide/have", "@/rw/own", "@/out/file",
					     "@/home/.ssh/key" };
	autofree char *target = record_sample_text(s, "@/rw");
	autofree char *link = record_sample_text(s, "@/out/way");

	for (size_t i = 0; i < ARRAY_LEN(directories); i++) {
		autofree char *path = record_sample_text(s, directories[i]);

		if (!path || mkdir(path, 0700) == -1)
			return false;
	}
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		autofree char *path = record_sample_text(s, files[i]);
		int fd = path ? open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600) : -1;

		if (fd == -1)
			return false;
		(void)close(fd);
	}
	return target && link && symlink(target, link) == 0;
}

static int
add_string(struct plan_builder *b, const struct record_sample *s, const char *text,
	   struct plan_ref *ret)
{
	autofree char *full = record_sample_text(s, text);

	return full ? plan_build_string(b, full, ret) : -ENOMEM;
}

static int
add_grant(struct plan_builder *b, const struct record_sample *s, const char *path,
	  unsigned int access, enum plan_source source)
{
	struct plan_grant g = { .access = (uint8_t)access,
				.kind = PLAN_KIND_DIR,
				.source = (uint8_t)source,
				.flags = PLAN_GRANT_OPTIONAL };
	int r;

	if ((r = add_string(b, s, path, &g.original)) < 0)
		return r;
	g.resolved = g.original;
	return plan_build_grant(b, &g);
}

static int
add_deny(struct plan_builder *b, const struct record_sample *s)
{
	struct plan_deny d = { .flags = PLAN_DENY_REQUIRED };
	int r;

	if ((r = add_string(b, s, "@/home/.ssh", &d.literal)) < 0 ||
	    (r = plan_build_string(b, "deny_keys", &d.group)) < 0)
		return r;
	d.resolved = d.literal;
	return plan_build_deny(b, &d);
}

static int
build(struct plan_builder *b, const struct record_sample *s, enum plan_net net)
{
	struct plan_settings *p = &b->settings;
	int r;

	p->net = net;
	p->uid = getuid();
	if ((r = plan_build_string(b, "/usr/bin/env", &p->program)) < 0 ||
	    (r = add_string(b, s, "@/wide", &p->start_directory)) < 0 ||
	    (r = add_string(b, s, "@/home", &p->home)) < 0 ||
	    (r = plan_build_argument(b, "--token=hunter2")) < 0)
		return r;
	p->workdir = p->start_directory;
	if ((r = add_grant(b, s, "@/wide", PLAN_READ, PLAN_SOURCE_USER)) < 0 ||
	    (r = add_grant(b, s, "@/rw", PLAN_READ | PLAN_WRITE, PLAN_SOURCE_USER)) < 0 ||
	    (r = add_grant(b, s, "/usr", PLAN_READ, PLAN_SOURCE_GROUP)) < 0 ||
	    (r = add_deny(b, s)) < 0)
		return r;
	return plan_build_port(b, 8443, PLAN_PORT_CONNECT);
}

static bool
make_plan(struct record_sample *s, enum plan_net net)
{
	struct plan_builder b;
	size_t bytes;
	int r;

	if (sample_begin(&b, "my tool") < 0)
		return false;
	r = build(&b, s, net);
	if (r == 0)
		r = plan_build_finish(&b, &s->session.plan_image, &bytes, NULL);
	plan_builder_clear(&b);
	return r == 0 && plan_open(&s->session.plan, s->session.plan_image, bytes, NULL) == 0;
}

bool
record_sample_make(struct record_sample *s, enum plan_net net)
{
	const char *parent = getenv("TMPDIR");
	char name[PATH_MAX], *made;
	autobuf struct buf raw = BUF_INIT;

	*s = (struct record_sample){ .base = BUF_INIT };
	if (path_join(&raw, parent ? parent : "/tmp", "record.XXXXXX") < 0 || raw.n >= sizeof(name))
		return false;
	memcpy(name, raw.p, raw.n + 1);
	made = mkdtemp(name);
	if (!made || path_canonical(&s->base, "/", made) < 0)
		return false;
	record_sample_exit(s, 1, NULL);
	return make_files(s) && make_plan(s, net);
}

void
record_sample_clear(struct record_sample *s)
{
	static const char *const made[] = {
		"@/wide/have",	   "@/rw/own", "@/out/file", "@/out/way",
		"@/home/.ssh/key", "@/wide",   "@/rw",	     "@/out",
		"@/home/.ssh",	   "@/home",   "@"
	};

	for (size_t i = 0; s->base.n > 0 && i < ARRAY_LEN(made); i++) {
		autofree char *path = record_sample_text(s, made[i]);

		if (path)
			(void)remove(path);
	}
	session_clear(&s->session);
	buf_clear(&s->base);
}

void
record_sample_exit(struct record_sample *s, unsigned int code, const char *output)
{
	struct record_facts *f = &s->session.facts;
	autofree char *text = output ? record_sample_text(s, output) : NULL;

	*f = (struct record_facts){ .version = RECORD_VERSION,
				    .bytes = sizeof(*f),
				    .end = RECORD_EXITED,
				    .number = code,
				    .exit_code = code };
	buf_reset(&s->session.output_text);
	if (text && buf_adds(&s->session.output_text, text) < 0)
		abort();
	s->session.output = (struct slice){ s->session.output_text.p, s->session.output_text.n };
}

void
record_sample_denials(struct record_sample *s, const struct record_denial *denials, size_t n)
{
	s->session.facts.denials = (uint32_t)n;
	s->session.denials = denials;
}
