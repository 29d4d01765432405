/* SPDX-License-Identifier: MIT */
/*
 * The annotation io.nacelle.strace: a line in the log for each system call, with as many arguments as the
 * call has, and for each signal that is delivered. For people; nothing reads it.
 */
#include <uvm/kernel.h>
#include <uvm/strace.h>

#define STRING_SHOWN 80

/* One digit per system call: 0 to 334, then 424 and on. */
static const char arities[] =
	"33312223363214403443321505333333120221304333663323233455500314213341245332112232112212212322"
	"33312221140301100200022223333111122243222311222323223111222100321521210125221422136326646666"
	"66035554443332222163312153313166531044342112224144326635415523455453203244345343453433651236"
	"44464632144244213215545526453214236653345332535133666421564"
	"426435253322343456543421254443464444433";

/* Calls whose arguments are names of files: a bit per argument. */
static const struct {
	u16 nr;
	u8 names;
} named[] = {{2, 1},   {4, 1},	 {6, 1},   {21, 1},  {59, 1},  {76, 1},	 {80, 1},  {82, 3},
	     {83, 1},  {84, 1},	 {85, 1},  {86, 3},  {87, 1},  {88, 3},	 {89, 1},  {90, 1},
	     {92, 1},  {137, 1}, {161, 1}, {257, 2}, {258, 2}, {260, 2}, {262, 2}, {263, 2},
	     {265, 2}, {266, 1}, {267, 2}, {268, 2}, {269, 2}, {280, 2}, {332, 2}, {439, 2}};

static u8 names_of(u64 nr)
{
	for (u32 i = 0; i < ARRAY_SIZE(named); i++)
		if (named[i].nr == nr)
			return named[i].names;
	return 0;
}

static u32 arity(u64 nr)
{
	u64 i = nr < 424 ? nr : nr - 424 + 335;

	return i < sizeof(arities) - 1 && (nr < 335 || nr >= 424) ? (u32)(arities[i] - '0') : 6;
}

static int show_argument(char *to, size_t room, u64 value, bool is_name)
{
	char name[STRING_SHOWN];
	ssize_t n = is_name ? strncpy_from_user(name, (const char *)value, sizeof(name)) : -EFAULT;

	if (n >= 0)
		return scnprintf(to, room, "\"%s\"", name);
	if (value < 65536 || (value >> 32 == 0 && (s32)value < 0 && (s32)value > -4096))
		return scnprintf(to, room, "%d", (s32)value);
	return scnprintf(to, room, "%#lx", value);
}

/* Made before the call, which may change or end what the arguments point to. */
void strace_call(char line[STRACE_LINE], const char *name, u64 nr, const u64 args[6])
{
	u8 names = names_of(nr);
	int n = scnprintf(line, STRACE_LINE, "%s[%d] %s(", current->name, current->tid, name);

	for (u32 i = 0; i < arity(nr); i++) {
		n += scnprintf(line + n, STRACE_LINE - (size_t)n, i ? ", " : "");
		n += show_argument(line + n, STRACE_LINE - (size_t)n, args[i], names >> i & 1);
	}
	scnprintf(line + n, STRACE_LINE - (size_t)n, ")");
}

static const char *error_name(long error)
{
	switch (error) {
#define E(name, number) \
	case number:    \
		return #name;
		ERRNO_LIST(E)
#undef E
	}
	return NULL;
}

void strace_ends(const char line[STRACE_LINE])
{
	log_write(line, strlen(line));
	log_write("\n", 1);
}

void strace_result(const char line[STRACE_LINE], long result)
{
	const char *error = error_name(-result);
	char end[40];
	int n;

	if (error)
		n = scnprintf(end, sizeof(end), " = -%s\n", error);
	else
		n = scnprintf(end, sizeof(end), result < 65536 ? " = %ld\n" : " = %#lx\n", result);
	log_write(line, strlen(line));
	log_write(end, (size_t)n);
}

void strace_signal(const struct siginfo *info, u64 rip)
{
	char line[STRACE_LINE];
	int n = scnprintf(line, sizeof(line), "%s[%d] --- signal %d code %d, value %#lx, at %#lx ---\n",
			  current->name, current->tid, info->signo, info->code, info->addr, rip);

	log_write(line, (size_t)n);
}
