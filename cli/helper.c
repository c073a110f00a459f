/* Finding the programs that are installed together with nono. */
#include "cli/helper.h"

#include <limits.h>
#include <string.h>
#include <unistd.h>

#ifndef NONO_LIBEXECDIR
#define NONO_LIBEXECDIR "/usr/local/libexec/nono"
#endif

int
helper_find(struct buf *b, const char *name)
{
	char self[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self));
	char *slash = n > 0 && (size_t)n < sizeof(self) ? memrchr(self, '/', (size_t)n) : NULL;
	int r;

	if (slash) {
		r = buf_add(b, self, (size_t)(slash - self));
		r = r < 0 ? r : buf_addf(b, "/%s", name);
		if (r < 0 || access(buf_str(b), X_OK) == 0)
			return r;
		buf_reset(b);
	}
	return buf_addf(b, NONO_LIBEXECDIR "/%s", name);
}
