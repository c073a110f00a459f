/*
 * Directories of nono itself. A relative XDG variable is never used: the repository that the user
 * stands in would supply the configuration (profiles/roots.c warns about it).
 */
#include "profiles/place.h"

#include <unistd.h>

#include "base/path.h"
#include "profiles/internal.h"

static int
place_below(struct buf *b, const char *xdg, const char *below_home, char *const *environment,
	    struct err *e)
{
	autobuf struct buf home = BUF_INIT;
	int r;

	if (xdg) {
		r = path_join(b, xdg, "nono");
	} else {
		r = home_find(&home, environment, getuid(), e);
		if (r < 0)
			return r;
		r = path_join(b, buf_str(&home), below_home);
	}
	return r < 0 ? err_set_errno(e, r, "cannot find the directories of nono") : 0;
}

int
place_config(struct buf *b, char *const *environment, struct err *e)
{
	const char *xdg = environment_get(environment, "XDG_CONFIG_HOME");

	if (xdg && (xdg[0] != '/' || access(xdg, F_OK) == -1))
		xdg = NULL;
	return place_below(b, xdg, ".config/nono", environment, e);
}

int
place_state(struct buf *b, char *const *environment, struct err *e)
{
	const char *xdg = environment_get(environment, "XDG_STATE_HOME");

	return place_below(b, xdg && xdg[0] == '/' ? xdg : NULL, ".local/state/nono", environment,
			   e);
}

int
place_data(struct buf *b, char *const *environment, struct err *e)
{
	const char *xdg = environment_get(environment, "XDG_DATA_HOME");

	return place_below(b, xdg && xdg[0] == '/' ? xdg : NULL, ".local/share/nono", environment,
			   e);
}
