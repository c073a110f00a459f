/* Parts of the table that live in files of their own. */
#ifndef PROFILES_SCHEMA_INTERNAL_H
#define PROFILES_SCHEMA_INTERNAL_H

#include "profiles/schema.h"

extern const struct key_table schema_network;
extern const struct key_table schema_capture;
extern const struct key_table schema_env_credential;
extern const struct key_table schema_command_policies;
extern const struct key_table schema_endpoint_policy; /* of routes and of command credentials */
extern const struct key_table schema_open_urls;
extern const char *const schema_decisions[]; /* deny, approve, allow */

enum {
	SCHEMA_SECONDS_MAX = 86400 * 365,
};

#define SCHEMA_TABLE(title, keys)                                        \
	{                                                                \
		.name = (title), .key = (keys), .count = ARRAY_LEN(keys) \
	}

#endif
