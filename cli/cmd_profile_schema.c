/* `profile schema` and `profile guide`: what editors and what people need to write a profile. */
#include <errno.h>
#include <string.h>

#include "base/path.h"
#include "cli/cmd_profile.h"
#include "profiles/guide.h"
#include "profiles/schema_json.h"
#include "profiles/store.h"

int
profile_schema(struct listing *l, struct err *e)
{
	const char *output = opt_value(l->o, FLAG_OUTPUT);
	autobuf struct buf directory = BUF_INIT;
	const char *base;
	int r;

	l->as_json = true;
	schema_write_json(&l->j);
	if (!output)
		return 0;
	r = json_finish(&l->j);
	base = path_basename(output);
	if (r == 0)
		r = base == output ? buf_adds(&directory, ".")
				   : buf_add(&directory, output, (size_t)(base - output));
	if (r == 0)
		r = store_write(buf_str(&directory), base, (struct slice){ l->json.p, l->json.n },
				true);
	if (r < 0)
		return err_set_errno(e, r, "cannot write '%s'", output);
	buf_reset(&l->json);
	l->json_done = true;
	out_puts(&l->note, "Wrote ");
	out_text(&l->note, output);
	out_puts(&l->note, "\n");
	return 0;
}

int
profile_guide(struct listing *l, struct err *e)
{
	return guide_write(&l->out.text) < 0 ? err_set(e, -ENOMEM, "out of memory") : 0;
}
