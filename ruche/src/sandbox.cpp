#include <ruche/sandbox.hpp>

#include <ruche/process.hpp>

#include <cstddef>
#include <cstring>

namespace ruche::sandbox {

namespace {

constexpr std::array names{"limits", "capabilities", "namespaces", "Landlock", "seccomp"};

template <class Word>
std::string list(layers some, Word word)
{
    std::string text;
    for (std::size_t i = 0; i < all_layers.size(); ++i)
        if (some.contains(all_layers[i]))
            text += (text.empty() ? "" : ", ") + word(i);
    return text.empty() ? "none" : text;
}

std::size_t place_of(layer one)
{
    std::size_t place = 0;
    while (all_layers[place] != one)
        ++place;
    return place;
}

std::string why(int error_number)
{
    const char* words = ::strerrordesc_np(error_number);
    return words ? words : "error " + std::to_string(error_number);
}

} // namespace

std::string describe(layers some)
{
    return list(some, [](std::size_t i) { return std::string(names[i]); });
}

profile compute(limits most, layers may_lack) { return {most, layers::all(), may_lack}; }

void report::add_missing(layer one, int error_number)
{
    missing_ = missing_ | one;
    errors_[place_of(one)] = error_number;
}

void report::set_state(state from)
{
    held_ = layers::of_bits(from.held);
    missing_ = layers::of_bits(from.missing);
    errors_ = from.errors;
}

std::string report::describe() const
{
    const std::string held = sandbox::describe(held_);
    if (missing_.empty())
        return held;
    return held + "; without " +
           list(missing_, [this](std::size_t i) { return std::string(names[i]) + " (" + why(errors_[i]) + ")"; });
}

report support()
{
    process probe({.name = "sandbox probe", .sandbox = compute({}, layers::all())}, [] {});
    probe.join();
    return probe.sandbox();
}

} // namespace ruche::sandbox
