// A fake libcuda.so.1 for tests on a machine with no GPU (build it with fakecuda/build.sh).
//
// Device memory is host memory filled with 0xCD. A stream is a queue that runs only when somebody synchronizes, so a
// missing synchronize shows as wrong data. Graphs record and replay. The current context is per thread, as in CUDA.
// $FAKECUDA_LOG names a file that gets one line per call, $FAKECUDA_INIT a CUresult for cuInit (100 = no device),
// $FAKECUDA_FAIL "FUNCTION:AFTER:CODE" makes a function fail from then on; fakecuda_fail() does the same from within.
// fakecuda_live() reports what has not been freed, fakecuda_calls() what was called. A code of 7xx or 999 is sticky:
// after it every call but those that push, pop and release contexts fails, as on a device that is lost. Functions not made here return 34 (STUB_LIBRARY).
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OK = 0, INVALID_VALUE = 1, INVALID_DEVICE = 101, INVALID_CONTEXT = 201, NOT_FOUND = 500, NOT_READY = 600,
       CAPTURE_UNSUPPORTED = 900, CAPTURE_INVALIDATED = 901 };
enum kind { COPY, HOST_FUNCTION, EVENT };
enum { HEADER = 256, DEVICE_COUNT = 1, SM_MAJOR = 8, SM_MINOR = 7, DRIVER_VERSION = 13000 };

typedef unsigned long long device_pointer;
typedef struct operation operation;
struct operation {
    enum kind kind;
    void *target;
    const void *source;
    size_t bytes;
    void (*function)(void *);
    void *argument;
    operation *next;
};
typedef struct queue {
    operation *head, **tail;
    int capturing;
    struct queue *next_stream;
} queue;
typedef struct { int done; queue *stream; } event;

static queue default_stream = {0, &default_stream.head, 0, 0};
static queue *streams;
static __thread int context_depth;
static atomic_long live_device, live_host, live_streams, live_events, live_graphs, live_retains;
static pthread_mutex_t books = PTHREAD_MUTEX_INITIALIZER;  // guards the list of streams and the log of calls
static void *const context = (void *)0x1000;

static char fail_name[64], calls[1 << 20];
static int fail_after = -1, fail_code, sticky;
static size_t calls_used;

int fakecuda_fail(const char *function, int after, int code) {
    snprintf(fail_name, sizeof fail_name, "%s", function);
    fail_after = after;
    fail_code = code;
    sticky = 0;
    return 0;
}
static void read_environment(void) {
    static int done;
    const char *wish = getenv("FAKECUDA_FAIL");
    char name[64];
    int after, code;
    if (done++ || !wish) return;
    if (sscanf(wish, "%63[^:]:%d:%d", name, &after, &code) == 3) fakecuda_fail(name, after, code);
}
static int note_locked(const char *function) {
    static FILE *log;
    const char *path = getenv("FAKECUDA_LOG");
    read_environment();
    if (path && !log) log = fopen(path, "a");
    if (log) { fprintf(log, "%s\n", function); fflush(log); }
    if (calls_used + strlen(function) + 2 < sizeof calls) calls_used += sprintf(calls + calls_used, "%s\n", function);
    int named = fail_after >= 0 && !strcmp(function, fail_name);
    if (sticky && (named || (strncmp(function, "cuCtxP", 6) && strncmp(function, "cuDevicePrimary", 15)))) return sticky;
    if (fail_after < 0 || strcmp(function, fail_name)) return 0;
    if (fail_after > 0) { fail_after--; return 0; }
    if ((fail_code >= 700 && fail_code < 800) || fail_code == 999) sticky = fail_code;
    return fail_code;
}
static int note(const char *function) {
    pthread_mutex_lock(&books);
    int failure = note_locked(function);
    pthread_mutex_unlock(&books);
    return failure;
}
const char *fakecuda_calls(void) { calls[calls_used] = 0; calls_used = 0; return calls; }
#define NOTE do { int failure = note(__func__); if (failure) return failure; } while (0)
#define NEED_CONTEXT do { if (!context_depth) return INVALID_CONTEXT; } while (0)

