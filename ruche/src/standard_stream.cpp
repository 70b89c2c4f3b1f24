#include <ruche/standard_stream.hpp>

#include "os/stream.hpp"
#include "os/surroundings.hpp"

namespace ruche {

namespace {

standard_stream::ends owned_by_us(fd theirs)
{
    const int number = theirs.get();
    return {number, std::move(theirs), {}};
}

} // namespace

standard_stream::ends standard_stream::open(int number) const
{
    const bool reads = number == 0;
    switch (way_) {
    case way::inherited:
        return {os::is_open(number) ? number : -1, {}, {}};
    case way::given:
        return {given_->get(), {}, {}};
    case way::discarded:
        return owned_by_us(os::open_file("/dev/null", reads ? os::file_use::read : os::file_use::append));
    case way::file:
        return owned_by_us(os::open_file(path_, reads ? os::file_use::read : os::file_use::write));
    case way::appended:
        return owned_by_us(os::open_file(path_, os::file_use::append));
    case way::captured:
        break;
    }
    auto pipe = os::make_pipe();
    ends both = owned_by_us(reads ? std::move(pipe.reading) : std::move(pipe.writing));
    both.ours = reads ? std::move(pipe.writing) : std::move(pipe.reading);
    return both;
}

std::string read_to_end(const fd& from) { return os::read_to_end(from); }

} // namespace ruche
