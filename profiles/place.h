/* Where nono keeps its own files (spec 01 section 20). Finds names; opens and makes nothing. */
#ifndef PROFILES_PLACE_H
#define PROFILES_PLACE_H

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"

/*
 * "$XDG_CONFIG_HOME/nono" where that variable is absolute and names something, else
 * "~/.config/nono". 0, or what the search for the home directory says.
 */
int place_config(struct buf *b, char *const *environment, struct err *e) ATTR_CHECK;

/* "$XDG_STATE_HOME/nono" where that variable is absolute, else "~/.local/state/nono". */
int place_state(struct buf *b, char *const *environment, struct err *e) ATTR_CHECK;

/* "$XDG_DATA_HOME/nono" where that variable is absolute, else "~/.local/share/nono". */
int place_data(struct buf *b, char *const *environment, struct err *e) ATTR_CHECK;

#endif
