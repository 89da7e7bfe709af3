/* Wine 8 lacks the counters `\Processor(N)\% Idle Time`, which sysinfo reads: here they are, from the times of
   processors that wine has of the kernel. Between two collections, as in Windows. */
#include <windows.h>
#include <winternl.h>

#define MOST 256
#define NO_COUNTER 0xC0000BB9
#define TOTAL ((HANDLE)(ULONG_PTR)(MOST + 1))

typedef struct {
    DWORD status;
    union {
        double number;
        LONGLONG large;
    } value;
} COUNTER_VALUE;

static SYSTEM_PROCESSOR_PERFORMANCE_INFORMATION before[MOST], now[MOST];
static ULONG processors;

static double idle(ULONG first, ULONG end) {
    double all = 0, idle = 0;
    for (ULONG n = first; n < end; n++) {
        /* the kernel's time has the idle time in it */
        all += now[n].KernelTime.QuadPart - before[n].KernelTime.QuadPart;
        all += now[n].UserTime.QuadPart - before[n].UserTime.QuadPart;
        idle += now[n].IdleTime.QuadPart - before[n].IdleTime.QuadPart;
    }
    return all > 0 ? 100 * idle / all : 100;
}

__declspec(dllexport) LONG WINAPI PdhCollectQueryData(HANDLE query) {
    ULONG length = 0;
    (void)query;
    memcpy(before, now, sizeof now);
    LONG status = NtQuerySystemInformation(SystemProcessorPerformanceInformation, now, sizeof now, &length);
    processors = length / sizeof now[0];
    return status;
}

__declspec(dllexport) LONG WINAPI PdhOpenQueryW(const WCHAR *source, DWORD_PTR user, HANDLE *query) {
    (void)source, (void)user;
    *query = (HANDLE)1;
    return PdhCollectQueryData(*query);
}

__declspec(dllexport) LONG WINAPI PdhAddEnglishCounterW(HANDLE query, const WCHAR *path, DWORD_PTR user, HANDLE *counter) {
    static const WCHAR start[] = L"\\Processor(", total[] = L"\\Processor(_Total)\\% Idle Time";
    (void)query, (void)user;
    ULONG n = 0;
    if (!lstrcmpW(path, total)) {
        *counter = TOTAL;
        return 0;
    }
    const WCHAR *at = path + lstrlenW(start);
    if (memcmp(path, start, sizeof start - sizeof start[0]) || *at < '0' || *at > '9') return NO_COUNTER;
    while (*at >= '0' && *at <= '9' && n < MOST) n = 10 * n + (*at++ - '0');
    if (n >= processors || lstrcmpW(at, L")\\% Idle Time")) return NO_COUNTER;
    *counter = (HANDLE)(ULONG_PTR)(n + 1);
    return 0;
}

__declspec(dllexport) LONG WINAPI PdhGetFormattedCounterValue(HANDLE counter, DWORD format, DWORD *type, COUNTER_VALUE *to) {
    ULONG n = (ULONG)(ULONG_PTR)counter - 1;
    (void)format, (void)type;
    to->status = 0;
    to->value.number = counter == TOTAL ? idle(0, processors) : idle(n, n + 1);
    return 0;
}

__declspec(dllexport) LONG WINAPI PdhRemoveCounter(HANDLE counter) { return (void)counter, 0; }

__declspec(dllexport) LONG WINAPI PdhCloseQuery(HANDLE query) { return (void)query, 0; }

/* Has the lists of counters read again, which never change here. */
__declspec(dllexport) LONG WINAPI PdhEnumObjectsW(const WCHAR *source, const WCHAR *machine, WCHAR *list, DWORD *length,
                                                  DWORD detail, BOOL refresh) {
    (void)source, (void)machine, (void)list, (void)length, (void)detail, (void)refresh;
    return NO_COUNTER;
}
