/*
 * The notice about a newer version (spec 01 section 29): read from a cache, so that it costs no
 * start a wait. Off unless the user named a source.
 */
#ifndef CLI_UPDATE_H
#define CLI_UPDATE_H

#include <stdbool.h>

#include "base/slice.h"
#include "cli/config.h"

enum {
	UPDATE_BYTES_MAX = 64 << 10,
	UPDATE_WORD_MAX = 128,	  /* a version */
	UPDATE_MESSAGE_MAX = 512, /* longer texts are cut */
};

struct update_cache {
	bool available;
	char version[UPDATE_WORD_MAX];
	char message[UPDATE_MESSAGE_MAX];
	char url[UPDATE_MESSAGE_MAX];
};

/*
 * Read update-check.json. Pure; only what the notice needs is kept, the rest is checked and
 * skipped. 0 or -EBADMSG. *ret is written only on success.
 */
int update_parse(struct update_cache *ret, struct slice text) ATTR_CHECK;

/* Is `version` later than `than`? Numbers between dots; what is no number is older than all. */
bool update_is_newer(const char *version, const char *than);

/* May requests go to this address? https, or http to this machine. */
bool update_url_is_allowed(const char *url);

/*
 * What a command shows at its end, on `o`. Nothing when it is off, when `o` is quiet or no
 * terminal, or when nothing is known. With `verbose` also why nothing will be asked.
 */
void update_notice(struct out *o, const struct config *c, char *const *environment, bool verbose);

#endif
