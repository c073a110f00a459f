/* /proc/PID/stat: the comm field is whatever a hostile program calls itself. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/procstat.h"
#include "base/str.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct slice text = { (const char *)data, size };
	autobuf struct buf b = BUF_INIT;
	struct procstat st;

	if (procstat_parse(&st, text) == 0 && (st.pid <= 0 || st.parent < 0))
		abort();
	/* Whatever comes out of the filter for terminals holds no control byte. */
	if (str_printable(&b, text) == 0)
		for (size_t i = 0; i < b.n; i++)
			if ((unsigned char)b.p[i] < 0x20 || b.p[i] == 0x7f)
				abort();
	return 0;
}
