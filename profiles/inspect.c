/* Expansion for display: the host as policy_assemble() finds it, without a request. */
#include "profiles/inspect.h"

#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "profiles/internal.h"

struct inspect {
	struct host host;
	struct buf home, temp;
	char cwd[PATH_MAX];
};

int
inspect_open(struct inspect **ret, char *const *environment, struct err *e)
{
	struct inspect *in = mem_calloc(1, sizeof(*in));
	const char *temp = environment_get(environment, "TMPDIR");
	size_t n = temp ? strlen(temp) : 0;
	int r;

	if (!in)
		return err_memory(e);
	r = home_find(&in->home, environment, getuid(), e);
	if (r < 0)
		goto fail;
	/* A directory that is gone is shown as a relative path would be: from nowhere. */
	if (!getcwd(in->cwd, sizeof(in->cwd)))
		(void)memcpy(in->cwd, "/", 2);
	while (n > 1 && temp[n - 1] == '/')
		n--;
	r = temp && temp[0] == '/' ? buf_add(&in->temp, temp, n) : buf_adds(&in->temp, "/tmp");
	if (r < 0) {
		r = err_memory(e);
		goto fail;
	}
	in->host = (struct host){ .uid = getuid(),
				  .home = buf_str(&in->home),
				  .home_real = buf_str(&in->home),
				  .temp = buf_str(&in->temp),
				  .cwd = in->cwd,
				  .workdir = in->cwd,
				  .environment = environment };
	*ret = in;
	return 0;
fail:
	inspect_free(in);
	return r;
}

void
inspect_free(struct inspect *in)
{
	if (!in)
		return;
	buf_clear(&in->home);
	buf_clear(&in->temp);
	mem_free(in);
}

int
inspect_expand(struct buf *b, const struct inspect *in, const char *text, struct err *e)
{
	return expand_path(b, text, &in->host, EXPAND_STRICT, e);
}

const char *
inspect_workdir(const struct inspect *in)
{
	return in->host.workdir;
}

const char *
inspect_home(const struct inspect *in)
{
	return in->host.home;
}
