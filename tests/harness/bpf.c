/* An interpreter of seccomp programs; see the header. */
#include "tests/harness/bpf.h"

#include <string.h>

static bool
jump_taken(const struct sock_filter *code, uint32_t a)
{
	switch (BPF_OP(code->code)) {
	case BPF_JEQ:
		return a == code->k;
	case BPF_JGE:
		return a >= code->k;
	case BPF_JGT:
		return a > code->k;
	default:
		return (a & code->k) != 0;
	}
}

struct bpf_result
bpf_run(const struct sock_filter *code, size_t length, const struct seccomp_data *data)
{
	struct bpf_result r = { 0 };
	bool argument_seen = false;
	uint32_t a = 0;

	for (size_t i = 0; i < length; i++) {
		const struct sock_filter *c = &code[i];

		r.visited++;
		if (!argument_seen)
			r.constant = r.visited;
		switch (c->code) {
		case BPF_LD | BPF_W | BPF_ABS:
			if (c->k > sizeof(*data) - sizeof(a) || c->k % sizeof(a) != 0)
				return r;
			if (c->k >= offsetof(struct seccomp_data, args))
				argument_seen = true;
			memcpy(&a, (const char *)data + c->k, sizeof(a));
			break;
		case BPF_ALU | BPF_AND | BPF_K:
			a &= c->k;
			break;
		case BPF_JMP | BPF_JA:
			i += c->k;
			break;
		case BPF_JMP | BPF_JEQ | BPF_K:
		case BPF_JMP | BPF_JGE | BPF_K:
		case BPF_JMP | BPF_JGT | BPF_K:
		case BPF_JMP | BPF_JSET | BPF_K:
			i += jump_taken(c, a) ? c->jt : c->jf;
			break;
		case BPF_RET | BPF_K:
			r.valid = true;
			r.action = c->k;
			r.at = i;
			return r;
		default:
			return r;
		}
	}
	return r;
}
