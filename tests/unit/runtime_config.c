/* SPDX-License-Identifier: MIT */
/* config.json: what is honoured, what is warned about, and what is refused with the field's name. */
#include "../../tools/runtime/lib/config.h"

#include "unit.h"

static struct error e;

static void release(struct config *c)
{
	if (c)
		config_free(c);
}

/* A configuration around one process object and some more top-level members. */
static struct config *parse_with(const char *process, const char *more)
{
	char *text;
	struct config *c;
	int n = asprintf(&text, "{\"ociVersion\":\"1.0.2\",\"root\":{\"path\":\"rootfs\"},\"process\":%s%s}",
			 process, more);

	memset(&e, 0, sizeof(e));
	c = config_parse(text, (size_t)n, &e);
	free(text);
	return c;
}

#define GOOD "{\"args\":[\"/bin/true\"],\"cwd\":\"/\",\"user\":{\"uid\":0,\"gid\":0}}"

static void accepts(const char *process, const char *more)
{
	struct config *c = parse_with(process, more);

	if (!CHECK(c != NULL))
		printf("# %s\n# of %s %s\n", e.text, process, more);
	release(c);
}

static void refuses(const char *process, const char *more, const char *names)
{
	struct config *c = parse_with(process, more);

	if (!CHECK(c == NULL))
		printf("# accepted: %s %s\n", process, more);
	else
		SAYS(e.text, names);
	release(c);
}

static void warns(const char *process, const char *more, const char *names)
{
	struct config *c = parse_with(process, more);
	bool found = false;

	if (!CHECK(c != NULL)) {
		printf("# %s\n", e.text);
		return;
	}
	for (u32 i = 0; i < c->warning_count; i++)
		found |= strstr(c->warnings[i], names) != NULL;
	if (!CHECK(found))
		printf("# no warning about %s (%u others)\n", names, c->warning_count);
	release(c);
}

TEST(small)
{
	struct config *c = parse_with(GOOD, "");

	if (!CHECK(c != NULL)) {
		printf("# %s\n", e.text);
		return;
	}
	EQ(c->args.count, 1);
	SAYS(c->args.list[0], "/bin/true");
	SAYS(c->root_path, "rootfs");
	EQ(c->uid, 0);
	EQ(c->warning_count, 0);
	EQ(c->resources.memory_limit, CONFIG_UNSET);
	release(c);
}

TEST(process)
{
	struct config *c = parse_with(
		"{\"args\":[\"a\",\"b c\",\"\"],\"env\":[\"X=1\",\"Y=\"],\"cwd\":\"/w\","
		"\"user\":{\"uid\":7,\"gid\":8,\"additionalGids\":[9,10],\"umask\":63},"
		"\"rlimits\":[{\"type\":\"RLIMIT_NOFILE\",\"soft\":100,\"hard\":200}],"
		"\"noNewPrivileges\":true,\"terminal\":false,\"oomScoreAdj\":-5,"
		"\"capabilities\":{\"bounding\":[\"CAP_CHOWN\",\"CAP_KILL\"],\"effective\":[\"CAP_KILL\"],"
		"\"permitted\":[\"CAP_KILL\"]}}",
		",\"hostname\":\"h\"");

	if (!CHECK(c != NULL)) {
		printf("# %s\n", e.text);
		return;
	}
	EQ(c->args.count, 3);
	EQ(c->env.count, 2);
	EQ(c->uid, 7);
	EQ(c->gid, 8);
	EQ(c->group_count, 2);
	EQ(c->groups[1], 10);
	EQ(c->umask, 63);
	CHECK(c->rlimit_set[7]);
	EQ(c->rlimits[7].cur, 100);
	EQ(c->rlimits[7].max, 200);
	CHECK(c->no_new_privileges);
	EQ(c->cap_bounding, 0x21);
	EQ(c->cap_effective, 0x20);
	SAYS(c->hostname, "h");
	SAYS(c->cwd, "/w");
	release(c);
}

TEST(terminal)
{
	struct config *c = parse_with("{\"args\":[\"x\"],\"cwd\":\"/\",\"user\":{\"uid\":0,\"gid\":0},"
				      "\"terminal\":true,\"consoleSize\":{\"height\":25,\"width\":65535}}",
				      "");

	if (!CHECK(c != NULL)) {
		printf("# %s\n", e.text);
		return;
	}
	CHECK(c->terminal);
	EQ(c->terminal_rows, 25);
	EQ(c->terminal_columns, 65535);
	release(c);
}

