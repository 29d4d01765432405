/* SPDX-License-Identifier: MIT */
/* The virtual local APIC: requests, priorities, nesting, end of interrupt. */
#include <hv/vapic.h>

#include "unit.h"

static struct vapic a;

TEST(one_interrupt)
{
	vapic_reset(&a);
	EQ(vapic_deliverable(&a), 0);
	CHECK(vapic_request(&a, 0x41));
	CHECK(!vapic_request(&a, 0x41)); /* once pending, edges merge */
	EQ(vapic_deliverable(&a), 0x41);
	vapic_accept(&a, 0x41);
	EQ(vapic_deliverable(&a), 0);
	CHECK(vapic_request(&a, 0x41)); /* and may come again while it is served */
	EQ(vapic_deliverable(&a), 0);
	vapic_end(&a);
	EQ(vapic_deliverable(&a), 0x41);
}

TEST(priority_is_by_class)
{
	vapic_reset(&a);
	vapic_request(&a, 0x41);
	vapic_request(&a, 0x4f);
	vapic_request(&a, 0x52);
	EQ(vapic_deliverable(&a), 0x52);
	vapic_accept(&a, 0x52);
	EQ(vapic_deliverable(&a), 0);
	vapic_request(&a, 0x5f); /* same class: waits */
	EQ(vapic_deliverable(&a), 0);
	vapic_request(&a, 0x60);
	EQ(vapic_deliverable(&a), 0x60);
	vapic_accept(&a, 0x60);
	vapic_end(&a); /* the highest goes first: 0x60 */
	EQ(vapic_deliverable(&a), 0);
	vapic_end(&a);
	EQ(vapic_deliverable(&a), 0x5f);
	vapic_accept(&a, 0x5f);
	vapic_end(&a);
	EQ(vapic_deliverable(&a), 0x4f);
}

TEST(task_priority)
{
	vapic_reset(&a);
	vapic_request(&a, 0x41);
	a.tpr = 0x40;
	EQ(vapic_deliverable(&a), 0);
	a.tpr = 0x3f;
	EQ(vapic_deliverable(&a), 0x41);
	a.tpr = 0xff;
	vapic_request(&a, 0xff);
	EQ(vapic_deliverable(&a), 0);
}

TEST(edges_of_the_range)
{
	vapic_reset(&a);
	vapic_request(&a, 16);
	EQ(vapic_deliverable(&a), 16);
	vapic_request(&a, 255);
	EQ(vapic_deliverable(&a), 255);
	vapic_accept(&a, 255);
	vapic_end(&a);
	vapic_accept(&a, 16);
	vapic_end(&a);
	vapic_end(&a); /* without anything in service: nothing */
	EQ(vapic_deliverable(&a), 0);
}

TEST(disabled)
{
	vapic_reset(&a);
	a.enabled = false;
	vapic_request(&a, 0x80);
	EQ(vapic_deliverable(&a), 0);
	a.enabled = true;
	EQ(vapic_deliverable(&a), 0x80);
}
