#include <sched.h>
#include "kernels.h"
#include <stdlib.h>
#include <sys/mman.h>

static void *map(size_t bytes, int flags) {
    void *pages = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);
    return pages == MAP_FAILED ? NULL : pages;
}

void *banyan_pages_take(size_t bytes) {
    void *pages = map(bytes, 0);
#if defined(MADV_HUGEPAGE)
    if (pages) madvise(pages, bytes, MADV_HUGEPAGE);
#endif
    return pages;
}

void *banyan_pages_reserve(size_t bytes) {
    void *pages = map(bytes, MAP_NORESERVE);
#if defined(MADV_NOHUGEPAGE)
    if (pages) madvise(pages, bytes, MADV_NOHUGEPAGE);
#endif
    return pages;
}

void banyan_pages_return(void *pages, size_t bytes) { munmap(pages, bytes); }

void banyan_pages_forget(const void *from, size_t bytes) {
    const uintptr_t page = 4096 * 16;  // A multiple of every page size in use.
    const uintptr_t start = ((uintptr_t)from + page - 1) / page * page, end = ((uintptr_t)from + bytes) / page * page;
    if (start < end) madvise((void *)start, end - start, MADV_DONTNEED);
}

void banyan_yield(void) { sched_yield(); }

void banyan_pause(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}
