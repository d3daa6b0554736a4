/* Calls functions of user32 and kernel32 for somebody on the other end of a socket.
 *
 * One thread a connection, since windows and the open clipboard belong to threads. A request is a
 * name (32 bytes), a count of arguments (u32) and each argument: its size (u32) and, for 0, a
 * number (u64), else so many bytes whose address is passed. The answer is the result (u64), the
 * last error (u32) and the bytes of every argument that has any. Built for the 64-bit calling
 * convention, in which numbers and addresses are passed alike.
 */
#include <winsock2.h>
#include <stdio.h>
#include <stdlib.h>

#define MOST_ARGUMENTS 12
typedef unsigned long long u64;
typedef u64 (*function)(u64, u64, u64, u64, u64, u64, u64, u64, u64, u64, u64, u64);

static int take(SOCKET from, void *to, int size)
{
    for (char *at = to; size > 0;) {
        int came = recv(from, at, size, 0);
        if (came <= 0)
            return 0;
        at += came;
        size -= came;
    }
    return 1;
}

static function found(const char *name)
{
    const char *libraries[] = {"user32.dll", "kernel32.dll", "ntdll.dll",
                               "gdi32.dll", "gdiplus.dll", "shlwapi.dll"};
    for (unsigned i = 0; i < sizeof libraries / sizeof *libraries; i++) {
        FARPROC address = GetProcAddress(LoadLibraryA(libraries[i]), name);
        if (address)
            return (function)address;
    }
    return NULL;
}

static int serve(SOCKET client)
{
    char name[33] = {0};
    unsigned count, sizes[MOST_ARGUMENTS] = {0}, error;
    u64 a[MOST_ARGUMENTS] = {0}, result;
    if (!take(client, name, 32) || !take(client, &count, 4) || count > MOST_ARGUMENTS)
        return 0;
    for (unsigned i = 0; i < count; i++) {
        if (!take(client, &sizes[i], 4))
            return 0;
        if (sizes[i])
            a[i] = (u64)malloc(sizes[i]);
        if (!take(client, sizes[i] ? (void *)a[i] : &a[i], sizes[i] ? (int)sizes[i] : 8))
            return 0;
    }
    function call = found(name);
    if (!call)
        return 0;
    SetLastError(0);
    result = call(a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7], a[8], a[9], a[10], a[11]);
    error = GetLastError();
    send(client, (char *)&result, 8, 0);
    send(client, (char *)&error, 4, 0);
    for (unsigned i = 0; i < count; i++)
        if (sizes[i]) {
            send(client, (char *)a[i], (int)sizes[i], 0);
            free((void *)a[i]);
        }
    return 1;
}

static DWORD WINAPI converse(void *client)
{
    BOOL at_once = TRUE; /* an answer is several sends, which would wait for one another */
    setsockopt((SOCKET)client, IPPROTO_TCP, TCP_NODELAY, (char *)&at_once, sizeof at_once);
    while (serve((SOCKET)client))
        ;
    closesocket((SOCKET)client);
    return 0;
}

int main(void)
{
    WSADATA started;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int size = sizeof address;
    WSAStartup(MAKEWORD(2, 2), &started);
    SOCKET listener = socket(AF_INET, SOCK_STREAM, 0);
    bind(listener, (struct sockaddr *)&address, sizeof address);
    listen(listener, 16);
    getsockname(listener, (struct sockaddr *)&address, &size);
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    for (;;)
        CreateThread(NULL, 0, converse, (void *)accept(listener, NULL, NULL), 0, NULL);
}