TEST(bad_processes)
{
	refuses("{\"args\":[\"x\"],\"cwd\":\"/\",\"user\":{\"uid\":0,\"gid\":0},\"terminal\":1}", "",
		"process.terminal");
	refuses("{\"args\":[\"x\"],\"cwd\":\"/"
		"\",\"user\":{\"uid\":0,\"gid\":0},\"consoleSize\":{\"height\":1}}",
		"", "process.consoleSize.width");
	refuses("{\"args\":[\"x\"],\"cwd\":\"/\",\"user\":{\"uid\":0,\"gid\":0},"
		"\"consoleSize\":{\"height\":65536,\"width\":1}}",
		"", "process.consoleSize.height");
	refuses("{\"cwd\":\"/\",\"user\":{\"uid\":0,\"gid\":0}}", "", "process.args");
	refuses("{\"args\":[],\"cwd\":\"/\",\"user\":{\"uid\":0,\"gid\":0}}", "", "process.args");
	refuses("{\"args\":\"x\",\"cwd\":\"/\",\"user\":{\"uid\":0,\"gid\":0}}", "", "process.args");
	refuses("{\"args\":[1],\"cwd\":\"/\",\"user\":{\"uid\":0,\"gid\":0}}", "", "process.args");
	refuses("{\"args\":[\"x\"],\"user\":{\"uid\":0,\"gid\":0}}", "", "process.cwd");
	refuses("{\"args\":[\"x\"],\"cwd\":\"relative\",\"user\":{\"uid\":0,\"gid\":0}}", "", "process.cwd");
	refuses("{\"args\":[\"x\"],\"cwd\":\"/\",\"user\":{\"uid\":-1,\"gid\":0}}", "", "uid");
	refuses("{\"args\":[\"x\"],\"cwd\":\"/\",\"user\":{\"uid\":4294967296,\"gid\":0}}", "", "uid");
	refuses("{\"args\":[\"x\"],\"cwd\":\"/\",\"user\":{\"uid\":\"root\",\"gid\":0}}", "", "uid");
	refuses("{\"args\":[\"x\"],\"cwd\":\"/"
		"\",\"user\":{\"uid\":0,\"gid\":0},\"rlimits\":[{\"type\":\"RLIMIT_NONSENSE\",\"soft\":1,"
		"\"hard\":1}]}",
		"", "rlimits");
	refuses("{\"args\":[\"x\"],\"cwd\":\"/"
		"\",\"user\":{\"uid\":0,\"gid\":0},\"rlimits\":[{\"type\":\"RLIMIT_NOFILE\",\"soft\":2,"
		"\"hard\":1}]}",
		"", "rlimits");
	refuses("[]", "", "process");
	refuses("{\"args\":[\"a\\u0000b\"],\"cwd\":\"/\",\"user\":{\"uid\":0,\"gid\":0}}", "", "");
}

TEST(not_json)
{
	static const char *const texts[] = {"",
					    "{",
					    "[]",
					    "null",
					    "{}",
					    "\"x\"",
					    "{\"ociVersion\":\"1.0.2\"} trailing",
					    "{\"ociVersion\":\"1.0.2\",\"ociVersion\":\"1.0.2\"}",
					    "\xff\xfe",
					    "{\"a\":1e999}"};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct config *c = config_parse(texts[i], strlen(texts[i]), &e);

		if (!CHECK(c == NULL))
			printf("# accepted: %s\n", texts[i]);
		CHECK(strlen(e.text) > 0 && !strchr(e.text, '\n'));
		release(c);
	}
}

TEST(versions)
{
	static const char bad[] = "{\"ociVersion\":\"2.0.0\",\"root\":{\"path\":\"r\"},\"process\":" GOOD "}";

	CHECK(!config_parse(bad, strlen(bad), &e));
	SAYS(e.text, "ociVersion");
}

