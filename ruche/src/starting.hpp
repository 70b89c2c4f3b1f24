#pragma once

#include "start_request.hpp"

#include <ruche/error.hpp>
#include <ruche/fd.hpp>
#include <ruche/process.hpp>

#include <array>
#include <string>
#include <vector>

namespace ruche {

/// A request, and all that must stay open until it is sent.
struct outgoing_request {
    start_request words;
    std::vector<fd> owned;
    std::vector<int> descriptors;

    void add(fd descriptor)
    {
        descriptors.push_back(descriptor.get());
        owned.push_back(std::move(descriptor));
    }
};

/// The starter's ends of standard streams that were captured.
using captured_streams = std::array<fd, 3>;

/// Adds what the process is to find around it: what the starter has, changed by the options. Throws: `os_error`.
void add_surroundings(outgoing_request& request, const process_options& options, captured_streams& captured);

/// What the constructor throws when `refused` happened on the way.
[[nodiscard]] start_failed start_failure(const std::string& name, const os_error& refused);

} // namespace ruche