static queue *stream_of(void *handle) {
    return (size_t)handle <= 2 ? &default_stream : handle;  // 0, 1, 2: the default streams
}
static void run(operation *op) {
    if (op->kind == COPY) memcpy(op->target, op->source, op->bytes);
    else if (op->kind == HOST_FUNCTION) op->function(op->argument);
    else ((event *)op->target)->done = 1;
}
static void run_first(queue *q) {
    operation *op = q->head;
    q->head = op->next;
    if (!q->head) q->tail = &q->head;
    run(op);
    free(op);
}
static void drain(queue *q) { while (q->head) run_first(q); }
static int put(queue *q, operation value) {
    operation *op = malloc(sizeof value);
    *op = value;
    op->next = NULL;
    *q->tail = op;
    q->tail = &op->next;
    return OK;
}
static void discard(queue *q) {
    while (q->head) { operation *op = q->head; q->head = op->next; free(op); }
    free(q);
}

// ---- start, device, context
int cuInit(unsigned flags) { NOTE; const char *code = getenv("FAKECUDA_INIT"); return code ? atoi(code) : OK; }
int cuDriverGetVersion(int *version) { NOTE; *version = DRIVER_VERSION; return OK; }
int cuDeviceGetCount(int *count) { NOTE; *count = DEVICE_COUNT; return OK; }
int cuDeviceGet(int *device, int index) { NOTE; if (index >= DEVICE_COUNT) return INVALID_DEVICE; *device = index; return OK; }
int cuDeviceGetName(char *name, int size, int device) { NOTE; snprintf(name, size, "Fake GPU (host memory)"); return OK; }
int cuDeviceTotalMem_v2(size_t *bytes, int device) { NOTE; *bytes = 1ull << 32; return OK; }
int cuDeviceComputeCapability(int *major, int *minor, int device) { NOTE; *major = SM_MAJOR; *minor = SM_MINOR; return OK; }
int cuDeviceGetAttribute(int *value, int attribute, int device) {
    NOTE;
    *value = attribute == 75 ? SM_MAJOR : attribute == 76 ? SM_MINOR : 1;
    return OK;
}
int cuDevicePrimaryCtxRetain(void **ctx, int device) { NOTE; live_retains++; *ctx = context; return OK; }
int cuDevicePrimaryCtxRelease_v2(int device) { live_retains--; NOTE; return OK; }
int cuCtxDetach(void *ctx) { note(__func__); abort(); }  // never right for a primary context
int cuCtxPushCurrent_v2(void *ctx) { NOTE; context_depth++; return OK; }
int cuCtxPopCurrent_v2(void **ctx) { NEED_CONTEXT; context_depth--; NOTE; if (ctx) *ctx = context; return OK; }
int cuCtxSetCurrent(void *ctx) { NOTE; context_depth = ctx ? 1 : 0; return OK; }
int cuCtxGetCurrent(void **ctx) { note("cuCtxGetCurrent"); *ctx = context_depth ? context : NULL; return OK; }
int cuCtxGetDevice(int *device) { NEED_CONTEXT; *device = 0; return OK; }
int cuCtxGetApiVersion(void *ctx, unsigned *version) { *version = DRIVER_VERSION; return OK; }
int cuCtxSynchronize(void) {
    NOTE;
    drain(&default_stream);
    for (queue *q = streams; q; q = q->next_stream) drain(q);
    return OK;
}

