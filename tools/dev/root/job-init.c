/* SPDX-License-Identifier: MIT */
/*
 * job-init: process 1 of the development root. Runs /run/job/command with its standard output and error on
 * virtio ports of their own, reports the exit status on a third and powers off; on machines without virtio,
 * on the serial ports that the kernel parameters job_out= and job_err= name, with the status on the console.
 * Without any of those it runs the command on the console and then a root shell there.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#define COMMAND "/run/job/command"
#define MODULE "/usr/local/lib/nacelle/mshv.ko"
#define STATUS_NOT_STARTED 126

static void say(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fputs("root: ", stdout);
	vprintf(format, args);
	putchar('\n');
	fflush(stdout);
	va_end(args);
}

static int attach_console(void)
{
	int fd = open("/dev/console", O_RDWR | O_CLOEXEC);

	if (fd < 0)
		return -1;
	for (int i = 0; i < 3; i++)
		dup2(fd, i);
	return 0;
}

/* The virtio port with this name, or -1. */
static int open_port(const char *name)
{
	DIR *dir = opendir("/sys/class/virtio-ports");
	struct dirent *entry;
	int fd = -1;

	while (dir && fd < 0 && (entry = readdir(dir))) {
		char path[300], found[64] = "";
		FILE *f;

		snprintf(path, sizeof(path), "/sys/class/virtio-ports/%s/name", entry->d_name);
		f = fopen(path, "re");
		if (!f)
			continue;
		if (fgets(found, sizeof(found), f))
			found[strcspn(found, "\n")] = 0;
		fclose(f);
		if (strcmp(found, name) != 0)
			continue;
		snprintf(path, sizeof(path), "/dev/%s", entry->d_name);
		fd = open(path, O_WRONLY | O_CLOEXEC);
	}
	if (dir)
		closedir(dir);
	return fd;
}

/* The serial port that this kernel parameter names (the kernel makes it a variable), for bytes as they are;
 * or -1. */
static int open_serial(const char *parameter)
{
	const char *name = getenv(parameter);
	struct termios mode;
	char path[64];
	int fd;

	if (!name)
		return -1;
	snprintf(path, sizeof(path), "/dev/%s", name);
	fd = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (fd < 0 || tcgetattr(fd, &mode))
		return -1;
	cfmakeraw(&mode);
	cfsetspeed(&mode, B115200);
	mode.c_cflag |= CLOCAL;
	tcsetattr(fd, TCSANOW, &mode);
	return fd;
}

static pid_t spawn(char *const argv[], int in, int out, int err)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	setsid();
	if (in == 0)
		ioctl(0, TIOCSCTTY, 0);
	dup2(in, 0);
	dup2(out, 1);
	dup2(err, 2);
	execv(argv[0], argv);
	fprintf(stderr, "%s: %s\n", argv[0], strerror(errno));
	_exit(STATUS_NOT_STARTED);
}

static int shell_status(int status)
{
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* Orphans end up here too; only the awaited one matters. */
static int wait_for(pid_t pid)
{
	int status;
	pid_t got;

	do
		got = wait(&status);
	while (got != pid && (got > 0 || errno == EINTR));
	return got == pid ? shell_status(status) : STATUS_NOT_STARTED;
}

static void write_all(int fd, const char *data, size_t n)
{
	while (n) {
		ssize_t done = write(fd, data, n);

		if (done < 0 && errno != EINTR && errno != EAGAIN)
			return;
		if (done > 0) {
			data += done;
			n -= (size_t)done;
		}
	}
}

/* Moves what is there now; false at end of file. */
static int forward(int from, int to)
{
	char buffer[65536];
	ssize_t n = read(from, buffer, sizeof(buffer));

	if (n > 0)
		write_all(to, buffer, (size_t)n);
	return n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR));
}

/* Copies both pipes to their ports until end of file on both, in a process of its own. When told by SIGTERM
 * that the command has ended, it takes what the pipes still hold and goes, even if a background process keeps
 * them. */
static volatile sig_atomic_t draining;

static void start_draining(int signal_number)
{
	(void)signal_number;
	draining = 1;
}

