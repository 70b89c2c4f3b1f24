#include "link/words.hpp"

#include <algorithm>
#include <stdexcept>

namespace ruche::link {

const std::string& checked(const std::string& name)
{
    const auto fits = [](unsigned char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
               c == '-';
    };
    if (name.empty() || name.size() > 64 || name.front() == '.' || !std::all_of(name.begin(), name.end(), fits))
        throw std::invalid_argument("'" + name +
                                    "' is no name for a listener: letters, digits, '.', '_' and '-', at most 64, not "
                                    "beginning with '.'");
    return name;
}

key key_for(const detail::meeting_place& where, const os::private_folder& folder)
{
    if (!where.key.empty())
        return key_from(std::as_bytes(std::span(where.key)));
    return key_from(os::key_in(folder));
}

} // namespace ruche::link