// ---- memory
int cuMemGetInfo_v2(size_t *available, size_t *total) { NOTE; *available = *total = 1ull << 32; return OK; }
static void *allocate(size_t bytes) {
    char *block = aligned_alloc(HEADER, (bytes + 2 * HEADER - 1) / HEADER * HEADER);
    *(size_t *)block = bytes;
    memset(block + HEADER, 0xCD, bytes);
    return block + HEADER;
}
static size_t release(void *memory) {
    char *block = (char *)memory - HEADER;
    size_t bytes = *(size_t *)block;
    memset(memory, 0xDD, bytes);
    free(block);
    return bytes;
}
int cuMemAlloc_v2(device_pointer *out, size_t bytes) {
    NOTE; NEED_CONTEXT;
    *out = (device_pointer)allocate(bytes);
    live_device += bytes;
    return OK;
}
int cuMemFree_v2(device_pointer memory) { NEED_CONTEXT; live_device -= release((void *)memory); NOTE; return OK; }
int cuMemHostAlloc(void **out, size_t bytes, unsigned flags) {
    NOTE; NEED_CONTEXT;
    *out = allocate(bytes);
    live_host += bytes;
    return OK;
}
int cuMemAllocHost_v2(void **out, size_t bytes) { return cuMemHostAlloc(out, bytes, 0); }
int cuMemFreeHost(void *memory) { NEED_CONTEXT; live_host -= release(memory); NOTE; return OK; }
int cuMemcpyHtoD_v2(device_pointer to, const void *from, size_t bytes) {
    NOTE; NEED_CONTEXT;
    drain(&default_stream);
    memcpy((void *)to, from, bytes);
    return OK;
}
int cuMemcpyDtoH_v2(void *to, device_pointer from, size_t bytes) {
    NOTE; NEED_CONTEXT;
    drain(&default_stream);
    memcpy(to, (void *)from, bytes);
    return OK;
}
int cuMemcpyHtoDAsync_v2(device_pointer to, const void *from, size_t bytes, void *stream) {
    NOTE; NEED_CONTEXT;
    return put(stream_of(stream), (operation){.kind = COPY, .target = (void *)to, .source = from, .bytes = bytes});
}
int cuMemcpyDtoHAsync_v2(void *to, device_pointer from, size_t bytes, void *stream) {
    NOTE; NEED_CONTEXT;
    return put(stream_of(stream), (operation){.kind = COPY, .target = to, .source = (void *)from, .bytes = bytes});
}

// ---- streams, events, host functions
int cuStreamCreate(void **stream, unsigned flags) {
    NOTE; NEED_CONTEXT;
    queue *q = calloc(1, sizeof *q);
    q->tail = &q->head;
    pthread_mutex_lock(&books);
    q->next_stream = streams;
    streams = q;
    pthread_mutex_unlock(&books);
    live_streams++;
    *stream = q;
    return OK;
}
int cuStreamCreateWithPriority(void **stream, unsigned flags, int priority) { return cuStreamCreate(stream, flags); }
int cuStreamDestroy_v2(void *stream) {
    NEED_CONTEXT;
    queue *q = stream, **link = &streams;
    if (!sticky) drain(q);
    pthread_mutex_lock(&books);
    while (*link && *link != q) link = &(*link)->next_stream;
    if (*link) *link = q->next_stream;
    pthread_mutex_unlock(&books);
    free(q);
    live_streams--;
    NOTE;
    return OK;
}
int cuStreamSynchronize(void *stream) {
    NOTE;
    queue *q = stream_of(stream);
    if (q->capturing) return CAPTURE_UNSUPPORTED;
    drain(q);
    return OK;
}
int cuStreamQuery(void *stream) { return stream_of(stream)->head ? NOT_READY : OK; }
int cuEventCreate(void **out, unsigned flags) { NOTE; NEED_CONTEXT; *out = calloc(1, sizeof(event)); live_events++; return OK; }
int cuEventDestroy_v2(void *e) { NEED_CONTEXT; free(e); live_events--; NOTE; return OK; }
int cuEventRecord(void *handle, void *stream) {
    NOTE;
    event *e = handle;
    e->done = 0;
    e->stream = stream_of(stream);
    return put(e->stream, (operation){.kind = EVENT, .target = e});
}
int cuEventSynchronize(void *handle) {
    NOTE;
    event *e = handle;
    while (e->stream && !e->done && e->stream->head) run_first(e->stream);
    return OK;
}
int cuEventQuery(void *e) { return ((event *)e)->done ? OK : NOT_READY; }
int cuEventElapsedTime(float *ms, void *from, void *to) { NOTE; *ms = 1; return OK; }
int cuEventElapsedTime_v2(float *ms, void *from, void *to) { NOTE; *ms = 1; return OK; }
int cuLaunchHostFunc(void *stream, void (*function)(void *), void *argument) {
    NOTE;
    return put(stream_of(stream), (operation){.kind = HOST_FUNCTION, .function = function, .argument = argument});
}

