// SPDX-License-Identifier: (GPL-2.0 OR MIT)
/*
 * main.c: the module: refuses to load where it can do nothing, prepares the CPUs, tells the hypervisor
 * what the kernel knows better (the TSC's frequency), and serves /dev/mshv.
 */
#include <asm/tsc.h>
#include <linux/capability.h>
#include <linux/crash_dump.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/suspend.h>

#include "mshv.h"

static struct mshv_nacelle_version version;

static long dev_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	void __user *uarg = (void __user *)arg;

	if (cmd == MSHV_CREATE_PARTITION)
		return mshv_create_partition(uarg);
	return mshv_report_ioctl(cmd, uarg, &version);
}

static const struct file_operations dev_fops = {
	.owner = THIS_MODULE,
	.unlocked_ioctl = dev_ioctl,
	.llseek = noop_llseek,
};

static struct miscdevice device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "mshv",
	.fops = &dev_fops,
	.mode = 0600,
};

/* A machine that wakes up from S3 or S4 has no hypervisor under it any more: refuse to go there. Suspend
 * to idle keeps it. */
static int pm_notify(struct notifier_block *block, unsigned long event, void *unused)
{
	bool deep = event == PM_HIBERNATION_PREPARE || event == PM_RESTORE_PREPARE ||
		    (event == PM_SUSPEND_PREPARE && pm_suspend_target_state != PM_SUSPEND_TO_IDLE);

	if (!deep)
		return NOTIFY_DONE;
	pr_err("this machine cannot sleep so deeply: the hypervisor would not come back\n");
	return notifier_from_errno(-EBUSY);
}

static struct notifier_block pm_block = {
	.notifier_call = pm_notify,
};

static int set_clock_frequency(void)
{
	const struct hv_input_set_partition_property in = {
		.partition_id = HV_PARTITION_ID_SELF,
		.property_code = HV_PROPERTY_PROCESSOR_CLOCK_FREQUENCY,
		.value = (u64)tsc_khz * 1000,
	};
	u16 status = hv_status(mshv_hvcall(HVCALL_SET_PARTITION_PROPERTY, &in, sizeof(in), NULL, 0));

	if (status)
		pr_err("the hypervisor refused the TSC frequency %u kHz: status %#x\n", tsc_khz, status);
	return mshv_status_to_errno(status);
}

static int __init mshv_init(void)
{
	int ret;

	if (is_kdump_kernel())
		return -ENODEV;
	ret = mshv_detect(&version);
	if (ret)
		return ret;
	strscpy(version.module_version, NACELLE_VERSION_STRING, sizeof(version.module_version));
	ret = mshv_hvcall_init();
	if (ret)
		return ret;
	ret = set_clock_frequency();
	if (ret)
		goto hvcall_exit;
	ret = mshv_irqfd_init();
	if (ret)
		goto hvcall_exit;
	ret = register_pm_notifier(&pm_block);
	if (ret)
		goto irqfd_exit;
	ret = misc_register(&device);
	if (ret)
		goto pm_exit;
	pr_info("root partition of hypervisor %s %u.%u, ABI version %u\n", version.hv_vendor,
		version.hv_major, version.hv_minor, version.hv_abi);
	return 0;

pm_exit:
	unregister_pm_notifier(&pm_block);
irqfd_exit:
	mshv_irqfd_exit();
hvcall_exit:
	mshv_hvcall_exit();
	return ret;
}

/* Descriptors hold the module, so no partition is left here. */
static void __exit mshv_exit(void)
{
	misc_deregister(&device);
	unregister_pm_notifier(&pm_block);
	mshv_irqfd_exit();
	mshv_hvcall_exit();
	pr_info("unloaded; the hypervisor stays\n");
}

module_init(mshv_init);
module_exit(mshv_exit);

MODULE_DESCRIPTION("Child partitions of the Nacelle hypervisor: /dev/mshv");
MODULE_AUTHOR("The Nacelle authors");
MODULE_LICENSE("Dual MIT/GPL");
MODULE_VERSION(NACELLE_VERSION_STRING);
