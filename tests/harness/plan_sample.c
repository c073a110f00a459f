/* Plans for tests. */
#include "tests/harness/plan_sample.h"

#include <sys/stat.h>

static int
add_settings(struct plan_builder *b, const char *program)
{
	struct plan_settings *s = &b->settings;
	const struct {
		const char *text;
		struct plan_ref *ref;
	} texts[] = {
		{ program, &s->program },    { "/home/user/project", &s->start_directory },
		{ "/tmp", &s->temp_parent }, { "0123456789abcdef", &s->session_id },
		{ "/home/user", &s->home },  { "/home/user/project", &s->workdir },
	};
	int r = 0;

	s->mode = PLAN_MODE_RUN;
	s->net = PLAN_NET_ALLOWED;
	s->signal_mode = PLAN_ISOLATED;
	s->flags = PLAN_NO_AUDIT;
	for (size_t i = 0; i < ARRAY_LEN(texts) && r == 0; i++)
		r = plan_build_string(b, texts[i].text, texts[i].ref);
	return r;
}

int
sample_begin(struct plan_builder *b, const char *program)
{
	int r;

	if ((r = plan_builder_init(b)) < 0)
		return r;
	if ((r = add_settings(b, program)) == 0)
		r = plan_build_argument(b, program);
	if (r < 0)
		plan_builder_clear(b);
	return r;
}

int
sample_add_grant(struct plan_builder *b, const struct sample_grant *g)
{
	struct plan_grant record = {
		.access = (uint8_t)g->access,
		.kind = (uint8_t)g->kind,
		.source = PLAN_SOURCE_USER,
		.alias = (uint8_t)plan_alias_of(g->original, g->access),
		.flags = (uint8_t)g->flags,
	};
	int r;

	if (g->flags & PLAN_GRANT_CHECKED) {
		record.device = 0x801;
		record.inode = 77;
		record.type = g->kind == PLAN_KIND_DIR ? S_IFDIR : S_IFREG;
	}
	if ((r = plan_build_string(b, g->original, &record.original)) < 0 ||
	    (r = plan_build_string(b, g->resolved, &record.resolved)) < 0)
		return r;
	return plan_build_grant(b, &record);
}

int
sample_add_socket(struct plan_builder *b, const char *path, enum plan_socket_scope scope,
		  enum plan_socket_mode mode)
{
	struct plan_socket record = {
		.scope = (uint8_t)scope,
		.mode = (uint8_t)mode,
		.source = PLAN_SOURCE_PROFILE,
	};
	int r;

	if ((r = plan_build_string(b, path, &record.original)) < 0)
		return r;
	record.resolved = record.original;
	if ((r = plan_build_string(b, "default", &record.source_name)) < 0)
		return r;
	return plan_build_socket(b, &record);
}

int
sample_add_deny(struct plan_builder *b, const char *literal, const char *resolved)
{
	struct plan_deny record = { .flags = PLAN_DENY_REQUIRED };
	int r;

	if ((r = plan_build_string(b, literal, &record.literal)) < 0 ||
	    (r = plan_build_string(b, resolved, &record.resolved)) < 0 ||
	    (r = plan_build_string(b, "deny_keys", &record.group)) < 0)
		return r;
	return plan_build_deny(b, &record);
}

static int
add_full(struct plan_builder *b)
{
	static const struct sample_grant grants[] = {
		{ "/usr", NULL, PLAN_READ, PLAN_KIND_ANY, PLAN_GRANT_OPTIONAL },
		{ ".", "/home/user/project", PLAN_READ | PLAN_WRITE, PLAN_KIND_DIR,
		  PLAN_GRANT_CHECKED },
		{ "note", "/home/user/note", PLAN_WRITE, PLAN_KIND_FILE, PLAN_GRANT_CHECKED },
		{ "/proc/self", NULL, PLAN_READ, PLAN_KIND_ANY, PLAN_GRANT_OPTIONAL },
		{ "/dev/stdin", NULL, PLAN_READ, PLAN_KIND_ANY, PLAN_GRANT_OPTIONAL },
		{ "/dev/pts", NULL, PLAN_READ | PLAN_WRITE, PLAN_KIND_ANY, PLAN_GRANT_OPTIONAL },
		{ "/dev/fd", NULL, PLAN_READ, PLAN_KIND_ANY,
		  PLAN_GRANT_OPTIONAL | PLAN_GRANT_COVERED },
	};
	static const char *const words[] = { "", "-c", "echo" };
	static const char *const variables[] = { "PATH=/usr/bin", "EMPTY=", "TWO=a=b" };
	int r = 0;

	b->settings.flags = PLAN_SILENT;
	b->settings.utc_offset_s = -3600;
	b->settings.net = PLAN_NET_BLOCKED;
	b->settings.uid = 1000;
	b->settings.error_exit_code = 9;
	b->settings.verbosity = 1;
	b->settings.memory_bytes = UINT64_C(5) << 32;
	b->settings.max_processes = 64;
	for (size_t i = 0; i < ARRAY_LEN(grants) && r == 0; i++)
		r = sample_add_grant(b, &grants[i]);
	if (r == 0)
		r = plan_build_string(b, "/home/user/.local/state/nono",
				      &b->settings.state_directory);
	for (size_t i = 0; i < ARRAY_LEN(words) && r == 0; i++)
		r = plan_build_argument(b, words[i]);
	for (size_t i = 0; i < ARRAY_LEN(words) + 1 && r == 0; i++)
		r = plan_build_shown(b, "[REDACTED]");
	for (size_t i = 0; i < ARRAY_LEN(variables) && r == 0; i++)
		r = plan_build_environment(b, variables[i]);
	if (r < 0 ||
	    (r = sample_add_socket(b, "/run/a.sock", PLAN_SOCKET_FILE, PLAN_SOCKET_CONNECT)) < 0 ||
	    (r = sample_add_socket(b, "/run/b", PLAN_SOCKET_SUBTREE, PLAN_SOCKET_CONNECT_BIND)) <
		    0 ||
	    (r = sample_add_deny(b, "/home/user/.ssh", "/home/user/.ssh")) < 0 ||
	    (r = sample_add_deny(b, "/home/user/keys", "/srv/keys")) < 0 ||
	    (r = plan_build_port(b, 8080, PLAN_PORT_CONNECT)) < 0 ||
	    (r = plan_build_port(b, 9090, PLAN_PORT_BIND)) < 0 ||
	    (r = plan_build_port(b, 3000, PLAN_PORT_LOCALHOST)) < 0 ||
	    (r = plan_build_command(b, "sudo", "dangerous_commands", PLAN_COMMAND_BLOCK)) < 0 ||
	    (r = plan_build_command(b, "npm", NULL, PLAN_COMMAND_ALLOW)) < 0 ||
	    (r = plan_build_keep_fd(b, 7)) < 0 || (r = plan_build_keep_fd(b, 3)) < 0 ||
	    (r = plan_build_redaction(b, "--pin", PLAN_REDACT_FLAG)) < 0)
		return r;
	return 0;
}

int
sample_full(struct plan_builder *b)
{
	int r;

	if ((r = sample_begin(b, "/usr/bin/sh")) < 0)
		return r;
	if ((r = add_full(b)) < 0)
		plan_builder_clear(b);
	return r;
}
