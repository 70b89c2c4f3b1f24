#include "fuzz.hpp"

#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

namespace {

struct node {
    std::string name;
    std::shared_ptr<node> left, right;
    std::weak_ptr<node> up;
};
struct tree {
    int value;
    std::vector<tree> branches;
    std::unique_ptr<tree> extra;
};
class no_default {
    std::shared_ptr<no_default> next_;

public:
    explicit no_default(std::shared_ptr<no_default> next) : next_(std::move(next)) {}
    std::shared_ptr<no_default> get_state() const { return next_; }
    static no_default set_state(std::shared_ptr<no_default> next) { return no_default(std::move(next)); }
};
struct shape {
    virtual ~shape() = default;
    std::shared_ptr<shape> beside;
    static constexpr std::tuple fields{&shape::beside};
};
struct circle : shape {
    double radius = 0;
    static constexpr auto fields = std::tuple_cat(shape::fields, std::tuple{&circle::radius});
};
const ruche::derived_from<circle, shape> a_circle_is_a_shape;
struct branch : tree { // members of its own beside those of its base
    bool truth = false;
    std::unique_ptr<branch> next;
    std::map<std::string, std::shared_ptr<node>> nodes;
};

using graphs = ruche::wire::types<
    std::unique_ptr<std::string>, std::vector<std::shared_ptr<std::string>>, tree, std::vector<std::weak_ptr<int>>,
    std::tuple<std::shared_ptr<int>, std::shared_ptr<std::string>, std::shared_ptr<int>>, std::shared_ptr<no_default>,
    std::vector<std::unique_ptr<circle>>, std::map<std::string, std::unique_ptr<tree>>>;

/// Graphs with cycles are emptied after the try, or every one of them would be a leak.
template <class T>
void try_graph(std::span<const std::byte> bytes)
{
    ruche::limits limits;
    limits.memory = std::size_t{1} << 20;
    ruche::source in(bytes, {}, limits);
    try {
        const auto root = ruche::decode<std::vector<std::shared_ptr<T>>>(in);
        ruche::sink out;
        ruche::encode(out, root);
    } catch (const ruche::bad_message& error) {
        if (error.offset() > bytes.size())
            std::abort();
    }
    in.abandon();
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size == 0 || data[0] % 4 == 0)
        return wire_fuzz::try_one_of(graphs{}, data + (size == 0 ? 0 : 1), size == 0 ? 0 : size - 1);
    const auto bytes = std::as_bytes(std::span(data, size)).subspan(1);
    if (data[0] % 4 == 1)
        try_graph<shape>(bytes);
    else if (data[0] % 4 == 3)
        try_graph<branch>(bytes);
    else
        try_graph<node>(bytes);
    return 0;
}
