/* The internet of a test: a name whose addresses change, and one public address that leads to a port of this machine. NAMES is a file with what the name leads to now,
   INTERNET the port. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dlfcn.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define NAME "moves.example"
#define PUBLIC "93.184.215.14"

int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **found) {
    int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **) = dlsym(RTLD_NEXT, "getaddrinfo");
    char address[64] = "";
    if (node != NULL && strcmp(node, NAME) == 0) {
        FILE *names = fopen(getenv("NAMES"), "r");
        if (names == NULL || fscanf(names, "%63s", address) != 1) {
            abort();
        }
        fclose(names);
        node = address;
    }
    return real(node, service, hints, found);
}

int connect(int socket, const struct sockaddr *address, socklen_t length) {
    int (*real)(int, const struct sockaddr *, socklen_t) = dlsym(RTLD_NEXT, "connect");
    struct sockaddr_in to;
    if (address->sa_family == AF_INET && length >= sizeof to) {
        memcpy(&to, address, sizeof to);
        if (to.sin_addr.s_addr == inet_addr(PUBLIC)) {
            to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
            to.sin_port = htons((unsigned short)atoi(getenv("INTERNET")));
            return real(socket, (const struct sockaddr *)&to, sizeof to);
        }
    }
    return real(socket, address, length);
}