TEST(mounts)
{
	struct config *c = parse_with(
		GOOD, ",\"mounts\":[{\"destination\":\"/proc\",\"type\":\"proc\",\"source\":\"proc\"},"
		      "{\"destination\":\"/tmp\",\"type\":\"tmpfs\",\"source\":\"tmpfs\","
		      "\"options\":[\"nosuid\",\"nodev\",\"mode=1777\",\"size=1m\"]},"
		      "{\"destination\":\"/d\",\"type\":\"bind\",\"source\":\"/"
		      "x\",\"options\":[\"rbind\",\"ro\"]}]");

	if (!CHECK(c != NULL)) {
		printf("# %s\n", e.text);
		return;
	}
	EQ(c->mount_count, 3);
	EQ(c->mounts[0].kind, BOOT_MOUNT_PROC);
	EQ(c->mounts[1].kind, BOOT_MOUNT_TMPFS);
	EQ(c->mounts[1].flags & 6, 6);
	SAYS(c->mounts[1].data, "mode=1777");
	SAYS(c->mounts[1].data, "size=1m");
	EQ(c->mounts[2].kind, BOOT_MOUNT_BIND);
	EQ(c->mounts[2].flags & 1, 1);
	release(c);
	refuses(GOOD, ",\"mounts\":[{\"destination\":\"/m\",\"type\":\"ext4\",\"source\":\"/dev/sda\"}]",
		"mounts[0]");
	refuses(GOOD, ",\"mounts\":[{\"destination\":\"relative\",\"type\":\"proc\"}]", "mounts[0]");
	refuses(GOOD, ",\"mounts\":[{\"type\":\"proc\"}]", "mounts[0].destination");
	refuses(GOOD, ",\"mounts\":{}", "mounts");
}

TEST(what_cannot_be_honoured)
{
	refuses(GOOD,
		",\"linux\":{\"devices\":[{\"path\":\"/dev/sda\",\"type\":\"b\",\"major\":8,\"minor\":0}]}",
		"linux.devices");
	refuses(GOOD, ",\"hooks\":{\"prestart\":[{\"path\":\"/bin/x\"}]}", "hooks");
	warns(GOOD, ",\"windows\":{\"layerFolders\":[\"x\"]}", "windows");
	warns(GOOD, ",\"somethingNew\":{\"x\":1}", "somethingNew");
}

TEST(resources)
{
	struct config *c = parse_with(
		GOOD, ",\"linux\":{\"resources\":{\"memory\":{\"limit\":67108864},\"pids\":{\"limit\":100},"
		      "\"cpu\":{\"shares\":512,\"quota\":50000,\"period\":100000}}}");

	if (!CHECK(c != NULL)) {
		printf("# %s\n", e.text);
		return;
	}
	EQ(c->resources.memory_limit, 67108864);
	EQ(c->resources.pids_limit, 100);
	EQ(c->resources.cpu_shares, 512);
	release(c);
	refuses(GOOD, ",\"linux\":{\"resources\":{\"memory\":{\"limit\":\"64m\"}}}",
		"linux.resources.memory.limit");
	refuses(GOOD, ",\"linux\":{\"resources\":{\"memory\":[]}}", "linux.resources.memory");
}

TEST(typical_engines_configuration)
{
	accepts(GOOD, ",\"annotations\":{\"a\":\"b\"},\"linux\":{\"namespaces\":[{\"type\":\"pid\"},{"
		      "\"type\":\"ipc\"},"
		      "{\"type\":\"uts\"},{\"type\":\"mount\"},{\"type\":\"network\"}],\"maskedPaths\":[\"/"
		      "proc/kcore\"],"
		      "\"readonlyPaths\":[\"/proc/sys\"],\"rootfsPropagation\":\"private\"}");
}

/* Damage at every byte: refused or understood, never a crash, and one line of explanation. */
TEST(damaged_text)
{
	static const char whole[] =
		"{\"ociVersion\":\"1.0.2\",\"process\":" GOOD ",\"root\":{\"path\":\"r\",\"readonly\":true},"
		"\"mounts\":[{\"destination\":\"/proc\",\"type\":\"proc\"}],\"linux\":{\"resources\":{}}}";

	for (size_t at = 0; at < sizeof(whole) - 1; at++)
		for (int k = 0; k < 4; k++) {
			static const char other[] = "\"x,{";
			char *text = strdup(whole);
			struct config *c;

			text[at] = other[k];
			c = config_parse(text, sizeof(whole) - 1, &e);
			CHECK(c || (e.text[0] && !strchr(e.text, '\n')));
			release(c);
			free(text);
		}
	for (size_t n = 0; n < sizeof(whole) - 1; n++) {
		char *text = malloc(n + !n);
		struct config *c;

		memcpy(text, whole, n);
		c = config_parse(text, n, &e);
		CHECK(c == NULL);
		release(c);
		free(text);
	}
}
