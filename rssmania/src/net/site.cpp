#include "net/site.hpp"

#include "net/url.hpp"

#include <algorithm>
#include <libpsl.h>

namespace rssmania {
namespace {

bool is_numeric(const std::string& host)
{
    return host.front() == '[' ||
           std::all_of(host.begin(), host.end(), [](char c) { return (c >= '0' && c <= '9') || c == '.'; });
}

bool is_public_suffix(const std::string& name)
{
    return psl_is_public_suffix2(psl_builtin(), name.c_str(), PSL_TYPE_ICANN) != 0;
}

} // namespace

std::string site_of(const std::string& url)
{
    const std::string host_and_port = host_of(url);
    std::string name = host_and_port.substr(0, host_and_port.rfind(':'));
    if (name.empty() || is_this_machine(host_and_port) || is_numeric(name))
        return host_and_port;
    if (name.ends_with('.'))
        name.pop_back();
    for (std::size_t dot = name.find('.'); dot != std::string::npos && !is_public_suffix(name.substr(dot + 1));
         dot = name.find('.'))
        name.erase(0, dot + 1);
    return name;
}

} // namespace rssmania