static void pump(int from[2], int to[2])
{
	struct pollfd fds[2] = {{.fd = from[0], .events = POLLIN}, {.fd = from[1], .events = POLLIN}};
	struct sigaction action = {.sa_handler = start_draining};
	sigset_t blocked, open_mask;

	sigemptyset(&open_mask);
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGTERM);
	sigprocmask(SIG_BLOCK, &blocked, NULL);
	sigaction(SIGTERM, &action, NULL);
	while (fds[0].fd >= 0 || fds[1].fd >= 0) {
		struct timespec now = {0};
		int ready = ppoll(fds, 2, draining ? &now : NULL, &open_mask);

		if (ready == 0)
			break;
		if (ready < 0)
			continue;
		for (int i = 0; i < 2; i++)
			if (fds[i].revents && !forward(from[i], to[i]))
				fds[i].fd = -1;
	}
	_exit(0);
}

static int run_on_ports(int out_port, int err_port)
{
	char *argv[] = {"/bin/sh", COMMAND, NULL};
	int out[2], err[2], null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	pid_t pumper, command;
	int status;

	if (null < 0 || pipe2(out, O_CLOEXEC) || pipe2(err, O_CLOEXEC))
		return STATUS_NOT_STARTED;
	pumper = fork();
	if (pumper == 0) {
		close(out[1]);
		close(err[1]);
		pump((int[2]){out[0], err[0]}, (int[2]){out_port, err_port});
	}
	command = spawn(argv, null, out[1], err[1]);
	close(out[0]);
	close(out[1]);
	close(err[0]);
	close(err[1]);
	status = wait_for(command);
	if (kill(pumper, SIGTERM) == 0)
		wait_for(pumper);
	return status;
}

static void run_on_console(void)
{
	char *demo[] = {"/bin/sh", COMMAND, NULL};
	char *shell[] = {"/bin/bash", "-l", NULL};

	if (access(COMMAND, R_OK) == 0)
		wait_for(spawn(demo, 0, 1, 2));
	say("a root shell; `exit` ends the machine");
	wait_for(spawn(shell, 0, 1, 2));
}

/* The mshv module is loaded where the hypervisor announced itself to this kernel (as root partition). */
static void load_module(void)
{
	char *argv[] = {"/sbin/insmod", MODULE, NULL};
	unsigned int eax = 0x40000000, ebx = 0, ecx = 0, edx = 0;
	char vendor[13] = "";

	__asm__ volatile("cpuid" : "+a"(eax), "=b"(ebx), "+c"(ecx), "=d"(edx));
	memcpy(vendor, &ebx, 4);
	memcpy(vendor + 4, &ecx, 4);
	memcpy(vendor + 8, &edx, 4);
	if (strcmp(vendor, "Nacelle Hv#1") != 0)
		return;
	if (access(MODULE, R_OK) == 0 && wait_for(spawn(argv, 0, 1, 2)) != 0)
		say("mshv.ko did not load");
}

/* How long all processors together have had nothing to do since the kernel started. */
static unsigned long long idle_ms(void)
{
	unsigned long long idle = 0, waiting = 0;
	FILE *f = fopen("/proc/stat", "re");

	if (f) {
		if (fscanf(f, "cpu %*u %*u %*u %llu %llu", &idle, &waiting) != 2)
			idle = waiting = 0;
		fclose(f);
	}
	return (idle + waiting) * 1000 / (unsigned long long)sysconf(_SC_CLK_TCK);
}

int main(void)
{
	unsigned long long started = __builtin_ia32_rdtsc(), idle = idle_ms();
	int out, err, status_port;

	attach_console();
	setenv("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", 1);
	setenv("HOME", "/root", 1);
	setenv("TERM", "linux", 0);
	setenv("LC_ALL", "C.UTF-8", 1);
	if (chdir("/root"))
		say("no /root");
	load_module();
	out = open_port("out");
	err = open_port("err");
	status_port = open_port("status");
	say("ready; process 1 began at TSC %llu, idle %llu ms", started, idle);
	if (out >= 0 && err >= 0 && status_port >= 0) {
		dprintf(status_port, "%d\n", run_on_ports(out, err));
	} else if ((out = open_serial("job_out")) >= 0 && (err = open_serial("job_err")) >= 0) {
		int status = run_on_ports(out, err);

		tcdrain(out);
		tcdrain(err);
		say("status %d", status);
		tcdrain(1);
	} else {
		run_on_console();
	}
	sync();
	reboot(RB_POWER_OFF);
	return 0;
}
