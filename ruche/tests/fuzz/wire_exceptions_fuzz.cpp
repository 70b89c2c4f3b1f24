#include "fuzz.hpp"

#include <stdexcept>
#include <string>

namespace {

struct own : std::runtime_error {
    explicit own(const std::string& text) : std::runtime_error(text) {}
    std::string get_state() const { return what(); }
    static own set_state(const std::string& text) { return own(text); }
};
const ruche::throws<own> own_is_thrown;

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    wire_fuzz::try_as<std::exception_ptr>(std::as_bytes(std::span(data, size)));
    return 0;
}
