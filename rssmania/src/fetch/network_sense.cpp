#include "fetch/network_sense.hpp"

#include "net/url.hpp"

#include <ruche/fd.hpp>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace rssmania {
namespace {

constexpr std::size_t suspicious = 3; // hosts without a name in a row

// To connect a datagram socket sends nothing: it looks up the route.
template <class Address>
bool has_route(int family, const Address& address)
{
    const ruche::fd probe(::socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    return probe && ::connect(probe.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

} // namespace

bool has_route_to_the_world()
{
    // Any public address does, since nothing is sent: these are those of the root name server K.
    sockaddr_in four{};
    four.sin_family = AF_INET;
    four.sin_port = htons(53);
    inet_pton(AF_INET, "193.0.14.129", &four.sin_addr);
    sockaddr_in6 six{};
    six.sin6_family = AF_INET6;
    six.sin6_port = htons(53);
    inet_pton(AF_INET6, "2001:7fd::1", &six.sin6_addr);
    return has_route(AF_INET, four) || has_route(AF_INET6, six);
}

network_sense::network_sense(std::function<bool()> has_route) :
    has_route_(has_route ? std::move(has_route) : has_route_to_the_world)
{}

bool network_sense::is_offline(const http_answer& answer)
{
    const std::string host = host_of(answer.facts.url);
    if (is_this_machine(host))
        return false;
    if (!answer.no_name && !answer.no_connection) {
        without_name_.clear();
        return false;
    }
    if (!has_route_())
        return true;
    if (!answer.no_name)
        return false;
    if (without_name_.size() < suspicious)
        without_name_.insert(host);
    return without_name_.size() >= suspicious;
}

} // namespace rssmania
