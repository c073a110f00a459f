/* Which variables no profile passes on. */
#ifndef PROFILES_VARIABLE_H
#define PROFILES_VARIABLE_H

/* Why a variable of this name is never inherited; NULL: it may be. */
const char *variable_never(const char *name);

#endif
