/* SPDX-License-Identifier: MIT */
/*
 * ports.c: what the guest's kernel can ask for by I/O port, and every way in which a container ends.
 */
#include <abi/net.h>
#include <abi/ring.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "console.h"
#include "control.h"
#include "die.h"
#include "fs.h"
#include "log.h"
#include "machine.h"
#include "net.h"

/* Ends this process by the signal that ended the container's first process, without a core dump. */
static noreturn void end_by_signal(int sig)
{
	struct sigaction sa = {.sa_handler = SIG_DFL};
	sigset_t set;

	prctl(PR_SET_DUMPABLE, 0);
	sigaction(sig, &sa, NULL);
	sigemptyset(&set);
	sigaddset(&set, sig);
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
	/* To this thread: one for the process could be taken by the I/O thread's signalfd. */
	syscall(SYS_tgkill, getpid(), gettid(), sig);
	die("the container was ended by signal %d, which cannot end the worker", sig);
}

static bool started; /* the guest's kernel has reached user mode */

static noreturn void end_container(u32 status)
{
	console_flush();
	if (!__atomic_load_n(&started, __ATOMIC_RELAXED)) {
		warn("the container's first process was not started; the guest kernel says why:");
		log_explain_start();
	}
	if (WIFEXITED((int)status) && status <= 0xffff)
		_exit(WEXITSTATUS((int)status));
	if (WIFSIGNALED((int)status) && status <= 0xff)
		end_by_signal(WTERMSIG((int)status));
	die("the guest reported the malformed exit status %#x", status);
}

static noreturn void end_by_panic(u32 value)
{
	console_flush();
	warn("the guest kernel panicked (code %#x); the end of its log follows", value);
	log_show_tail();
	_exit(WORKER_EXIT_FAILED);
}

static void out_of_memory(void)
{
	static bool told;

	if (!__atomic_exchange_n(&told, true, __ATOMIC_RELAXED))
		warn("the container ran out of memory (%llu MiB); its kernel killed a process",
		     (unsigned long long)machine.memory.size >> 20);
}

static void doorbell(u32 value)
{
	u16 device = (u16)(value >> 16), queue = (u16)value;

	if (device == NACELLE_DEV_FS && queue == NACELLE_FS_QUEUE_REQUEST)
		fs_doorbell();
	else if (device == NACELLE_DEV_NET && queue == NACELLE_NET_QUEUE_REQUEST)
		net_doorbell();
	else if (device == NACELLE_DEV_NET && queue == NACELLE_NET_QUEUE_EVENT)
		net_event_doorbell();
	else if (device == NACELLE_DEV_CONSOLE && queue == NACELLE_CONSOLE_QUEUE_CONTROL)
		control_doorbell();
	else if (device == NACELLE_DEV_CONSOLE && queue < NACELLE_CONSOLE_QUEUE_CONTROL)
		console_doorbell(queue);
	else
		die("the guest rang for queue %u of device %u, which does not exist", queue, device);
}

static void port_out(const struct vm_exit *e)
{
	switch (e->port) {
	case NACELLE_PORT_DOORBELL:
		doorbell(e->value);
		break;
	case NACELLE_PORT_EXIT:
		end_container(e->value);
	case NACELLE_PORT_PANIC:
		end_by_panic(e->value);
	case NACELLE_PORT_OOM:
		out_of_memory();
		break;
	case NACELLE_PORT_READY:
		__atomic_store_n(&started, true, __ATOMIC_RELAXED);
		break;
	default:
		die("the guest wrote to I/O port %#x, which does not exist (at %#llx)", e->port,
		    (unsigned long long)e->rip);
	}
}

static void handle(const struct vm_exit *e)
{
	switch (e->kind) {
	case VM_EXIT_AGAIN:
		break;
	case VM_EXIT_PORT:
		port_out(e);
		break;
	case VM_EXIT_SHUTDOWN:
		warn("the guest kernel triple-faulted at %#llx", (unsigned long long)e->rip);
		log_show_tail();
		_exit(WORKER_EXIT_FAILED);
	case VM_EXIT_MEMORY:
		if (!e->write && fs_window_fault(e->gpa))
			break;
		die("the guest kernel %s guest physical address %#llx, which is not its memory (at %#llx)",
		    e->write ? "wrote to" : "used", (unsigned long long)e->gpa, (unsigned long long)e->rip);
	case VM_EXIT_UNKNOWN:
		die("the guest stopped for a reason that nacelle-worker does not know (%#x at %#llx)",
		    e->code, (unsigned long long)e->rip);
	}
}

void *ports_run_vp(void *vp_index)
{
	unsigned int vp = (unsigned int)(size_t)vp_index;
	struct vm_exit exit;

	for (;;) {
		vm_run(machine.vm, vp, &exit);
		if (machine.launch->flags & LAUNCH_STRACE)
			log_follow();
		handle(&exit);
	}
	return NULL;
}
