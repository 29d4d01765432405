/* SPDX-License-Identifier: MIT */
/*
 * ioctl.h: the ioctl commands that some file of the guest kernel knows.
 */
#pragma once

#define TCGETS 0x5401u
#define TCSETS 0x5402u
#define TCSETSW 0x5403u
#define TCSETSF 0x5404u
#define TCSBRK 0x5409u
#define TCXONC 0x540au
#define TCFLSH 0x540bu
#define TIOCSCTTY 0x540eu
#define TIOCGPGRP 0x540fu
#define TIOCSPGRP 0x5410u
#define TIOCOUTQ 0x5411u
#define TIOCGWINSZ 0x5413u
#define TIOCSWINSZ 0x5414u
#define FIONREAD 0x541bu
#define FIONBIO 0x5421u
#define TIOCNOTTY 0x5422u
#define TIOCGSID 0x5429u
#define FIONCLEX 0x5450u
#define FIOCLEX 0x5451u
#define FIOASYNC 0x5452u
#define FIOQSIZE 0x5460u
#define TIOCGETD 0x5424u
#define TIOCSETD 0x5423u
#define TCGETS2 0x802c542au
#define TCSETS2 0x402c542bu
#define TCSETSW2 0x402c542cu
#define TCSETSF2 0x402c542du
#define TIOCGPTN 0x80045430u
#define TIOCSPTLCK 0x40045431u
#define TIOCSIG 0x40045436u
#define TIOCGPTLCK 0x80045439u
#define TIOCGPTPEER 0x5441u
#define SIOCATMARK 0x8905u
#define SIOCGIFNAME 0x8910u
#define SIOCGIFCONF 0x8912u
#define SIOCGIFMAP 0x8970u
#define FICLONE 0x40049409u
#define FS_IOC_FIEMAP 0xc020660bu
#define RNDGETENTCNT 0x80045200u
