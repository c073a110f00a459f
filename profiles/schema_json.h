/* The key table as a JSON Schema (draft 2020-12) for editors (spec 03 section 17). */
#ifndef PROFILES_SCHEMA_JSON_H
#define PROFILES_SCHEMA_JSON_H

#include "base/json_write.h"

/* Write it; failures stick in `j`. */
void schema_write_json(struct json *j);

#endif