// ---- graphs
int cuStreamBeginCapture_v2(void *stream, int mode) {
    NOTE;
    queue *q = stream_of(stream);
    if (q == &default_stream || q->capturing || q->head) return CAPTURE_UNSUPPORTED;
    q->capturing = 1;
    return OK;
}
int cuStreamIsCapturing(void *stream, int *status) { *status = stream_of(stream)->capturing; return OK; }
int cuStreamEndCapture(void *stream, void **graph) {
    NOTE;
    queue *q = stream_of(stream);
    if (!q->capturing) return CAPTURE_INVALIDATED;
    queue *recorded = calloc(1, sizeof *recorded);
    recorded->head = q->head;
    q->head = NULL;
    q->tail = &q->head;
    q->capturing = 0;
    live_graphs++;
    *graph = recorded;
    return OK;
}
static void replay(queue *from, queue *to) { for (operation *op = from->head; op; op = op->next) put(to, *op); }
int cuGraphInstantiateWithFlags(void **executable, void *graph, unsigned long long flags) {
    NOTE;
    queue *copy = calloc(1, sizeof *copy);
    copy->tail = &copy->head;
    replay(graph, copy);
    live_graphs++;
    *executable = copy;
    return OK;
}
int cuGraphDestroy(void *graph) { discard(graph); live_graphs--; NOTE; return OK; }
int cuGraphExecDestroy(void *executable) { discard(executable); live_graphs--; NOTE; return OK; }
int cuGraphLaunch(void *executable, void *stream) { NOTE; replay(executable, stream_of(stream)); return OK; }

// ---- errors, look-up by name, report
int cuGetErrorString(int code, const char **text) {
    *text = code == INVALID_CONTEXT ? "invalid device context" : code == 2 ? "out of memory"
          : code == 100 ? "no CUDA-capable device is detected" : code == 719 ? "unspecified launch failure"
          : code == 999 ? "unknown error" : "fake error";
    return OK;
}
int cuGetErrorName(int code, const char **name) { *name = "FAKE_ERROR"; return OK; }
int cuGetProcAddress_v2(const char *symbol, void **function, int version, unsigned long long flags, int *status) {
    static const char *const suffixes[] = {"_v2", "", "_v3", "_v4"};
    char name[200];
    void *self = dlopen("libcuda.so.1", RTLD_LAZY | RTLD_NOLOAD);
    *function = NULL;
    if (!strcmp(symbol, "cuGraphInstantiate")) symbol = "cuGraphInstantiateWithFlags";
    for (size_t i = 0; self && !*function && i < sizeof suffixes / sizeof *suffixes; i++) {
        snprintf(name, sizeof name, "%s%s", symbol, suffixes[i]);
        *function = dlsym(self, name);
    }
    if (status) *status = *function ? 0 : 1;
    return *function ? OK : NOT_FOUND;
}
// Bytes on the device, bytes pinned, streams, events, graphs, retained contexts, depth of this thread's stack.
int fakecuda_live(long out[7]) {
    long counts[] = {live_device, live_host, live_streams, live_events, live_graphs, live_retains, context_depth};
    memcpy(out, counts, sizeof counts);
    return OK;
}
