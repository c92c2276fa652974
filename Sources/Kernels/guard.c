#include "kernels.h"
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <unistd.h>

// A read of a mapped page behind the end of its file raises SIGBUS, whoever cut the file. The handler puts a page of zeros there
// and the read goes on; everything else goes to whoever handled the signal before.

#define GUARDS 256
static struct {
    _Atomic(uintptr_t) start, end;  // The start is 0 in a free place and 1 in one that is being filled.
} guards[GUARDS];
static struct sigaction previous;
static uintptr_t page_bytes;

static bool is_guarded(uintptr_t address) {
    for (int i = 0; i < GUARDS; i++) {
        const uintptr_t start = atomic_load(&guards[i].start);
        if (start > 1 && address >= start && address < atomic_load(&guards[i].end)) return true;
    }
    return false;
}

static void handle(int signal, siginfo_t *info, void *context) {
    (void)signal;
    (void)context;
    const uintptr_t address = (uintptr_t)info->si_addr;
    if (info->si_code == BUS_ADRERR && is_guarded(address)) {
        void *page = (void *)(address / page_bytes * page_bytes);
        if (mmap(page, page_bytes, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == page) return;
    }
    sigaction(SIGBUS, &previous, NULL);  // The instruction is run again and raises the signal again.
}

static void install(void) {
    page_bytes = (uintptr_t)sysconf(_SC_PAGESIZE);
    struct sigaction action = {.sa_sigaction = handle, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    sigemptyset(&action.sa_mask);
    sigaction(SIGBUS, &action, &previous);
}

bool banyan_guard(const void *mapped, size_t bytes) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, install);
    for (int i = 0; i < GUARDS; i++) {
        uintptr_t free = 0;
        if (!atomic_compare_exchange_strong(&guards[i].start, &free, 1)) continue;
        atomic_store(&guards[i].end, (uintptr_t)mapped + bytes);
        atomic_store(&guards[i].start, (uintptr_t)mapped);
        return true;
    }
    return false;
}

void banyan_unguard(const void *mapped) {
    for (int i = 0; i < GUARDS; i++) {
        if (atomic_load(&guards[i].start) != (uintptr_t)mapped) continue;
        atomic_store(&guards[i].start, 0);
        return;
    }
}
