#include "send.hpp"

struct leaf {
    std::map<std::string, std::variant<int, std::optional<char*>>> entries;
};
struct whole {
    std::vector<std::shared_ptr<leaf>> leaves;
};

int main() { send<whole>(); }
// does not compile: whole.leaves[]->entries[]
// does not compile: .value()
// does not compile: char
// does not compile: a pointer means nothing
